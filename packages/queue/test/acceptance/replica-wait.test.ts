/** REDIS_WAIT_REPLICAS: what is acknowledged is on that many replicas. A real primary with a replica that is frozen. */
import { timings } from '@posthouse/contract';
import { patientDurations, ReplicatedRedis } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { lockKey, recordKey } from '../../src/redis/keys.ts';
import { QueueUnavailable } from '../../src/redis/queue-unavailable.ts';
import { LeasedMail } from '../../src/worker/leased-mail.ts';
import { attemptResult } from '../records-fixture.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const redis = new ReplicatedRedis();
/** A replica that works may take its time on a busy machine; only for one that is frozen the wait is as short as in production. */
const patient = patientDurations();
const redisTimings = { ...patient.timings.redis, replicaWait: 30_000 };
patient.timings.redis = redisTimings;
let requests: RequestConnection;
let queue: MailQueue;

beforeAll(() => redis.start());
afterAll(() => redis.stop());
beforeEach(async () => {
  requests = new RequestConnection(redis.url, sealer, patient, () => undefined, { waitReplicas: 1 });
  await requests.start();
  await requests.whenReady();
  queue = new MailQueue(requests);
});
afterEach(async () => {
  await thaw();
  await requests.stop();
});

async function freeze(): Promise<void> {
  await redis.replica.kill('SIGSTOP');
  redisTimings.replicaWait = timings.redis.replicaWait;
}

async function thaw(): Promise<void> {
  await redis.replica.kill('SIGCONT');
  redisTimings.replicaWait = 30_000;
}

const mails = (count: number) => Array.from({ length: count }, () => newRecord(newMailId(), sampleMail(), Date.now()));
const tooFew = { name: 'QueueUnavailable', failure: 'too-few-replicas', mayHaveRun: true };

it.each([1, 3])('an acceptance of %i counts once the replica has it, and is repeated until then', async (count) => {
  const records = mails(count);
  await queue.accept(records);
  for (const { id } of records) expect(await redis.replica.cli('EXISTS', recordKey(id))).toBe('1');
  await freeze();
  const more = mails(count);
  await expect(queue.accept(more)).rejects.toMatchObject(tooFew);
  expect(await requests.state()).toBe('too-few-replicas');
  await thaw();
  await queue.accept(more, true);
  for (const { id } of more) expect(await redis.replica.cli('EXISTS', recordKey(id))).toBe('1');
  expect(await requests.state()).toBe('ok');
});

it('the answer to an earlier request is repeated once the replica has its mail', async () => {
  const [record, again] = mails(2) as [ReturnType<typeof newRecord>, ReturnType<typeof newRecord>];
  const key = { apiKey: 'a', key: 'k', request: 'r' };
  await freeze();
  await expect(queue.acceptOnce(record, key, '"first"')).rejects.toMatchObject(tooFew);
  // Each way to the answer: the same acceptance, a look at the claim, and another claim.
  await expect(queue.acceptOnce(again, key, '"second"')).rejects.toMatchObject(tooFew);
  await expect(queue.findClaim(key)).rejects.toMatchObject(tooFew);
  await expect(queue.claim(key, [again.id])).rejects.toMatchObject(tooFew);
  await expect(queue.finishAcceptance([record.id])).rejects.toMatchObject(tooFew);
  await thaw();
  expect(await queue.findClaim(key)).toEqual({ status: 'replay', answer: '"first"' });
  expect(await redis.replica.cli('EXISTS', recordKey(record.id), recordKey(again.id))).toBe('1');
});

it('a receipt is stored again until the replica has it, and the mail is sent once', async () => {
  const worker = new WorkerConnection(redis.url, sealer, patient, () => undefined, { waitReplicas: 1 });
  await worker.start();
  const [record] = mails(1) as [ReturnType<typeof newRecord>];
  await queue.accept([record]);
  const mail = new LeasedMail(record.id, 'token', worker.records, 'worker');
  await worker.redis.set(lockKey(record.id), 'token');
  await mail.begin();
  await mail.gate(60_000);
  const receipt = { at: Date.now(), provider: 'ses', response: '250 ok', accepted: ['reader@example.net'] };
  const result = { ...attemptResult('accepted'), receipt };
  await freeze();
  await expect(mail.recordAttempt(result)).rejects.toBeInstanceOf(QueueUnavailable);
  await expect(mail.recordAttempt(result)).rejects.toMatchObject(tooFew);
  await thaw();
  expect(await mail.recordAttempt(result)).toMatchObject({ kind: 'changed', state: 'sent' });
  expect(await redis.replica.cli('HGET', recordKey(record.id), 'state')).toBe('sent');
  expect((await queue.read(record.id))?.attemptCount).toBe(1);
  await worker.stop();
});

it('a confirmation over another connection than the write is none', async () => {
  const confirm = requests.handles.records.replicas.begin();
  requests.handles.redis.disconnect(true);
  await requests.whenReady();
  await expect(confirm()).rejects.toMatchObject({ name: 'QueueUnavailable', failure: 'unreachable' });
});

it('nothing is sent to Redis for it where it is off', async () => {
  const off = new RequestConnection(redis.url, sealer, patient, () => undefined);
  await off.start();
  await off.whenReady();
  await redis.primary.cli('CONFIG', 'RESETSTAT');
  await new MailQueue(off).accept(mails(1));
  expect(await redis.primary.cli('INFO', 'commandstats')).not.toContain('cmdstat_wait');
  await off.stop();
});
