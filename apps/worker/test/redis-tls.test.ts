/**
 * Every process does what it does with a Redis that takes TLS only, has a certificate of a private authority, verifies its clients, and
 * gives their user only the rights that the documentation names.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hashPassword } from '@posthouse/access';
import { AppProcess } from '@posthouse/devkit';
import { checkedCommands, leastRights } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultFixture, secrets, signUps, templatesDir } from './faults/fault-fixture.ts';

const fixture = new FaultFixture('tls');
beforeAll(() => fixture.start());
afterAll(() => fixture.close());

const entryOf = (app: string) => fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url));
const environment = () => ({ PATH: process.env['PATH'], ...fixture.redisEnv, POSTHOUSE_SECRET: secrets.seal, TEMPLATES_DIR: templatesDir });

it('API and worker', async () => {
  await expect.poll(() => fixture.readiness()).toEqual({ status: 200, body: { status: 'ok', templateSet: 'ok', redis: 'ok' } });
  await fixture.startProcess();
  for (const id of await fixture.post(signUps(3))) await fixture.reaches(id, 'sent');
});

it('the dashboard, with its board', async () => {
  const users = `anne:admin:${await hashPassword('correct horse')}`;
  const dashboard = new AppProcess({
    name: 'dashboard',
    entry: entryOf('dashboard'),
    env: { ...environment(), DASHBOARD_PORT: '0', DASHBOARD_USERS: users },
    readyWhen: (line) => line.includes('"msg":"ready"'),
  });
  await dashboard.start();
  const url = /http:\/\/[\d.]+:\d+/.exec(dashboard.output.join('\n'))?.[0];
  await expect.poll(async () => await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ok', templateSet: 'ok', redis: 'ok' });
  const form = { 'content-type': 'application/x-www-form-urlencoded', origin: url ?? '' };
  const body = new URLSearchParams({ name: 'anne', password: 'correct horse' });
  const signIn = await fetch(`${url}/login`, { method: 'POST', headers: form, body, redirect: 'manual' });
  const cookie = signIn.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ');
  for (const action of ['pause', 'resume']) await fetch(`${url}/queue/${action}`, { method: 'POST', headers: { ...form, cookie } });
  for (const path of [
    '/',
    '/mails?tag=a',
    '/failures',
    '/queue',
    '/bulk',
    '/templates',
    '/audit',
    '/queue/board/api/queues?activeQueue=mail&status=latest&page=1',
  ]) {
    const { status } = await fetch(`${url}${path}`, { headers: { cookie }, redirect: 'manual' });
    expect([path, status]).toEqual([path, 200]);
  }
  await dashboard.stop();
});

it('the commands', async () => {
  const run = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [entryOf('cli'), ...args], { env: environment() })).stdout;
  expect(JSON.parse(await run('reindex', '--json'))).toMatchObject({ unreadable: 0, removed: 0 });
  expect(JSON.parse(await run('secrets', 'list', '--json'))).toMatchObject([{ name: '0', key: 'same', mails: 3 }]);
});

it('no right was missing, no other command was used, and none of publish and subscribe', async () => {
  expect(readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')).toContain(
    `ACL SETUSER posthouse on '>password' ${leastRights}`,
  );
  // The settings of Redis are only read where that is allowed.
  const denied = (await fixture.redis.cli('ACL', 'LOG')).split('\n').filter((_, line, all) => all[line - 1] === 'object');
  expect([...new Set(denied)]).toEqual(['config|get']);
  const used = [...(await fixture.redis.cli('INFO', 'commandstats')).matchAll(/^cmdstat_([^:|]+)\S*:calls=[1-9]/gm)].map(([, name = '']) =>
    name.toUpperCase(),
  );
  const connecting = ['HELLO', 'AUTH', 'ACL', 'CONFIG', 'FLUSHALL', 'COMMAND'];
  expect(used).toContain('BZPOPMIN');
  expect(used.filter((name) => !checkedCommands.includes(name) && !connecting.includes(name))).toEqual([]);
});
