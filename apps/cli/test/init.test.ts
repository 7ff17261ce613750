import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parseApiKeys, verifyPassword } from '@posthouse/access';
import { freePort, RedisProcess } from '@posthouse/devkit';
import { sealKeys } from '@posthouse/queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { run, runProcess } from './command-line.ts';

const redis = new RedisProcess();
let folder: string;
let file: string;

beforeAll(() => redis.start());
afterAll(() => redis.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'init-test-'));
  file = join(folder, '.env');
  onTestFinished(() => rm(folder, { recursive: true }));
});

const init = (args: string[] = [], redisUrl = redis.url) => run(['init', ...args], { env: { REDIS_URL: redisUrl }, folder });

describe('init', () => {
  it('as a process writes an .env into its folder that only its owner can read, with the hashes of the key and the password that it prints', async () => {
    const { code, stdout, stderr } = await runProcess(['init'], { env: { REDIS_URL: redis.url }, folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    const env = parseEnv(text);
    const key = /^ {2}export POSTHOUSE_URL=http:\/\/127\.0\.0\.1:3000\n {2}export POSTHOUSE_KEY=(\S+)$/m.exec(stdout)?.[1] ?? '';
    const password = /has its hash:\n\n {2}(\S+)\n/.exec(stdout.slice(stdout.indexOf('User of the dashboard: admin.')))?.[1] ?? '';
    expect(text).not.toContain(key);
    expect(text).not.toContain(password);
    const [entry] = parseApiKeys(env['API_KEYS'] ?? '').values();
    expect(entry?.name).toBe('app');
    expect((await run(['keys', 'app'])).stdout).not.toContain(env['API_KEYS']);
    const [name, role, hash] = (env['DASHBOARD_USERS'] ?? '').split(':');
    expect([name, role, await verifyPassword(password, hash)]).toEqual(['admin', 'admin', true]);
    expect(sealKeys(env['POSTHOUSE_SECRET'] ?? '')).toHaveLength(1);
    expect(env['SMTP_URL']).toBe('smtp://localhost:1025?tls=off');
    expect(stdout).toContain(`Redis answers at 127.0.0.1:${redis.port}, writes every change to disk and evicts no key.`);
    for (const next of ['npm run api', 'npm run worker', 'npm run dashboard', 'axllent/mailpit']) expect(stdout).toContain(next);
  });

  it('leaves an .env as it is, and with --force keeps it under another name', async () => {
    const first = JSON.parse((await init(['--json'])).stdout);
    const text = await readFile(file, 'utf8');
    const refused = await init();
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^✗ .*\.env exists and was not changed\. .* With --force it is replaced, and kept under another name\. \[file-exists\]$/m,
    );
    expect(await readFile(file, 'utf8')).toBe(text);

    const second = JSON.parse((await init(['--force', '--json'])).stdout);
    expect(second).toMatchObject({ file, previous: expect.stringMatching(/\.env\.\d{14}$/) });
    expect(await readFile(second.previous, 'utf8')).toBe(text);
    expect((await stat(second.previous)).mode & 0o777).toBe(0o600);
    expect(second.apiKey.key).not.toBe(first.apiKey.key);
    expect((await readdir(folder)).length).toBe(2);
  });

  it('says how to start Redis where none answers, without the password of REDIS_URL', async () => {
    const port = await freePort();
    const { code, stdout } = await init([], `redis://user:planted@127.0.0.1:${port}`);
    expect(code).toBe(0);
    expect(stdout).toContain(`1. No Redis at 127.0.0.1:${port}. Redis cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}.`);
    expect(stdout).toMatch(/-server --appendonly yes --appendfsync always --maxmemory-policy noeviction$/m);
    expect(stdout).not.toContain('planted');
  });

  it('says which settings of Redis lose mail, and that mails in it are sealed with another secret', async () => {
    await redis.cli('CONFIG', 'SET', 'appendfsync', 'everysec');
    onTestFinished(async () => void (await redis.cli('CONFIG', 'SET', 'appendfsync', 'always')));
    const { stdout } = await init(['--json']);
    expect(JSON.parse(stdout).redis).toEqual({
      address: `127.0.0.1:${redis.port}`,
      state: 'unsafe',
      issues: [
        'Redis may lose accepted mails in a crash (appendonly yes, appendfsync everysec): set appendonly yes and appendfsync always.',
      ],
    });
    await redis.cli('HSET', '{posthouse}:secrets', '0', 'the check value of another key');
    onTestFinished(async () => void (await redis.cli('DEL', '{posthouse}:secrets')));
    const other = await init(['--force', '--json']);
    expect(JSON.parse(other.stdout).redis).toMatchObject({
      state: 'unusable',
      issues: [expect.stringContaining('another key under the name "0"')],
    });
  });

  it('rejects what it does not know, and a REDIS_URL that is none, and then writes nothing', async () => {
    expect((await init(['--forec'])).stderr).toContain('[unknown-option]\n\nposthouse init --help shows');
    expect((await init([], 'localhost')).stderr).toContain('REDIS_URL must be a URL');
    expect(await readdir(folder)).toEqual([]);
  });
});
