import { hashPassword } from '@posthouse/access';
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';

const hash = await hashPassword('correct horse');
const good = { POSTHOUSE_SECRET: 'a'.repeat(64), DASHBOARD_USERS: `anne:admin:${hash}, ben:viewer:${hash}` };

it('needs a secret and users, and has a default for the rest', () => {
  const { users, host, port, redisUrl } = readConfig(good);
  expect({ host, port, redisUrl }).toEqual({ host: '127.0.0.1', port: 3001, redisUrl: 'redis://127.0.0.1:6379' });
  expect(users.get('anne')).toMatchObject({ role: 'admin', hash });
  expect(users.get('ben')).toMatchObject({ role: 'viewer' });
});

it('names every fault at once, and shows no value', () => {
  const read = () =>
    readConfig({ REDIS_URL: 'http://x', DASHBOARD_PORT: 'planted', DASHBOARD_USERS: 'anne:planted', LOG_LEVEL: 'planted' });
  expect(read).toThrow(/5 configuration errors/);
  expect(read).toThrow(/REDIS_URL[\s\S]*POSTHOUSE_SECRET[\s\S]*DASHBOARD_USERS/);
  expect(read).not.toThrow(/planted/);
});

it.each([
  ['a second anne', `anne:viewer:${hash},anne:admin:${hash}`, /entry 2 has the name of another one/],
  ['an unknown role', `anne:root:${hash}`, /entry 1 has none of the roles viewer, operator, admin/],
  ['a password instead of a hash', 'anne:admin:correct horse', /entry 1 has no password hash/],
  ['an odd name', `an ne:admin:${hash}`, /entry 1 has no name/],
  ['an empty entry', `anne:admin:${hash},`, /entry 2 has no name/],
  ['all of it', `anne:root:${hash},:viewer:x`, /entry 1 has none.*entry 2 has no name.*entry 2 has no password hash/],
])('users with %s are a fault', (_what, users, message) => {
  expect(() => readConfig({ ...good, DASHBOARD_USERS: users })).toThrow(message);
});
