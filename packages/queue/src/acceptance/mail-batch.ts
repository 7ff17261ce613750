/**
 * A batch of mails is accepted completely or not at all, although it is too large for one transaction. It goes through these steps:
 *
 * 1. `open` notes the batch and the ids of its mails.
 * 2. `stage` writes the records, a chunk at a time, in the state `staged`: no index, list or worker finds them.
 * 3. `commit` is the one step that accepts: from then on every mail of the batch will be sent, before it none.
 * 4. `finish` gives the mails their state, their indexes and their jobs, a chunk at a time. `close` removes the note.
 *
 * Whatever fails before the commit leads to `abort` and `discard`. A process that dies in between leaves its note behind: the
 * sweeper aborts a batch that was not committed in time, and finishes one that was. Each step may be repeated.
 */
import type { MailRecord, Timings } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { MailJobs } from '../connection/mail-jobs.ts';
import type { RequestConnection } from '../connection/request-connection.ts';
import type { RecordFields } from '../record/record-fields.ts';
import { batchesKey, batchKey, recordKey, unfinishedKey } from '../redis/keys.ts';
import { mapRedisErrors, QueueUnavailable } from '../redis/queue-unavailable.ts';
import { queueScript, runScript } from '../redis/script.ts';
import { abort, close, commit, discard, finish, open, stage } from '../transitions/batch.ts';
import type { MailTiming } from '../transitions/mail-records.ts';

/** Mails in one transaction: a thousand would block Redis for too long at a time. */
const chunkSize = 200;

const mebibyte = 1024 * 1024;

/** The time that writing these fields may take beyond the usual timeout, in ms. */
export function extraTimeFor(fields: readonly (string | number | Buffer)[], { queue }: Timings): number {
  const bytes = fields.reduce<number>((sum, field) => sum + (Buffer.isBuffer(field) ? field.length : 0), 0);
  return (bytes / mebibyte) * queue.perMebibyte;
}

/**
 * Accepts a batch. Repeating it with the same ids accepts nothing twice.
 * @throws QueueUnavailable; `mayHaveRun` is false where no mail of the batch was accepted
 */
export async function acceptBatch(connection: RequestConnection, records: readonly MailRecord[]): Promise<void> {
  const ids = records.map(({ id }) => id);
  const { fields } = connection;
  const step = <T>(work: (batch: MailBatch) => Promise<T>, moreMs = 0) =>
    connection.run((handles) => work(new MailBatch(handles, ids, connection.retention.traffic)), moreMs);
  let isCommitSent = false;
  try {
    await step((batch) => batch.open());
    for (const chunk of chunksOf(records)) {
      const written = chunk.map((record) => ({ id: record.id, fields: fields.write(record) }));
      await step(
        (batch) => batch.stage(written),
        extraTimeFor(
          written.flatMap((record) => record.fields),
          connection.timings,
        ),
      );
    }
    isCommitSent = true;
    await step((batch) => batch.commit());
  } catch (error) {
    const outcome = await giveUp(step, ids).catch(() => 'unknown' as const);
    if (outcome !== 'committed') throw notAccepted(error as Error, isCommitSent && outcome === 'unknown');
  }
  // Accepted. What fails from here on is repeated by the sweeper.
  const timings = records.map(({ id, priority, dueAt }) => ({ id, priority, at: dueAt }));
  await complete(step, timings).catch((error) => {
    if (!(error instanceof QueueUnavailable)) throw error;
  });
}

/**
 * Completes batches that a process left behind: finishes those that were committed, and discards those that were not.
 * @param openedBefore ms since the epoch: later ones may still be in progress
 */
export async function settleBatches(
  handles: { redis: Redis; jobs: MailJobs; timing: (id: string) => Promise<MailTiming | undefined> },
  keepTraffic: number,
  openedBefore: number,
): Promise<void> {
  const { redis, timing } = handles;
  for (const first of await redis.zrangebyscore(batchesKey, '-inf', openedBefore)) {
    const ids: string[] = JSON.parse((await redis.hget(batchKey(first), 'ids')) ?? JSON.stringify([first]));
    const step: Step = (work) => work(new MailBatch(handles, ids, keepTraffic));
    if ((await giveUp(step, ids)) !== 'committed') continue;
    const timings = await Promise.all(ids.map(timing));
    await complete(
      step,
      timings.filter((found) => found !== undefined),
    );
  }
}

