import { hashApiKey } from '@posthouse/access';
import { describe, expect, it } from 'vitest';
import { run } from './command-line.ts';

describe('keys', () => {
  it('prints a key for people, with the entry for API_KEYS', async () => {
    const { code, stdout, stderr } = await run(['keys', 'shop']);
    const [key] = /ph_[\w-]{43}/.exec(stdout) ?? [''];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`\n  ${key}\n`);
    expect(stdout).toContain(`\n  shop:${hashApiKey(key)}\n`);
  });

  it('prints one line of JSON for machines', async () => {
    const { stdout } = await run(['keys', '--json', 'shop.eu-1_a']);
    const { name, key, entry } = JSON.parse(stdout);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(name).toBe('shop.eu-1_a');
    expect(entry).toBe(`shop.eu-1_a:${hashApiKey(key)}`);
  });

  it('never makes the same key twice', async () => {
    const [first, second] = await Promise.all([run(['keys', 'shop']), run(['keys', 'shop'])]);
    expect(first.stdout).not.toBe(second.stdout);
  });

  it.each([
    { args: [], why: 'A command is missing' },
    { args: ['kyes', 'shop'], why: 'no command "kyes"' },
    { args: ['keys'], why: 'A name is missing' },
    { args: ['keys', ''], why: 'letters, digits' },
    { args: ['keys', 'the shop'], why: 'letters, digits' },
    { args: ['keys', 'shop:x'], why: 'letters, digits' },
    { args: ['keys', 'a'.repeat(65)], why: 'letters, digits' },
    { args: ['keys', 'shop', 'till'], why: 'One name at a time' },
    { args: ['keys', 'shop', '--yaml'], why: "'--yaml'" },
  ])('answers $args with the usage', async ({ args, why }) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).toContain('Usage: npm run keys -- <name>');
  });
});
