import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { durations } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { MailQueue, newMailId, newRecord, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';

const redis = new RedisProcess();
const secret = 'f'.repeat(64);
let connection: RequestConnection;

beforeAll(async () => {
  await redis.start();
  connection = new RequestConnection(redis.url, new Sealer(sealKeys(`first:${secret}`)), durations, () => undefined);
  await connection.start();
  await connection.whenReady();
});
afterAll(async () => {
  await connection.stop();
  await redis.stop();
});

async function secrets(args: string[], posthouseSecret: string) {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production', REDIS_URL: redis.url, POSTHOUSE_SECRET: posthouseSecret };
  return await promisify(execFile)(process.execPath, [main, 'secrets', ...args], { env }).catch((error) => error);
}

it('lists a name with its mails, also for a process with another key, and frees it once no mail needs it', async () => {
  const other = `first:${'e'.repeat(64)}`;
  expect((await secrets(['list'], other)).stdout).toBe('No mail has been sealed yet.\n');

  const envelope = { from: { address: 'hello@example.com' }, to: [{ address: 'anne@example.com' }], cc: [], bcc: [], replyTo: [] };
  const content = { literal: { subject: 'Hello', text: 'Hello.' }, attachments: [], headers: {} };
  const record = newRecord(newMailId(), { apiKey: 'k', envelope, content, priority: 'normal', tags: [] }, Date.now());
  await new MailQueue(connection).accept([record]);
  const key = { name: 'first', mails: 1 };
  expect(JSON.parse((await secrets(['list', '--json'], `new:${secret}`)).stdout)).toEqual([{ ...key, key: 'missing' }]);
  expect(JSON.parse((await secrets(['list', '--json'], other)).stdout)).toEqual([{ ...key, key: 'other' }]);
  expect((await secrets(['list'], `first:${secret}`)).stdout).toBe('first: 1 mails, in POSTHOUSE_SECRET\n');

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

it('says what its arguments are', async () => {
  expect(await secrets(['free'], secret)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Say "list".*[\s\S]*Usage: npm run secrets/),
  });
});