type Step = <T>(work: (batch: MailBatch) => Promise<T>) => Promise<T>;

async function complete(step: Step, mails: readonly Omit<MailTiming, 'state'>[]): Promise<void> {
  for (const chunk of chunksOf(mails)) await step((batch) => batch.finish(chunk));
  await step((batch) => batch.close());
}

/** Aborts a batch, unless it is committed, and removes what it has written. */
async function giveUp(step: Step, ids: readonly string[]): Promise<'aborted' | 'committed'> {
  const state = await step((batch) => batch.abort());
  if (state === 'committed') return state;
  for (const chunk of chunksOf(ids)) await step((batch) => batch.discard(chunk));
  await step((batch) => batch.close());
  return state;
}

function notAccepted(error: Error, mayHaveRun: boolean): Error {
  return error instanceof QueueUnavailable ? new QueueUnavailable(error.message, { cause: error, mayHaveRun }) : error;
}

function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / chunkSize) }, (_, n) => items.slice(n * chunkSize, (n + 1) * chunkSize));
}

/** One batch in Redis. Each method is one round trip; a batch is known by the id of its first mail. */
class MailBatch {
  readonly #redis: Redis;
  readonly #jobs: MailJobs;
  readonly #ids: readonly string[];
  readonly #keepTraffic: number;

  constructor({ redis, jobs }: { redis: Redis; jobs: MailJobs }, ids: readonly string[], keepTraffic: number) {
    this.#redis = redis;
    this.#jobs = jobs;
    this.#ids = ids;
    this.#keepTraffic = keepTraffic;
  }

  /** @throws QueueUnavailable where an aborted batch with the same ids is still being discarded */
  async open(): Promise<void> {
    const args = { now: Date.now(), id: this.#id, ids: JSON.stringify(this.#ids) };
    const state = await mapRedisErrors(runScript(this.#redis, open, { batch: this.#key, batches: batchesKey }, args));
    if (state === 'aborted') throw new QueueUnavailable('an earlier attempt at this batch is still being discarded');
  }

  async stage(mails: readonly { id: string; fields: ReturnType<RecordFields['write']> }[]): Promise<void> {
    const transaction = await this.#jobs.transaction(stage);
    for (const { id, fields } of mails) {
      queueScript(transaction, stage, { record: recordKey(id), batch: this.#key }, { batchId: this.#id }, fields);
    }
    await this.#jobs.execute(transaction);
  }

  /** @throws QueueUnavailable where the batch was aborted because it took too long */
  async commit(): Promise<void> {
    const state = await mapRedisErrors(runScript(this.#redis, commit, { batch: this.#key }, {}));
    if (state !== 'committed') throw new QueueUnavailable('the batch took too long and was aborted');
  }

  async finish(mails: readonly Omit<MailTiming, 'state'>[]): Promise<void> {
    const transaction = await this.#jobs.transaction(finish);
    for (const mail of mails) {
      const keys = { record: recordKey(mail.id), batch: this.#key, unfinished: unfinishedKey };
      queueScript(transaction, finish, keys, { id: mail.id, keepTraffic: this.#keepTraffic });
      this.#jobs.add(mail, transaction);
    }
    await this.#jobs.execute(transaction);
  }

  async abort(): Promise<'aborted' | 'committed'> {
    return (await mapRedisErrors(runScript(this.#redis, abort, { batch: this.#key }, {}))) === 'committed' ? 'committed' : 'aborted';
  }

  async discard(ids: readonly string[]): Promise<void> {
    const transaction = await this.#jobs.transaction(discard);
    for (const id of ids) queueScript(transaction, discard, { record: recordKey(id), batch: this.#key }, { batchId: this.#id });
    await this.#jobs.execute(transaction);
  }

  async close(): Promise<void> {
    await mapRedisErrors(runScript(this.#redis, close, { batch: this.#key, batches: batchesKey }, { id: this.#id }));
  }

  get #id(): string {
    return this.#ids[0] as string;
  }

  get #key(): string {
    return batchKey(this.#id);
  }
}
