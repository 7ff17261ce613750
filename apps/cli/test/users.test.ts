import { verifyPassword } from '@posthouse/access';
import { describe, expect, it } from 'vitest';
import { run } from './command-line.ts';

describe('users', () => {
  it('prints the entry of a viewer, with a hash of the first line of stdin', async () => {
    const { code, stdout, stderr } = await run(['users', 'anne'], 'correct horse\nand more\n');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const hash = /^ {2}anne:viewer:(\S+)$/m.exec(stdout)?.[1] ?? '';
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(stdout).not.toContain('correct horse');
  });

  it('generates a password and prints it, as JSON', async () => {
    const { stdout } = await run(['users', 'anne', '--role', 'admin', '--generate', '--json']);
    const { name, role, password, entry } = JSON.parse(stdout);
    expect({ name, role }).toEqual({ name: 'anne', role: 'admin' });
    expect(await verifyPassword(password, entry.slice('anne:admin:'.length))).toBe(true);
  });

  it.each([
    { args: ['users'], why: 'A name is missing' },
    { args: ['users', 'anne:admin'], why: 'letters, digits' },
    { args: ['users', 'anne', '--role', 'root'], why: 'viewer, operator, admin' },
    { args: ['users', 'anne', '--password', 'x'], why: "'--password'" },
    { args: ['users', 'anne'], why: 'A password is missing' },
    { args: ['users', 'anne'], stdin: 'short\n', why: '12 to 256 characters' },
  ])('rejects $args with the usage: $why', async ({ args, stdin, why }) => {
    const { code, stdout, stderr } = await run(args, stdin);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).toContain('Usage: npm run users -- <name>');
  });
});
