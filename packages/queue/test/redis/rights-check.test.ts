import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { rightsCheckKey } from '../../src/redis/keys.ts';
import { leastRights } from '../../src/redis/rights-check.ts';
import { sealer } from '../sample-mail.ts';

const server = new RedisProcess();
let connection: RequestConnection | undefined;
const log: [string, object][] = [];

beforeAll(() => server.start());
afterAll(() => server.stop());
afterEach(async () => {
  await connection?.stop();
  log.length = 0;
});

/** Connects as a user with these rights. */
async function connectWith(...rights: string[]): Promise<RequestConnection> {
  await server.cli('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', ...rights);
  const url = server.url.replace('//', '//app:secret@');
  connection = new RequestConnection(url, sealer, patientDurations(), (...entry) => void log.push(entry));
  await connection.start();
  await connection.whenReady();
  return connection;
}

const least = leastRights.split(' ');

it('finds nothing missing in the least rights, and leaves nothing behind', async () => {
  const { handles } = await connectWith(...least);
  await expect.poll(() => server.cli('PTTL', rightsCheckKey)).toMatch(/^[1-9]/);
  expect(await server.cli('TYPE', rightsCheckKey)).toBe('string');
  expect(await handles.redis.ping()).toBe('PONG');
  await expect.poll(() => log.map(([event]) => event)).toEqual([expect.stringContaining('CONFIG is forbidden')]);
});

it.each([
  [['-xadd', '-bzpopmin', '-client'], '+bzpopmin +client|setname +xadd'],
  [['-eval', '-evalsha'], '+eval +evalsha'],
  [['-multi'], '+exec +multi'],
  [['resetkeys', '~other:*'], '~{posthouse}*'],
])('names everything that is missing after %j in one line, and /readyz waits for it', async (without, missing) => {
  const denied = await connectWith(...least, ...without);
  await expect
    .poll(() => log)
    .toContainEqual(['Redis denies a command to the user of REDIS_URL', { missing, fix: expect.stringContaining('docs/operations.md') }]);
  expect(await denied.state()).toBe('no-permission');
  await server.cli('ACL', 'SETUSER', 'app', ...least);
  expect(await denied.state()).toBe('ok');
});
