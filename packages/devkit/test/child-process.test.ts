import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { AppProcess, type AppProcessOptions } from '../src/child-process.ts';

const entry = fileURLToPath(new URL('fixture/app.mjs', import.meta.url));
const apps: AppProcess[] = [];

function app(behaviour: string, options: Partial<AppProcessOptions> = {}): AppProcess {
  const created = new AppProcess({ name: 'api', entry, args: [behaviour], env: {}, readyWhen: (line) => line === 'ready', ...options });
  apps.push(created);
  return created;
}

afterEach(async () => {
  await Promise.all(apps.splice(0).map((each) => each.stop()));
});

test('start resolves at the ready line, stop ends it with SIGTERM', async () => {
  const lines: string[] = [];
  const api = app('well-behaved', { env: { COLOUR: 'blue' }, onLine: (line) => lines.push(line) });
  await api.start();
  expect(lines).toContain('ready');
  expect(api.pid).toBeGreaterThan(0);
  await api.stop();
  expect(await api.exit).toEqual({ code: 0, signal: null });
  expect(api.output).toEqual(lines);
});

test('the app gets the given environment and nothing of the parent', async () => {
  const api = app('environment', { env: { COLOUR: 'blue' } });
  await api.start();
  const environment = JSON.parse(api.output[0] ?? '');
  expect(environment).toMatchObject({ COLOUR: 'blue' });
  expect(environment).not.toHaveProperty('HOME');
  expect(environment).not.toHaveProperty('VITEST');
});

test('an early exit rejects start with the output of the app', async () => {
  const api = app('crash');
  await expect(api.start()).rejects.toThrow(
    /^api ended \(code 3\) before it was ready[\s\S]*reading the configuration[\s\S]*API_KEYS is not set/,
  );
  expect(await api.exit).toEqual({ code: 3, signal: null });
});

test('an entry that does not exist rejects start with the reason', async () => {
  await expect(app('well-behaved', { entry: join(tmpdir(), 'nowhere.js') }).start()).rejects.toThrow(/Cannot find module/);
});

test('an app that is not ready in time is killed', async () => {
  const api = app('silent', { startTimeoutMs: 300 });
  await expect(api.start()).rejects.toThrow('api was not ready within 300 ms');
  expect(await api.exit).toEqual({ code: null, signal: 'SIGKILL' });
});

test('an app that ignores SIGTERM is killed at the deadline', async () => {
  const api = app('stubborn', { stopTimeoutMs: 1500 });
  await api.start();
  await api.stop();
  expect(api.output).toContain('not now');
  expect(await api.exit).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a frozen app can be stopped', async () => {
  const api = app('well-behaved');
  await api.start();
  api.kill('SIGSTOP');
  await api.stop();
  expect(await api.exit).toEqual({ code: 0, signal: null });
});

test('kill ends it at once, and a second stop is harmless', async () => {
  const api = app('stubborn');
  await api.start();
  api.kill('SIGKILL');
  expect(await api.exit).toEqual({ code: null, signal: 'SIGKILL' });
  await api.stop();
  await api.stop();
});

test('stop before start is harmless', async () => {
  await app('well-behaved').stop();
});

test('a start that is interrupted by stop rejects', async () => {
  const api = app('silent');
  const started = expect(api.start()).rejects.toThrow('before it was ready');
  await api.stop();
  await started;
});

test('an app ends when the process that started it is killed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const parentFile = fileURLToPath(new URL('fixture/parent.mjs', import.meta.url));

  const parent = spawn(process.execPath, [parentFile, entry, 'stubborn', String(port)], { stdio: 'ignore' });
  const [connection] = (await once(server, 'connection')) as [Socket];
  connection.resume().on('error', () => undefined); // a killed process may reset its connection instead of closing it
  expect(connection.closed).toBe(false);
  parent.kill('SIGKILL');
  await once(connection, 'close');
  server.close();
});
