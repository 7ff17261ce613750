/** A dashboard process beside the fixture, with users and API keys in Redis that are made, used, changed and removed. */
import { fileURLToPath } from 'node:url';
import { hashPassword, parseKeyRights } from '@posthouse/access';
import { AppProcess, patientDurations } from '@posthouse/devkit';
import { ApiKeys, RequestConnection, Sealer, sealKeys, UserDirectory } from '@posthouse/queue';
import { expect } from 'vitest';
import { type FaultFixture, secrets, templatesDir } from './fault-fixture.ts';

const by = { who: 'test', role: 'admin' };
const password = 'planted horse battery 1';
const changed = 'planted horse battery 2';
const configured = 'planted horse battery 3';

/** Uses them all. @returns what must be in no log and not in Redis, by what it is, and the log of the dashboard */
export async function usePeopleAndKeys(
  fixture: FaultFixture,
): Promise<{ planted: Record<string, string>; logs: () => string; stop: () => Promise<void> }> {
  const connection = new RequestConnection(fixture.redis.url, new Sealer(sealKeys(secrets.seal)), patientDurations(), () => undefined);
  await connection.start();
  await connection.whenReady();
  const hash = await hashPassword(password);
  const configuredHash = await hashPassword(configured);
  await new UserDirectory(connection).create('anne', 'admin', { hash, isTemporary: false }, by);
  const dashboard = new AppProcess({
    name: 'dashboard',
    entry: fileURLToPath(new URL('../../../dashboard/dist/main.js', import.meta.url)),
    env: {
      ...{ PATH: process.env['PATH'], REDIS_URL: fixture.redis.url, POSTHOUSE_SECRET: secrets.seal, TEMPLATES_DIR: templatesDir },
      ...{ DASHBOARD_PORT: '0', DASHBOARD_TRUSTED_PROXY: '127.0.0.1', LOG_LEVEL: 'debug', DASHBOARD_USERS: `ben:admin:${configuredHash}` },
    },
    readyWhen: (line) => line.includes('"msg":"ready"'),
  });
  await dashboard.start();
  const url = /http:\/\/[\d.]+:\d+/.exec(dashboard.output.join('\n'))?.[0];
  const cookies: string[] = [];
  const post = async (path: string, form: Record<string, string>, expected: number) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        ...{ cookie: cookies.at(-1) ?? '', 'sec-fetch-site': 'same-origin', 'user-agent': 'planted-browser Firefox/140.0' },
        'x-forwarded-for': '203.0.113.77',
      },
      body: new URLSearchParams(form),
    });
    expect(response.status, path).toBe(expected);
    for (const cookie of response.headers.getSetCookie())
      if (cookie.startsWith('posthouse_session=')) cookies.push(cookie.split(';')[0] ?? '');
    return await response.text();
  };
  // A password that was typed into the wrong field, and a wrong one.
  await post('/login', { name: password, password: 'planted-wrong-password' }, 401);
  await post('/login', { name: 'anne', password: 'planted-wrong-password' }, 401);
  await post('/login', { name: 'ben', password: configured }, 303);
  await post('/login', { name: 'anne', password }, 303);
  await post('/account/password', { current: password, password: changed, repeat: changed }, 303);
  const generated = passwordIn(await post('/users', { name: 'cleo', role: 'viewer', password: '' }, 200));
  const [made, rotated] = [
    keyIn(await post('/keys', { name: 'shop', rights: 'send' }, 200)),
    keyIn(await post('/keys/shop/rotate', { overlap: '1h' }, 200)),
  ];
  const status = async (key: string) => (await fixture.run('/v1/mails', {}, { authorization: `Bearer ${key}` })).status;
  for (const key of [made, rotated]) await expect.poll(() => status(key)).toBe(400);
  await post('/keys/shop/revoke', {}, 303);
  await expect.poll(() => status(rotated)).toBe(401);
  await post('/users/cleo/remove', {}, 303);
  expect((await new ApiKeys(connection).list()).keys).toEqual([]);
  await new ApiKeys(connection).create('till', parseKeyRights('send'), by);

  const sessions = Object.fromEntries(cookies.map((cookie, n) => [`session ${n}`, cookie.replace('posthouse_session=', '')]));
  expect(cookies).toHaveLength(3);
  return {
    planted: {
      ...{ password, changed, configured, generated, hash, configuredHash, made, rotated, ...sessions },
      ...{ wrongPassword: 'planted-wrong-password', browser: 'planted-browser', networkAddress: '203.0.113.77' },
    },
    logs: () => dashboard.output.join('\n'),
    stop: async () => {
      await dashboard.stop();
      await connection.stop();
    },
  };
}

function passwordIn(page: string): string {
  return matchIn(page, /<pre[^>]*>\s*([\w-]{20})\s*</);
}

function keyIn(page: string): string {
  return matchIn(page, /(ph_[0-9A-Za-z]{49})/);
}

function matchIn(page: string, pattern: RegExp): string {
  const text = pattern.exec(page)?.[1];
  if (text === undefined) throw new Error(`Nothing on the page matches ${pattern}`);
  return text;
}
