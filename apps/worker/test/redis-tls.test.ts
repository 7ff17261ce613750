/** Every process reaches a Redis that takes TLS only, has a certificate of a private authority and verifies its clients. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hashPassword } from '@posthouse/access';
import { AppProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultFixture, secrets, signUps, templatesDir } from './faults/fault-fixture.ts';

const fixture = new FaultFixture('tls');
beforeAll(() => fixture.start());
afterAll(() => fixture.close());

const entryOf = (app: string) => fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url));
const environment = () => ({ PATH: process.env['PATH'], ...fixture.redisEnv, POSTHOUSE_SECRET: secrets.seal, TEMPLATES_DIR: templatesDir });

it('API and worker', async () => {
  expect(await fixture.readiness()).toEqual({ status: 200, body: { status: 'ok', redis: 'ok' } });
  await fixture.startWorker();
  for (const id of await fixture.post(signUps(3))) await fixture.reaches(id, 'sent');
});

it('the dashboard', async () => {
  const users = `anne:viewer:${await hashPassword('correct horse')}`;
  const dashboard = new AppProcess({
    name: 'dashboard',
    entry: entryOf('dashboard'),
    env: { ...environment(), DASHBOARD_PORT: '0', DASHBOARD_USERS: users },
    readyWhen: (line) => line.includes('"msg":"ready"'),
  });
  await dashboard.start();
  const url = /http:\/\/[\d.]+:\d+/.exec(dashboard.output.join('\n'))?.[0];
  await expect.poll(async () => await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ok', redis: 'ok' });
  await dashboard.stop();
});

it('reindex', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [entryOf('cli'), 'reindex', '--json'], { env: environment() });
  expect(JSON.parse(stdout)).toMatchObject({ unreadable: 0, removed: 0 });
});
