import { freePort, patientDurations, RedisProcess } from '@posthouse/devkit';
import { MailList, MailQueue, newMailId, newRecord, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, runProcess } from './command-line.ts';

const redis = new RedisProcess();
const secret = 'f'.repeat(64);
let connection: RequestConnection;
const envelope = { from: { address: 'hello@example.com' }, to: [{ address: 'anne@example.com' }], cc: [], bcc: [], replyTo: [] };
const content = { literal: { subject: 'Hello', text: 'Hello.' }, attachments: [], headers: {} };
const record = newRecord(newMailId(), { apiKey: 'k', envelope, content, priority: 'normal', tags: ['vip'] }, Date.now());

beforeAll(async () => {
  await redis.start();
  connection = new RequestConnection(redis.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
  await connection.start();
  await connection.whenReady();
  await new MailQueue(connection).accept([record]);
});
afterAll(async () => {
  await connection.stop();
  await redis.stop();
});

const command = ['reindex'];

it('restores lost indexes, as a process', async () => {
  const lost = (await redis.cli('KEYS', '{posthouse}:index*')).split('\n');
  expect(lost.length).toBeGreaterThan(3);
  await redis.cli('DEL', ...lost);
  const found = () => new MailList(connection).page({ tag: 'vip', state: ['queued'] }, { limit: 5 });
  expect((await found()).mails).toEqual([]);

  const { stdout } = await runProcess([...command, '--json'], { env: { REDIS_URL: redis.url, POSTHOUSE_SECRET: secret } });
  expect(JSON.parse(stdout)).toEqual({ mails: 1, unreadable: 0, removed: 0 });
  expect((await found()).mails.map(({ id }) => id)).toEqual([record.id]);
});

it('changes nothing with a POSTHOUSE_SECRET that did not seal the mails', async () => {
  const { code, stderr } = await run(command, { env: { REDIS_URL: redis.url, POSTHOUSE_SECRET: 'e'.repeat(64) } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^✗ POSTHOUSE_SECRET has another key under the name "0".*-- forget 0`\. Nothing was changed\. \[other-secret\]$/m);
});

it('ends with an error when Redis does not answer', async () => {
  const { code, stderr } = await run(command, {
    env: { REDIS_URL: `redis://127.0.0.1:${await freePort()}`, POSTHOUSE_SECRET: secret },
    redis: { commandLine: 300 },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^✗ Redis did not answer within 300 ms: connect ECONNREFUSED .*\. Start Redis, or correct REDIS_URL\. Nothing was changed\. \[redis-unreachable\]\n$/,
  );
  expect(stderr).not.toMatch(/ {4}at |Usage/);
});
