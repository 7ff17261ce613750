import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { AppProcess, type AppProcessOptions } from '../src/app-process.ts';

const entry = fileURLToPath(new URL('fixture/app.mjs', import.meta.url));
const apps: AppProcess[] = [];

function app(behaviour: string, options: Partial<AppProcessOptions> = {}): AppProcess {
  const made = new AppProcess({ name: 'api', entry, args: [behaviour], env: {}, readyWhen: (line) => line === 'ready', ...options });
  apps.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(apps.splice(0).map((made) => made.stop()));
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

test('the environment is handed over whole, and nothing of ours with it', async () => {
  const api = app('environment', { env: { COLOUR: 'blue' } });
  await api.start();
  const environment = JSON.parse(api.output[0] ?? '');
  expect(environment).toMatchObject({ COLOUR: 'blue' });
  expect(environment).not.toHaveProperty('HOME');
  expect(environment).not.toHaveProperty('VITEST');
});

test('an early exit rejects start with what the app said', async () => {
  const api = app('crash');
  await expect(api.start()).rejects.toThrow(
    /^api ended \(code 3\) before it was ready[\s\S]*reading the configuration[\s\S]*API_KEYS is not set/,
  );
  expect(await api.exit).toEqual({ code: 3, signal: null });
});

test('an entry that does not exist rejects start with the reason', async () => {
  await expect(app('well-behaved', { entry: '/nowhere/main.js' }).start()).rejects.toThrow(/Cannot find module/);
});

test('an app that is not ready in time is killed', async () => {
  const api = app('silent', { startTimeoutMs: 300 });
  await expect(api.start()).rejects.toThrow('api was not ready within 300 ms');
  expect(await api.exit).toEqual({ code: null, signal: 'SIGKILL' });
});

test('an app that ignores SIGTERM is killed at the deadline', async () => {
  const api = app('stubborn', { stopTimeoutMs: 300 });
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

test('a start that is cut short by stop rejects', async () => {
  const api = app('silent');
  const started = expect(api.start()).rejects.toThrow('before it was ready');
  await api.stop();
  await started;
});
