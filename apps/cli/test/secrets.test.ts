import { parseKeyRights } from '@posthouse/access';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { ApiKeys, MailQueue, newMailId, newRecord, RequestConnection, Sealer, sealKeys, UserDirectory } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from './command-line.ts';

const redis = new RedisProcess();
const secret = 'f'.repeat(64);
let connection: RequestConnection;

beforeAll(async () => {
  await redis.start();
  connection = new RequestConnection(redis.url, new Sealer(sealKeys(`first:${secret}`)), patientDurations(), () => undefined);
  await connection.start();
  await connection.whenReady();
});
afterAll(async () => {
  await connection.stop();
  await redis.stop();
});

const secrets = (args: string[], posthouseSecret: string) =>
  run(['secrets', ...args], { env: { REDIS_URL: redis.url, POSTHOUSE_SECRET: posthouseSecret } });

it('lists a name with its mails, also for a process with another key, and frees it once no mail needs it', async () => {
  const other = `first:${'e'.repeat(64)}`;
  expect((await secrets(['list'], other)).stdout).toBe('Nothing has been sealed yet.\n');

  const envelope = { from: { address: 'hello@example.com' }, to: [{ address: 'anne@example.com' }], cc: [], bcc: [], replyTo: [] };
  const content = { literal: { subject: 'Hello', text: 'Hello.' }, attachments: [], headers: {} };
  const record = newRecord(newMailId(), { apiKey: 'k', envelope, content, priority: 'normal', tags: [] }, Date.now());
  await new MailQueue(connection).accept([record]);
  const key = { name: 'first', mails: 1, entries: 0 };
  expect(JSON.parse((await secrets(['list', '--json'], `new:${secret}`)).stdout)).toEqual([{ ...key, key: 'missing' }]);
  expect(JSON.parse((await secrets(['list', '--json'], other)).stdout)).toEqual([{ ...key, key: 'other' }]);
  expect((await secrets(['list'], `first:${secret}`)).stdout).toBe('first: 1 mails, 0 API keys and users, in POSTHOUSE_SECRET\n');

  expect(await secrets(['forget', 'first'], other)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^✗ 1 mails are sealed with the key "first"/),
  });
  await redis.cli('DEL', `{posthouse}:record:${record.id}`);
  expect((await secrets(['forget', 'first'], other)).stdout).toBe('The name "first" is free.\n');
  expect(await secrets(['forget', 'first'], other)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No key of the name "first"'),
  });
});

it('seals API keys and users again, after which no old key is needed for them', async () => {
  const by = { who: 'anne', role: 'admin' };
  await new ApiKeys(connection).create('shop', parseKeyRights('send'), by);
  await new UserDirectory(connection).create('anne', 'admin', { hash: 'a hash', isTemporary: false }, by);
  const both = `second:${'e'.repeat(64)},first:${secret}`;
  expect(await secrets(['forget', 'first'], both)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^✗ 2 API keys and users are/) });
  expect((await secrets(['reseal'], both)).stdout).toBe('API keys and users that are sealed again: 2.\n');
  expect(JSON.parse((await secrets(['list', '--json'], both)).stdout)).toEqual([
    { name: 'first', key: 'same', mails: 0, entries: 0 },
    { name: 'second', key: 'same', mails: 0, entries: 2 },
  ]);
  expect((await secrets(['forget', 'first'], both)).stdout).toBe('The name "first" is free.\n');
  // A process that has not been given the second key leaves both as they are.
  expect(JSON.parse((await secrets(['reseal', '--json'], `third:${'d'.repeat(64)}`)).stdout)).toEqual({
    resealed: 0,
    unreadable: ['shop', 'anne'],
  });
});
