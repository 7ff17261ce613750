import { hashApiKey } from '@posthouse/access';
import { describe, expect, it } from 'vitest';
import { run } from './command-line.ts';

describe('keys', () => {
  it('prints a key and the entry for API_KEYS', async () => {
    const { code, stdout, stderr } = await run(['keys', 'shop']);
    const [key] = /ph_[\w-]{43}/.exec(stdout) ?? [''];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`\n  ${key}\n`);
    expect(stdout).toContain(`\n  shop:${hashApiKey(key)}\n`);
  });

  it('prints one line of JSON', async () => {
    const { stdout } = await run(['keys', '--json', 'shop.eu-1_a']);
    const { name, key, entry } = JSON.parse(stdout);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(name).toBe('shop.eu-1_a');
    expect(entry).toBe(`shop.eu-1_a:${hashApiKey(key)}`);
  });

  it('creates a different key each time', async () => {
    const [first, second] = await Promise.all([run(['keys', 'shop']), run(['keys', 'shop'])]);
    expect(first.stdout).not.toBe(second.stdout);
  });

  it.each([
    { args: [], why: 'A command is missing' },
    { args: ['kyes', 'shop'], why: 'Unknown command "kyes"' },
    { args: ['keys'], why: 'A name is missing' },
    { args: ['keys', ''], why: 'letters, digits' },
    { args: ['keys', 'the shop'], why: 'letters, digits' },
    { args: ['keys', 'shop:x'], why: 'letters, digits' },
    { args: ['keys', 'a'.repeat(65)], why: 'letters, digits' },
    { args: ['keys', 'shop', 'till'], why: 'Only one name' },
    { args: ['keys', 'shop', '--yaml'], why: "'--yaml'" },
  ])('rejects $args with the usage', async ({ args, why }) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).toContain('Usage: npm run keys -- <name>');
  });
});

describe('--help', () => {
  it.each([
    { args: ['--help'], commands: ['keys', 'users', 'reindex'] },
    { args: ['-h'], commands: ['keys', 'users', 'reindex'] },
    { args: ['keys', '--help'], commands: ['keys'] },
    { args: ['users', 'anne', '-h'], commands: ['users'] },
    { args: ['reindex', '--help'], commands: ['reindex'] },
  ])('prints the usage on stdout and exits 0: $args', async ({ args, commands }) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect([...stdout.matchAll(/^Usage: npm run (\w+)/gm)].map(([, name]) => name)).toEqual(commands);
  });
});
