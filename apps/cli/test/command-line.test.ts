import { expect, it } from 'vitest';
import { run } from './command-line.ts';

it('reports everything that is wrong with the arguments at once, also as JSON, and runs nothing', async () => {
  const args = ['keys', 'rotate', 'a:b', '--overlap', '3x', '--foo', '--bar'];
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(`✗ --overlap <time>: A number with s, min, h or d, at most 90d: 24h. [invalid-value]
✗ Unknown option '--foo'. [unknown-option]
✗ Unknown option '--bar'. [unknown-option]
✗ <name>: A name has 1 to 64 letters, digits, dots, dashes and underscores. [invalid-value]

posthouse keys rotate --help shows what is possible.
`);
  const { errors } = JSON.parse((await run([...args, '--json'])).stderr);
  expect(errors.map((error: { code: string }) => error.code)).toEqual([
    'invalid-value',
    'unknown-option',
    'unknown-option',
    'invalid-value',
  ]);
});

it('reports every variable that is wrong, with 2 as for wrong arguments', async () => {
  const { code, stderr } = await run(['reindex'], { env: { REDIS_URL: 'localhost' } });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^✗ REDIS_URL must be .* \[configuration\]\n✗ POSTHOUSE_SECRET is not set\..* \[configuration\]\n$/);
});

it.each([
  { args: ['kyes'], why: "✗ Unknown command 'kyes'. (Did you mean keys?) [unknown-command]" },
  { args: ['keys', 'create', '--yaml'], why: "✗ Missing required argument 'name'. [missing-argument]" },
  {
    args: ['users', 'role', 'anne', '--role', 'root'],
    why: '✗ --role <role>: Allowed choices are viewer, operator, admin. [invalid-value]',
  },
  { args: ['templates', 'types', '--chek'], why: "✗ Unknown option '--chek'. (Did you mean --check?) [unknown-option]" },
  { args: [], why: 'Usage: posthouse [options] [command]\n' },
  { args: ['templates'], why: 'Usage: posthouse templates [options] [command]\n' },
])('$args: $why', async ({ args, why }) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(why);
});

it.each([
  { args: ['--help'], usage: 'posthouse [options] [command]' },
  { args: ['help', 'keys', 'rotate'], usage: 'posthouse keys rotate [options] <name>' },
  { args: ['users', 'list', '-h'], usage: 'posthouse users list [options]' },
])('$args prints the help on stdout and exits 0', async ({ args, usage }) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')[0]).toBe(`Usage: ${usage}`);
});

it('has a help of every command that fits 80 columns', async () => {
  const groups = ['templates', 'mails', 'keys', 'users', 'secrets'];
  const namesIn = async (...path: string[]) => {
    const { stdout } = await run([...path, '--help']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    return [...stdout.matchAll(/^ {2}([a-z-]+) .*$/gm)].map(([, name = '']) => name).filter((name) => name !== 'posthouse');
  };
  const top = await namesIn();
  expect(top).toEqual(expect.arrayContaining(groups));
  for (const name of top) {
    for (const child of groups.includes(name) ? await namesIn(name) : []) await namesIn(name, child);
    if (!groups.includes(name)) await namesIn(name);
  }
});

it('has colours in its help where the terminal shows them', async () => {
  expect((await run(['--help'], { colors: true })).stdout).toContain('\u001b[1mUsage:\u001b[22m');
  expect((await run(['--help'])).stdout).not.toContain('\u001b');
});
