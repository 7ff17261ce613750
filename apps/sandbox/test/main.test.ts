/** The process that `npm start` runs: its output, its exit codes, and that it leaves no processes or files behind. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CertificateAuthority, freePort, RedisProcess } from '@posthouse/devkit';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

const run = promisify(execFile);
const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const commandLine = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));

let folder: string;
let running: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
});

afterEach(async () => {
  running?.kill('SIGKILL');
  for (const each of [folder, keptIn(folder)]) await rm(each, { recursive: true, force: true });
});

const keptIn = (own: string) => `${own}-kept`;

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    TMPDIR: folder,
    SANDBOX_DIR: keptIn(folder),
    SANDBOX_PORT: '0',
    API_PORT: '0',
    DASHBOARD_PORT: '0',
    SUBMISSION_TLS_PORT: '0',
    ...more,
  };
}

test('--once ends with the receipt as the last line of stdout: two at the same time, where the default port is in use', async () => {
  const otherServer = createServer().listen(3000, '127.0.0.1');
  await new Promise((resolve) => otherServer.once('listening', resolve).once('error', resolve)); // an error: it is in use already
  onTestFinished(() => void otherServer.close());
  const [redis, redisEnv] = await redisOfAnEarlierSandbox();
  const once = (args: string[], more: NodeJS.ProcessEnv) =>
    run(process.execPath, [entry, '--once', ...args], { env: environment({ SANDBOX_PORT: undefined, API_PORT: undefined, ...more }) });
  const both = await Promise.all([
    // It takes no client without a name.
    once(['--relay', 'workspace-relay'], {}),
    once([], redisEnv),
  ]);
  for (const { stdout, stderr } of both) {
    const receipt = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(Object.keys(receipt)).toEqual(['id', 'state', 'response', 'messageId', 'provider', 'recipients', 'acceptedInMs', 'sentAfterMs']);
    expect(receipt).toMatchObject({ state: 'sent', response: expect.stringMatching(/^250 /) });
    expect(stderr).toContain('the welcome mail has arrived');
    expect(stderr).toContain(receipt.response);
    expect(stderr).toContain('! Port 3000 is in use: the API listens on another one.');
    expect(stderr).not.toContain('✗');
  }
  expect(existsSync(keptIn(folder))).toBe(false);
  // Besides the earlier key there is the given one alone.
  expect((await redis.cli('HKEYS', '{posthouse}:secrets')).split('\n').sort()).toEqual(['0', 'given']);
});

/** A Redis with TLS, with mails of an earlier sandbox, and the variables by which a sandbox reaches it. */
async function redisOfAnEarlierSandbox(): Promise<[RedisProcess, NodeJS.ProcessEnv]> {
  const ca = await CertificateAuthority.create();
  const redis = new RedisProcess({ tls: { ca, verifyClients: true } });
  onTestFinished(() => redis.stop());
  await redis.start();
  await redis.cli('HSET', '{posthouse}:secrets', '0', 'the check value of an earlier key');
  const { certPem, keyPem } = await ca.issue({ hosts: ['sandbox'], client: true });
  const files = { REDIS_CA_FILE: ca.caPem, REDIS_CERT_FILE: certPem, REDIS_KEY_FILE: keyPem };
  for (const [name, pem] of Object.entries(files)) await writeFile(join(folder, name), pem);
  return [
    redis,
    {
      REDIS_URL: redis.url,
      POSTHOUSE_SECRET: `given:${'a'.repeat(64)}`,
      ...Object.fromEntries(Object.keys(files).map((name) => [name, join(folder, name)])),
    },
  ];
}

test('--once exits with 1 and the reason when the mail cannot arrive', async () => {
  const redis = new RedisProcess();
  onTestFinished(() => redis.stop());
  await redis.start();
  await redis.cli('CONFIG', 'SET', 'maxmemory', '1');
  const failure = await run(process.execPath, [entry, '--once'], { env: environment({ REDIS_URL: redis.url }) }).catch((error) => error);
  expect(failure).toMatchObject({ code: 1, stdout: '' });
  expect(failure.stderr).toContain('the welcome mail has not arrived');
  expect(failure.stderr).toContain('Redis unavailable (503)');
});

test.each([[[]], [['--once']]])('%j exits with 1 and one error when REDIS_URL leads to no Redis', async (args) => {
  const port = await freePort();
  const env = environment({ REDIS_URL: `redis://127.0.0.1:${port}` });
  const failure = await run(process.execPath, [entry, ...args], { env }).catch((error) => error);
  expect(failure).toMatchObject({ code: 1, stdout: '' });
  expect(failure.stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(
      new RegExp(`^✗ REDIS_URL of the environment .* 127\\.0\\.0\\.1:${port}: .* unset REDIS_URL, and the sandbox starts its own`),
    ),
  ]);
});

test('invalid configuration: exits with 1 and one message', async () => {
  const failure = await run(process.execPath, [entry, '--twice'], { env: environment({ SANDBOX_PORT: 'x' }) }).catch((error) => error);
  expect(failure).toMatchObject({ code: 1, stdout: '' });
  expect(failure.stderr).toMatch(/^✗ 2 configuration errors:/);
});

