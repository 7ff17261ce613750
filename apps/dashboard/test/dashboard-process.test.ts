/** The dashboard as a process: starting and stopping. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { hashPassword } from '@posthouse/access';
import { AppProcess, RedisProcess } from '@posthouse/devkit';
import { expect, it } from 'vitest';
import { templatesDir } from './dashboard-fixture.ts';

const env = {
  PATH: process.env['PATH'],
  REDIS_URL: 'redis://127.0.0.1:1',
  POSTHOUSE_SECRET: 'a'.repeat(64),
  DASHBOARD_USERS: `anne:admin:${await hashPassword('correct horse')}`,
  DASHBOARD_PORT: '0',
  TEMPLATES_DIR: templatesDir,
};

function dashboard(change: NodeJS.ProcessEnv): AppProcess {
  const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  return new AppProcess({ name: 'dashboard', entry, env: { ...env, ...change }, readyWhen: (line) => line.includes('"msg":"ready"') });
}

it('starts while Redis is down, answers, and stops on SIGTERM', async () => {
  const process = dashboard({});
  await process.start();
  const url = /http:\/\/[\d.]+:\d+/.exec(process.output.join('\n'))?.[0];
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  process.kill('SIGTERM');
  expect(await process.exit).toEqual({ code: 0, signal: null });
});

it('starts without a user, and says in the log what to do', async () => {
  const redis = new RedisProcess();
  await redis.start();
  const process = dashboard({ REDIS_URL: redis.url, DASHBOARD_USERS: '' });
  await process.start();
  await expect.poll(() => process.output.join('\n')).toContain('there is no user: nobody can sign in');
  expect(process.output.join('\n')).toContain('npm run users -- create <name> --role admin');
  await process.stop();
  await redis.stop();
});

it('names a port in use and the variable to set', async () => {
  const other: Server = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const process = dashboard({ DASHBOARD_PORT: String(port) });
  await expect(process.start()).rejects.toThrow(`127.0.0.1:${port}: another process uses this port. Set DASHBOARD_PORT to a free one.`);
  expect(await process.exit).toMatchObject({ code: 1 });
  other.close();
});
