/** A batch is accepted completely or not at all, wherever its acceptance is interrupted. On a real Redis, behind a proxy that stalls. */
import { type MailRecord, retention, timings } from '@posthouse/contract';
import { RedisProcess, TcpProxy } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { mailsInScript } from '../../src/acceptance/stored-size.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { batchesKey, batchKey, recordKey, secretsKey, sizesKey, unfinishedKey } from '../../src/redis/keys.ts';
import { packForLua } from '../../src/redis/lua-values.ts';
import { QueueUnavailable } from '../../src/redis/queue-unavailable.ts';
import { runScript } from '../../src/redis/script.ts';
import { commit, open, stageEach } from '../../src/transitions/batch.ts';
import { Sweeper } from '../../src/worker/sweeper.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

/** More than two transactions' worth. */
const mailsOfBatch = 410;

/** As few as are accepted in steps. */
const inSteps = mailsInScript + 1;

/** What must succeed has more time than in production; a test shortens the time that it waits for. */
const patient = { command: 30_000, batchTimeout: 120_000 };
const queueTimings = { ...timings.queue, command: patient.command };
const quick = {
  ...timings,
  queue: queueTimings,
  sweep: { intervalMs: 20, lease: 18, overdue: 60_000 },
  batchTimeout: patient.batchTimeout,
};

const server = new RedisProcess();
let proxy: TcpProxy;
let requests: RequestConnection;
let queue: MailQueue;
let worker: WorkerConnection;
let sweeper: Sweeper;

beforeAll(() => server.start());
afterAll(() => server.stop());

beforeEach(async () => {
  await server.cli('FLUSHALL');
  proxy = new TcpProxy(Number(new URL(server.url).port));
  await proxy.start();
  requests = new RequestConnection(`redis://127.0.0.1:${proxy.port}`, sealer, { timings: quick, retention }, () => undefined);
  await requests.start();
  await requests.whenReady();
  queue = new MailQueue(requests);
  worker = new WorkerConnection(server.url, sealer, { timings: quick, retention }, () => undefined);
  await worker.start();
  sweeper = new Sweeper(worker, () => undefined);
  await sweeper.start();
});

afterEach(async () => {
  queueTimings.command = patient.command;
  quick.batchTimeout = patient.batchTimeout;
  proxy.resume();
  await sweeper.stop();
  await worker.stop();
  await requests.stop();
  await proxy.stop();
});

function batchOf(mails: number): MailRecord[] {
  return Array.from({ length: mails }, () => newRecord(newMailId(), sampleMail(), Date.now()));
}

/** Accepts the batch while Redis stalls: from some point on each command waits as long as in production. */
async function attemptWhileStalled(...args: Parameters<typeof attempt>): Promise<string> {
  queueTimings.command = timings.queue.command;
  try {
    return await attempt(...args);
  } finally {
    queueTimings.command = patient.command;
  }
}

/** Resolves when the sweeper has settled the batches that were interrupted: those that are not being accepted at the moment. */
async function settled(): Promise<void> {
  quick.batchTimeout = 0;
  await expect.poll(() => server.cli('ZCARD', batchesKey)).toBe('0');
  quick.batchTimeout = patient.batchTimeout;
}

/** Accepts the batch. @returns what its caller would learn */
async function attempt(records: MailRecord[], isRepeat = false, by = queue): Promise<'accepted' | 'not accepted' | 'unknown'> {
  try {
    await by.accept(records, isRepeat);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
    return error.mayHaveRun ? 'unknown' : 'not accepted';
  }
}

/** Mails that have a state, an index and a job, once no batch is unsettled. */
async function acceptedMails(): Promise<number> {
  await settled();
  const counts = await Promise.all([unfinishedKey, '{posthouse}:mail:prioritized'].map((key) => server.cli('ZCARD', key)));
  // All are of one class.
  counts.push((await server.cli('HVALS', sizesKey)) || '0');
  expect(new Set(counts).size, counts.join()).toBe(1);
  return Number(counts[0]);
}

/** How many chunks of data the acceptance of a batch sends. */
async function pieces(): Promise<number> {
  proxy.stallAt({ when: () => false, side: 'request' });
  expect(await attempt(batchOf(mailsOfBatch))).toBe('accepted');
  const { seen } = proxy;
  proxy.resume();
  await server.cli('FLUSHALL');
  return seen;
}

