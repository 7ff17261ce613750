/** A batch that fits into one script is accepted completely or not at all, in one round trip. */
import { type MailRecord, timings } from '@posthouse/contract';
import { patientDurations, RedisProcess, TcpProxy } from '@posthouse/devkit';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { mailsInScript } from '../../src/acceptance/stored-size.ts';
import { MailJobs } from '../../src/connection/mail-jobs.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { batchesKey, batchKey, recordKey } from '../../src/redis/keys.ts';
import { QueueUnavailable } from '../../src/redis/queue-unavailable.ts';
import { runScript } from '../../src/redis/script.ts';
import { open } from '../../src/transitions/batch.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const server = new RedisProcess();
const patient = patientDurations();
let proxy: TcpProxy;
let connection: RequestConnection;
let queue: MailQueue;

beforeAll(async () => {
  await server.start();
  proxy = new TcpProxy(server.port);
  await proxy.start();
  connection = new RequestConnection(`redis://127.0.0.1:${proxy.port}`, sealer, patient, () => undefined);
  await connection.start();
  await connection.whenReady();
  queue = new MailQueue(connection);
});
afterAll(async () => {
  await connection.stop();
  await proxy.stop();
  await server.stop();
});
beforeEach(() => server.cli('FLUSHDB'));

const batchOf = (mails: number): MailRecord[] => Array.from({ length: mails }, () => newRecord(newMailId(), sampleMail(), Date.now()));

/** Accepts the batch. @returns what its caller would learn */
async function attempt(records: MailRecord[], isRepeat = false): Promise<'accepted' | 'not accepted' | 'unknown'> {
  try {
    await queue.accept(records, isRepeat);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
    return error.mayHaveRun ? 'unknown' : 'not accepted';
  }
}

/** Counts the calls of scripts for jobs until the test ends, also where it fails: the files of a worker share the class. */
function spyOnCalls() {
  const run = vi.spyOn(MailJobs.prototype, 'runForEach');
  onTestFinished(() => run.mockRestore());
  return run;
}

/** Mails that are in the index of their class, and have a job and a record. */
async function accepted(): Promise<number> {
  const counts = [await server.cli('ZCARD', '{posthouse}:unfinished'), await server.cli('ZCARD', '{posthouse}:mail:prioritized')];
  counts.push((await server.cli('HVALS', '{posthouse}:index-sizes')) || '0');
  counts.push(String((await server.cli('KEYS', '{posthouse}:record:*')).split('\n').filter((key) => key !== '').length));
  expect(new Set(counts).size, counts.join()).toBe(1);
  return Number(counts[0]);
}

it('is accepted completely in one round trip, and repeating it accepts nothing twice', async () => {
  const records = batchOf(mailsInScript);
  const run = spyOnCalls();
  for (const isRepeat of [false, true]) expect(await attempt(records, isRepeat)).toBe('accepted');
  expect(run).toHaveBeenCalledTimes(2);
  expect(await accepted()).toBe(mailsInScript);
  expect(await server.cli('KEYS', '{posthouse}:batch*')).toBe('');
  expect(await queue.read(records[9]?.id as string, true)).toEqual(records[9]);
});

it('is not accepted at all when Redis refuses one of its records, and completely when it is repeated', async () => {
  const records = batchOf(9);
  const key = recordKey(records[5]?.id as string);
  await server.cli('SET', key, 'not a hash');
  expect(await attempt(records)).toBe('not accepted');
  expect(await server.cli('KEYS', '{posthouse}:record:*')).toBe(key);
  await server.cli('DEL', key);
  expect(await attempt(records)).toBe('accepted');
  expect(await accepted()).toBe(9);
});

it('is not accepted when Redis is full, and its outcome is unknown when the reply is lost', async () => {
  const records = batchOf(9);
  await server.cli('CONFIG', 'SET', 'maxmemory', '1mb');
  expect(await attempt(records)).toBe('not accepted');
  expect(await attempt(records, true)).toBe('unknown');
  await server.cli('CONFIG', 'SET', 'maxmemory', '0');

  proxy.stallAt({ when: (piece) => piece.includes('envelope'), side: 'reply' });
  patient.timings.queue.command = timings.queue.command;
  expect(await attempt(records)).toBe('unknown');
  patient.timings.queue.command = patientDurations().timings.queue.command;
  proxy.resume();
  await expect.poll(() => attempt(records, true)).toBe('accepted');
  expect(await accepted()).toBe(9);
});

it('is accepted in steps where an earlier request has begun with them', async () => {
  const records = batchOf(3);
  const id = records[0]?.id as string;
  const ids = JSON.stringify(records.map((record) => record.id));
  await runScript(connection.handles.redis, open, { batch: batchKey(id), batches: batchesKey }, { id, ids, attempt: 'earlier' });
  const run = spyOnCalls();
  expect(await attempt(records, true)).toBe('accepted');
  expect(run).toHaveBeenCalledTimes(3);
  expect(await accepted()).toBe(3);
});