test('prints its URLs, its relay and how to send a mail, and Ctrl-C leaves nothing behind', async () => {
  const sandbox = spawn(process.execPath, [entry, '--relay', 'office365:quota=20'], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running = sandbox;
  const output = await outputUntil(sandbox, 'Ctrl-C stops everything');
  expect(output).not.toContain('\u001b');
  expect(output).toContain('the welcome mail has arrived');
  expect(output).toMatch(/^ {2}Relay +behaves like Office 365 \(smtp\.office365\.com\); limits: connections=3, quota=20, recipients=500$/m);
  const url = (name: string) =>
    new RegExp(`^  ${name} +(?:redis-cli -u )?(\\S+)(?:   sign in as admin, password \\S+)?$`, 'm').exec(output)?.[1] ?? '';
  for (const name of ['Sign up', 'Inbox', 'Dashboard', 'API docs']) expect((await fetch(url(name))).status).toBe(200);

  const answer = await fetch(...(await requestOf(output.slice(output.indexOf('  export'), output.indexOf("}'") + 2))));
  expect(answer.status).toBe(202);
  const file = join(keptIn(folder), 'credentials.json');
  expect(output).toContain(`npm start -- --fresh makes new ones. They are in\n  ${file}\n`);
  const { key, password } = JSON.parse(await readFile(file, 'utf8'));
  expect(output).toContain(`\n  export POSTHOUSE_URL=${new URL(url('API docs')).origin}\n  export POSTHOUSE_KEY=${key}\n`);
  expect(output).toContain(`sign in as admin, password ${password}\n`);

  const setting = (name: string) => new RegExp(`^  export ${name}='(.+)'$`, 'm').exec(output)?.[1] ?? '';
  expect(await readFile(setting('SMTP_CA_FILE'), 'utf8')).toContain('BEGIN CERTIFICATE');
  expect(setting('MAIL_FROM')).toContain('@yourhouse.example>');
  const row = (name: string) => new RegExp(`^  ${name} +(\\S+)`, 'm').exec(output.slice(output.indexOf('SMTP settings')))?.[1] ?? '';
  expect([row('Host'), row('Security'), row('Password')]).toEqual(['localhost', 'TLS', key]);
  const ca = await readFile(setting('SMTP_CA_FILE'));
  const secure = connectTls({ host: row('Host'), port: Number(row('Port')), ca });
  expect(String((await once(secure, 'data'))[0])).toBe('220 localhost ESMTP Posthouse\r\n');
  secure.destroy();
  const greeting = connect(Number(new URL(setting('SMTP_URL')).port), '127.0.0.1');
  expect(String((await once(greeting, 'data'))[0])).toMatch(/^220 /);
  greeting.destroy();

  const exports = output.split('\n').filter((line) => line.startsWith('  export '));
  const listed = await run('sh', ['-c', `${exports.join('\n')}\n"$0" "$1" mails list`, process.execPath, commandLine], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  });
  expect(listed.stdout).toContain('you@example.com');

  const children = await childrenOf(sandbox.pid as number);
  expect(children).toHaveLength(5);
  expect(await readdir(folder)).toHaveLength(2);
  sandbox.kill('SIGINT');
  sandbox.kill('SIGINT'); // npm forwards the Ctrl-C that the process has already received
  expect(await once(sandbox, 'exit')).toEqual([0, null]);
  for (const pid of children) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(await readdir(folder)).toEqual([]);
});

async function outputUntil({ stdout }: ChildProcess, text: string): Promise<string> {
  let output = '';
  for await (const chunk of stdout ?? []) {
    output += chunk;
    if (output.includes(text)) return output;
  }
  throw new Error(`The process exited before it printed "${text}":\n${output}`);
}

/** The request that the curl command sends, as a shell parses it. */
async function requestOf(line: string): Promise<[string, RequestInit]> {
  const { stdout } = await run('sh', ['-c', `curl() { printf '%s\\n' "$@"; }\n${line}`]);
  const [url = '', ...options] = stdout.trimEnd().split('\n');
  const given = (flag: string) => options.filter((_, index) => options[index - 1] === flag);
  const headers = given('-H').map((header): [string, string] => [
    header.slice(0, header.indexOf(':')),
    header.slice(header.indexOf(':') + 1),
  ]);
  return [url, { method: 'POST', headers, body: given('-d')[0] ?? '' }];
}

/** The child processes of a process: from /proc on Linux (proc(5)), from ps elsewhere. */
async function childrenOf(pid: number): Promise<number[]> {
  const list = `/proc/${pid}/task/${pid}/children`;
  if (existsSync(list)) return (await readFile(list, 'utf8')).trim().split(' ').map(Number);
  const { stdout } = await run('ps', ['-A', '-o', 'ppid=', '-o', 'pid=']);
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([parent, child]) => (parent === pid && child !== undefined ? [child] : []));
}