describe('a batch', () => {
  it('is accepted completely, and repeating it accepts nothing twice', async () => {
    const records = batchOf(mailsOfBatch);
    expect(await attempt(records)).toBe('accepted');
    expect(await acceptedMails()).toBe(mailsOfBatch);
    expect(await attempt(records)).toBe('accepted');
    expect(await acceptedMails()).toBe(mailsOfBatch);
    expect(await queue.read(records[409]?.id as string)).toMatchObject({ state: 'queued' });
    expect(await server.cli('KEYS', '{posthouse}:batch*')).toBe('');
  });

  it('is accepted completely or not at all when Redis stalls at any point, and completely when it is repeated', {
    timeout: 180_000,
  }, async () => {
    const last = await pieces();
    const stops = Array.from({ length: 10 }, (_, n) => 1 + Math.round((n * (last - 1)) / 9));
    const seen = new Set<string>();
    for (const [n, stop] of stops.entries()) {
      const side = n % 2 === 0 ? 'request' : 'reply';
      const records = batchOf(mailsOfBatch);
      proxy.stallAt({ when: (_piece, nth) => nth >= stop, side });
      const answer = await attemptWhileStalled(records);
      proxy.resume();
      const accepted = await acceptedMails();
      const where = `${side} ${stop} of ${last}: ${answer}, ${accepted} accepted`;
      expect([0, mailsOfBatch], where).toContain(accepted);
      if (answer !== 'unknown') expect(accepted, where).toBe(answer === 'accepted' ? mailsOfBatch : 0);
      seen.add(`${answer} ${accepted}`);
      await expect.poll(() => attempt(records, true)).toBe('accepted');
      expect(await acceptedMails(), where).toBe(mailsOfBatch);
      await server.cli('FLUSHALL');
    }
    expect([...seen]).toEqual(expect.arrayContaining(['not accepted 0', `accepted ${mailsOfBatch}`]));
  });

  it('leaves nothing behind when the process dies before the commit', async () => {
    const records = batchOf(3);
    const id = await openAndStage(records);
    expect(await queue.read(id)).toBeUndefined();
    expect(await acceptedMails()).toBe(0);
    expect(await server.cli('KEYS', '{posthouse}:record:*')).toBe('');
  });

  it('is finished by the sweeper when the process dies after the commit; until then its mails can be read', async () => {
    const records = batchOf(3);
    const id = await openAndStage(records);
    await runScript(worker.redis, commit, { batch: batchKey(id) }, { attempt: 'first' });
    expect(await queue.read(id)).toMatchObject({ id, state: 'queued' });
    expect(await acceptedMails()).toBe(3);
    expect(await queue.cancel(id)).toEqual({ changed: true, state: 'cancelled' });
  });

  it('is not accepted when it is not committed in time', async () => {
    const records = batchOf(3);
    const id = await openAndStage(records);
    await settled();
    expect(await runScript(worker.redis, commit, { batch: batchKey(id) }, { attempt: 'first' })).toBe('aborted');
  });

  it('is not accepted when Redis becomes full midway, and is accepted once Redis has memory again', async () => {
    const records = batchOf(mailsOfBatch);
    const id = await openAndStage(records.slice(0, 1));
    const used = Number(/used_memory:(\d+)/.exec(await server.cli('INFO', 'memory'))?.[1]);
    await server.cli('CONFIG', 'SET', 'maxmemory', String(used + 300_000));
    expect(await attempt(records)).toBe('not accepted');
    await server.cli('CONFIG', 'SET', 'maxmemory', '0');
    await settled();
    expect(await server.cli('EXISTS', recordKey(id))).toBe('0');
    expect(await attempt(records)).toBe('accepted');
    expect(await acceptedMails()).toBe(mailsOfBatch);
  });

  it('gives back the memory of what it has staged while Redis is full', async () => {
    const records = batchOf(mailsOfBatch);
    await openAndStage(records.slice(0, 200), records);
    const used = Number(/used_memory:(\d+)/.exec(await server.cli('INFO', 'memory'))?.[1]);
    await server.cli('CONFIG', 'SET', 'maxmemory', String(used - 100_000));
    quick.batchTimeout = 0;
    await expect.poll(() => server.cli('KEYS', '{posthouse}:record:*')).toBe('');
    await server.cli('CONFIG', 'SET', 'maxmemory', '0');
    expect(await acceptedMails()).toBe(0);
  });

  it('is not committed by a late command of an earlier attempt while a repeated request stages it', async () => {
    const records = batchOf(3);
    const id = await openAndStage(records);
    const ids = JSON.stringify(records.map((record) => record.id));
    const keys = { batch: batchKey(id), batches: batchesKey };
    expect(await runScript(worker.redis, open, keys, { id, ids, attempt: 'second' })).toBe('open');
    expect(await runScript(worker.redis, commit, { batch: batchKey(id) }, { attempt: 'first' })).toBe('superseded');
    expect(await runScript(worker.redis, commit, { batch: batchKey(id) }, { attempt: 'second' })).toBe('committed');
    expect(await acceptedMails()).toBe(3);
  });

  it('is not committed with a record missing', async () => {
    const records = batchOf(3);
    const id = await openAndStage(records.slice(0, 2), records);
    expect(await runScript(worker.redis, commit, { batch: batchKey(id) }, { attempt: 'first' })).toBe('incomplete');
    expect(await acceptedMails()).toBe(0);
  });

  it('is complete when the commit of an attempt that was given up arrives in the middle of a repeated request', async () => {
    // All scripts are known to Redis, so that the first command that mentions the commit is the commit.
    await attempt(batchOf(inSteps));
    await server.cli('FLUSHDB');
    const records = batchOf(mailsOfBatch);
    const other = new RequestConnection(server.url, sealer, { timings: quick, retention }, () => undefined);
    await other.start();
    await other.whenReady();
    proxy.stallAt({ when: isCommit, side: 'request' });
    expect(await attemptWhileStalled(records)).toBe('unknown');
    await settled();
    const repeated = attempt(records, true, new MailQueue(other));
    await expect.poll(() => server.cli('EXISTS', recordKey(records[0]?.id as string)), { interval: 1 }).toBe('1');
    proxy.resume();
    expect(await repeated).toBe('accepted');
    expect(await acceptedMails()).toBe(mailsOfBatch);
    await other.stop();
  });

  it('never claims to a repeated request that nothing was accepted when an earlier one may have been', async () => {
    await attempt(batchOf(inSteps));
    await server.cli('FLUSHDB');
    const records = batchOf(inSteps);
    proxy.stallAt({ when: isCommit, side: 'reply' });
    expect(await attemptWhileStalled(records)).toBe('unknown');
    expect(await attemptWhileStalled(records, true)).toBe('unknown');
    proxy.resume();
    expect(await acceptedMails()).toBe(inSteps);
    proxy.stallAt({ when: (_piece, nth) => nth >= 2, side: 'request' });
    expect(await attemptWhileStalled(records, true)).toBe('accepted');
  });

  it('keeps the time of a scheduled mail', async () => {
    const scheduled = newRecord(newMailId(), { ...sampleMail(), scheduledAt: Date.now() + 60_000 }, Date.now());
    expect(await attempt([scheduled, ...batchOf(1)])).toBe('accepted');
    expect(await queue.read(scheduled.id)).toMatchObject({ state: 'scheduled', dueAt: scheduled.dueAt });
  });
});

/** The first steps of an acceptance, as by a process that then dies. @returns the id of the batch */
async function openAndStage(records: MailRecord[], all = records): Promise<string> {
  const id = all[0]?.id as string;
  const ids = JSON.stringify(all.map((record) => record.id));
  await runScript(worker.redis, open, { batch: batchKey(id), batches: batchesKey }, { id, ids, attempt: 'first' });
  const mails = packForLua(records.map((record) => [record.id, requests.fields.write(record)]));
  const args = { batchId: id, attempt: 'first', mails, ...requests.fields.keyCheckArgs };
  await runScript(worker.redis, stageEach, { batch: batchKey(id), secrets: secretsKey }, args);
  return id;
}

/** A command with the batch as its only key: the first one of an acceptance is the commit. */
function isCommit(piece: Buffer): boolean {
  return piece.includes('\r\n$1\r\n1\r\n') && piece.includes('{posthouse}:batch:') && piece.length < 300;
}
