/** Processes whose POSTHOUSE_SECRET is not the one that sealed the mails. */
import { patientDurations } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { importRecords } from '../../src/acceptance/record-import.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';
import { recordKey, secretsKey } from '../../src/redis/keys.ts';
import { QueueUnavailable } from '../../src/redis/queue-unavailable.ts';
import { OperationsFixture } from '../operations-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const fixture = new OperationsFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

const newMail = () => newRecord(newMailId(), sampleMail(), Date.now());
const mismatch = {
  name: 'SecretMismatchError',
  message: expect.stringMatching(/^POSTHOUSE_SECRET has another key under the name "0".*A new key needs a new name/),
};

/** A process with that POSTHOUSE_SECRET; it is stopped at the end of the test by `stop`. */
async function withSecret<T>(secret: string, test: (connection: RequestConnection, queue: MailQueue) => Promise<T>): Promise<T> {
  const connection = new RequestConnection(fixture.server.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
  await connection.start();
  await connection.whenReady();
  try {
    return await test(connection, new MailQueue(connection));
  } finally {
    await connection.stop();
  }
}

it.each([
  ['a mail', (queue: MailQueue) => queue.accept([newMail()])],
  ['a batch', (queue: MailQueue) => queue.accept([newMail(), newMail()])],
  ['an import', () => importRecords(fixture.requests, [newMail()])],
])('nothing is stored before %s is, and then a value that does not give the key away', async (_, accept) => {
  expect(await fixture.redis.exists(secretsKey)).toBe(0);
  await accept(fixture.queue);
  const stored = await fixture.redis.hgetall(secretsKey);
  expect(stored).toEqual({ '0': expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(stored['0']).not.toContain('c'.repeat(8));
});

it('a process with another key of the same name fails as soon as it reaches Redis', async () => {
  await fixture.queue.accept([newMail()]);
  await withSecret('9'.repeat(64), async ({ failure }) => expect(await failure).toMatchObject(mismatch));
});

it('a further key needs a further name', async () => {
  await fixture.queue.accept([newMail()]);
  await withSecret(`new:${'9'.repeat(64)}`, async (_, queue) => queue.accept([newMail()]));
  expect(Object.keys(await fixture.redis.hgetall(secretsKey))).toEqual(['0', 'new']);
});

it.each([1, 2])('a process that looked before the first mail was sealed accepts none of %i mails, and fails', async (count) => {
  await withSecret('9'.repeat(64), async (connection, queue) => {
    await queue.redisState();
    await fixture.queue.accept([newMail()]);
    const refused = Array.from({ length: count }, newMail);
    const error = await queue.accept(refused).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QueueUnavailable);
    expect(error).toMatchObject({ mayHaveRun: false });
    expect(await connection.failure).toMatchObject(mismatch);
    for (const { id } of refused) await expect.poll(() => fixture.redis.exists(recordKey(id))).toBe(0);
  });
});

it('a process fails after a failover to a Redis with mails that another key sealed', async () => {
  await fixture.queue.accept([newMail()]);
  await fixture.redis.hset(secretsKey, '0', [...new Sealer(sealKeys('9'.repeat(64))).checkValues.values()][0] as string);
  await fixture.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  expect(await fixture.requests.failure).toMatchObject(mismatch);
});
