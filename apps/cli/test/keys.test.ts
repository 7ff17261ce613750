import { hashApiKey } from '@posthouse/access';
import { RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, runProcess } from './command-line.ts';

describe('keys', () => {
  it('prints a key and the entry for API_KEYS', async () => {
    const { code, stdout, stderr } = await run(['keys', 'shop']);
    const [key] = /ph_\w{49}/.exec(stdout) ?? [''];
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

  it('warns of a sender domain that the API does not allow, where the environment says which it allows', async () => {
    const warned = async (env: NodeJS.ProcessEnv) => (await run(['keys', 'shop', '--rights', 'send+from=other.example'], { env })).stderr;
    expect(await warned({ MAIL_FROM: 'hello@shop.example' })).toMatch(/^! The API accepts no sender of other\.example: .* shop\.example\./);
    expect(await warned({ MAIL_FROM: 'hello@shop.example', MAIL_FROM_DOMAINS: 'shop.example,other.example' })).toBe('');
    expect(await warned({})).toBe('');
  });

  it('creates a different key each time', async () => {
    const [first, second] = await Promise.all([run(['keys', 'shop']), run(['keys', 'shop'])]);
    expect(first.stdout).not.toBe(second.stdout);
  });

  it.each([
    { args: ['keys'], code: 'missing-argument', why: "argument 'name'" },
    { args: ['keys', ''], code: 'invalid-value', why: '<name>: A name has 1 to 64 letters' },
    { args: ['keys', 'the shop'], code: 'invalid-value', why: 'letters, digits' },
    { args: ['keys', 'shop:x'], code: 'invalid-value', why: 'letters, digits' },
    { args: ['keys', 'a'.repeat(65)], code: 'invalid-value', why: 'letters, digits' },
    { args: ['keys', 'shop', 'till'], code: 'excess-arguments', why: 'Expected 1 argument but got 2' },
    { args: ['keys', 'creat', 'shop'], code: 'unknown-command', why: "'creat'. (Did you mean create?)" },
    { args: ['keys', 'shop', '--yaml'], code: 'unknown-option', why: "'--yaml'" },
  ])('rejects $args as $code', async ({ args, code, why }) => {
    const ended = await run(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(why);
    expect(ended.stderr).toMatch(new RegExp(`^✗ .* \\[${code}\\]\n\nposthouse keys entry --help shows what is possible\\.\n$`));
  });
});

describe('keys in Redis', () => {
  const redis = new RedisProcess();
  beforeAll(() => redis.start());
  afterAll(() => redis.stop());
  const env = () => ({ REDIS_URL: redis.url, POSTHOUSE_SECRET: 'e'.repeat(64), NODE_ENV: 'production' });

  it('are made by a process, which reads its environment, prints the key on stdout and exits 0', async () => {
    const made = await runProcess(['keys', 'create', 'app', '--json'], { env: env() });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { name, key } = JSON.parse(made.stdout);
    expect({ name, key }).toEqual({ name: 'app', key: expect.stringMatching(/^ph_\w{49}$/) });
    const { code, stdout, stderr } = await runProcess(['keys', 'list', 'app'], { env: env() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^✗ Too many arguments for 'list'\..* \[excess-arguments\]\n/);
    expect(await run(['keys', 'revoke', 'app'], { env: env() })).toMatchObject({ code: 0 });
  });

  it('are made, listed, rotated, limited and revoked', async () => {
    const created = await run(['keys', 'create', 'shop', '--rights', 'send+rate=10/s'], { env: env() });
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout).toMatch(/^ {2}ph_\w{49}\n\nEvery API process accepts it at once\.$/m);
    const again = await run(['keys', 'create', 'shop'], { env: env() });
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('of the name shop already') });
    const rotated = await run(['keys', 'rotate', 'shop', '--overlap', '7d', '--json'], { env: env() });
    expect(JSON.parse(rotated.stdout)).toEqual({ name: 'shop', key: expect.stringMatching(/^ph_\w{49}$/) });
    await run(['keys', 'limit', 'shop', '--rights', 'send+read-all'], { env: env() });
    const listed = await run(['keys', 'list'], { env: env() });
    expect(listed.stdout).toMatch(/^shop: send\+read-all; not used yet; the previous key is valid until \d{4}-/);
    for (const { stdout } of [created, rotated]) expect(listed.stdout).not.toContain(/ph_\w{49}/.exec(stdout)?.[0]);
    expect((await run(['keys', 'revoke', 'shop'], { env: env() })).code).toBe(0);
    expect((await run(['keys', 'list', '--json'], { env: env() })).stdout.trim()).toBe('[]');
    expect((await run(['keys', 'list'], { env: env() })).stdout).toBe('There are no API keys in Redis. Keys in API_KEYS are not listed.\n');
  });

  it.each([
    {
      args: ['create', 'shop', '--rights', 'content+send+send'],
      code: 2,
      why: /more than once; contain content without.* \[invalid-value\]/,
    },
    { args: ['limit', 'shop'], code: 2, why: /'--rights <rights>' not specified/ },
    { args: ['rotate', 'shop', '--overlap', '91d'], code: 2, why: /at most 90d/ },
    { args: ['rotate', 'shop'], code: 1, why: /no API key of the name shop.* \[missing\]/ },
    { args: ['list', 'shop'], code: 2, why: /Too many arguments for 'list'/ },
  ])('$args is refused', async ({ args, code, why }) => {
    const { code: exitCode, stderr } = await run(['keys', ...args], { env: env() });
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(why);
    expect(stderr).not.toContain('    at ');
  });
});
