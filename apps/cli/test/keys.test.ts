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
    { args: ['--help'], commands: ['init', 'keys', 'users', 'reindex', 'secrets', 'cli'] },
    { args: ['-h'], commands: ['init', 'keys', 'users', 'reindex', 'secrets', 'cli'] },
    { args: ['keys', '--help'], commands: ['keys'] },
    { args: ['users', 'anne', '-h'], commands: ['users'] },
    { args: ['reindex', '--help'], commands: ['reindex'] },
  ])('prints the usage on stdout and exits 0: $args', async ({ args, commands }) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect([...stdout.matchAll(/^Usage: npm run (\w+)/gm)].map(([, name]) => name)).toEqual(commands);
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
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^list takes no name\.\n\nUsage: npm run keys/);
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
  });

  it.each([
    { args: ['create', 'shop', '--rights', 'content+send+send'], why: /more than once; contain content without/ },
    { args: ['limit', 'shop'], why: /State the rights/ },
    { args: ['rotate', 'shop', '--overlap', '91d'], why: /at most 90d/ },
    { args: ['rotate', 'shop'], why: /no API key of the name shop/ },
    { args: ['list', 'shop'], why: /list takes no name/ },
  ])('$args is refused', async ({ args, why }) => {
    const { code, stderr } = await run(['keys', ...args], { env: env() });
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
    expect(stderr).not.toContain('    at ');
  });
});
