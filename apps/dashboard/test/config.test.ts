import { hashPassword } from '@posthouse/access';
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';

const hash = await hashPassword('correct horse');
const good = { POSTHOUSE_SECRET: 'a'.repeat(64), DASHBOARD_USERS: `anne:admin:${hash}, ben:viewer:${hash}` };

it('needs a secret, and has a default for the rest', () => {
  const { users, host, port, redisUrl } = readConfig(good);
  expect({ host, port, redisUrl }).toEqual({ host: '127.0.0.1', port: 3001, redisUrl: 'redis://127.0.0.1:6379' });
  expect(users.get('anne')).toMatchObject({ role: 'admin', hash });
  expect(users.get('ben')).toMatchObject({ role: 'viewer' });
  expect(readConfig({ POSTHOUSE_SECRET: good.POSTHOUSE_SECRET }).users.size).toBe(0);
});

it('lists every error at once, and shows no value', () => {
  const read = () =>
    readConfig({ REDIS_URL: 'http://x', DASHBOARD_PORT: 'planted', DASHBOARD_USERS: 'anne:planted', LOG_LEVEL: 'planted' });
  expect(read).toThrow(/5 configuration errors/);
  expect(read).toThrow(/REDIS_URL[\s\S]*POSTHOUSE_SECRET[\s\S]*DASHBOARD_USERS/);
  expect(read).not.toThrow(/planted/);
});

it.each([
  ['a second anne', `anne:viewer:${hash},anne:admin:${hash}`, /entry 2: the name is used twice/],
  ['an unknown role', `anne:root:${hash}`, /entry 1: the role must be one of viewer, operator, admin/],
  ['a password instead of a hash', 'anne:admin:correct horse', /entry 1: the password hash must be/],
  ['an invalid name', `an ne:admin:${hash}`, /entry 1: the name must have/],
  ['an empty entry', `anne:admin:${hash},`, /entry 2: the name must have/],
  ['several errors', `anne:root:${hash},:viewer:x`, /entry 1: the role.*entry 2: the name.*entry 2: the password hash/],
])('users with %s are invalid', (_what, users, message) => {
  expect(() => readConfig({ ...good, DASHBOARD_USERS: users })).toThrow(message);
});
