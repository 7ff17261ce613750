/**
 * A batch of mails is accepted completely or not at all. One that is too large for one script (small-batch.ts) goes through these steps:
 *
 * 1. `open` stores the ids of its mails, and names the request that accepts it.
 * 2. `stage` writes the records, a chunk at a time, in the state `staged`: no index, list or worker finds them.
 * 3. `commit` is the one step that accepts: after it every mail of the batch will be sent, before it none.
 * 4. `finish` gives the mails their state, their indexes and their jobs, a chunk at a time; `close` deletes what `open` stored.
 *
 * A failure before the commit leads to `abort` and `discard`. When a process dies in between, the sweeper aborts the batch, or
 * finishes it when it was committed. Each step may be repeated.
 */
import { randomUUID } from 'node:crypto';
import type { MailRecord } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { failsOnData } from '../record/record-error.ts';
import { batchesKey, batchKey } from '../redis/keys.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import type { MailTiming } from '../transitions/mail-records.ts';
import { type BatchHandles, BatchSteps, type StagedMail } from './batch-steps.ts';
import { acceptSmallBatch } from './small-batch.ts';
import { byteLength, bytesInScript, extraTimeFor, mailsInScript } from './stored-size.ts';

/** Runs one step, in the time that it may take. */
type RunStep = <T>(step: (batch: BatchSteps) => Promise<T>, moreMs?: number) => Promise<T>;

/**
 * Accepts a batch. Repeating it with the same ids accepts nothing twice.
 * @param isRepeat an earlier request had the same ids, and its outcome is not known
 * @throws QueueUnavailable; `mayHaveRun` is false where no mail of the batch was accepted
 */
export async function acceptBatch(connection: RequestConnection, records: readonly MailRecord[], isRepeat: boolean): Promise<void> {
  if (await acceptSmallBatch(connection, records, isRepeat)) return;
  const ids = records.map(({ id }) => id);
  const attempt = randomUUID();
  // Of the latest step: it has committed the batch, or found that it is committed.
  let confirm: () => Promise<void> = () => Promise.resolve();
  const run: RunStep = (step, moreMs) =>
    connection.run((handles) => {
      confirm = handles.records.replicas.begin();
      return step(new BatchSteps(handles, ids, attempt, connection.retention.traffic));
    }, moreMs);
  let isCommitSent = false;
  try {
    if ((await run((batch) => batch.open())) === 'open') {
      await stageAll(connection, records, run);
      isCommitSent = true;
      await run((batch) => batch.commit());
    }
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
    const outcome = await abortAfter(error, run);
    if (outcome === 'unknown') throw withEffect(error, isCommitSent || isRepeat);
    if (outcome !== 'committed') throw withEffect(error, outcome === 'superseded');
  }
  const unconfirmed = await connection.run(confirm).then(
    () => undefined,
    (error: QueueUnavailable) => error,
  );
  // Accepted. When this is interrupted the sweeper continues.
  await complete(
    records.map(({ id, priority, dueAt }) => ({ id, priority, at: dueAt })),
    run,
  ).catch((error) => {
    if (!(error instanceof QueueUnavailable)) throw error;
  });
  if (unconfirmed !== undefined) throw unconfirmed;
}

/**
 * Recovers batches whose acceptance was interrupted: finishes those that were committed, and discards the others.
 * @param timing reads what a mail's job depends on
 * @param keepTraffic how long the counts of an hour are kept, in ms
 * @param openedBefore ms since the epoch: later ones may still be in progress
 * @param onError called with the error of a batch that was edited; the others are recovered
 */
export async function recoverBatches(
  handles: BatchHandles & { timing: (id: string) => Promise<MailTiming | undefined> },
  keepTraffic: number,
  openedBefore: number,
  onError: (error: Error) => void,
): Promise<void> {
  for (const first of await handles.redis.zrangebyscore(batchesKey, '-inf', openedBefore)) {
    await recoverBatch(handles, first, keepTraffic, openedBefore).catch((error: Error) => {
      if (!(error instanceof SyntaxError) && !failsOnData(error)) throw error;
      onError(error);
    });
  }
}

/** Recovers one batch, if its acceptance was interrupted. @param first the id of its first mail */
export async function recoverBatch(
  handles: BatchHandles & { timing: (id: string) => Promise<MailTiming | undefined> },
  first: string,
  keepTraffic: number,
  openedBefore = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  const stored = await handles.redis.hget(batchKey(first), 'ids');
  const ids: string[] = stored === null ? [first] : JSON.parse(stored);
  const run: RunStep = (step) => step(new BatchSteps(handles, ids, '', keepTraffic));
  const state = await run((batch) => batch.abort(openedBefore));
  if (state === 'aborted') await remove(run);
  if (state !== 'committed') return;
  const timings = stored === null ? [] : await Promise.all(ids.map(handles.timing));
  await complete(
    timings.filter((found) => found !== undefined),
    run,
  );
}

async function stageAll({ fields, timings }: RequestConnection, records: readonly MailRecord[], run: RunStep): Promise<void> {
  let chunk: StagedMail[] = [];
  let chunkBytes = 0;
  const stage = async () => {
    const mails = chunk;
    await run((batch) => batch.stage(mails, fields.keyCheckArgs), extraTimeFor(chunkBytes, timings));
    chunk = [];
    chunkBytes = 0;
  };
  for (const record of records) {
    const mail = { id: record.id, fields: fields.write(record) };
    const bytes = byteLength(mail.fields);
    if (chunk.length === mailsInScript || (chunk.length > 0 && chunkBytes + bytes > bytesInScript)) await stage();
    chunk.push(mail);
    chunkBytes += bytes;
  }
  await stage();
}

async function complete(mails: readonly Omit<MailTiming, 'state'>[], run: RunStep): Promise<void> {
  for (const chunk of chunksOf(mails)) await run((batch) => batch.finish(chunk));
  await run((batch) => batch.close());
}

/** After a timeout the caller does not wait for Redis once more: the abort goes on in the background, or is left to the sweeper. */
async function abortAfter({ timedOut }: QueueUnavailable, run: RunStep): Promise<'aborted' | 'committed' | 'superseded' | 'unknown'> {
  const aborting = run((batch) => batch.abort()).then((state) => {
    if (state === 'aborted') void remove(run).catch(() => undefined);
    return state === 'open' ? 'unknown' : state;
  });
  const outcome = aborting.catch(() => 'unknown' as const);
  return timedOut ? 'unknown' : await outcome;
}

async function remove(run: RunStep): Promise<void> {
  await run((batch) => batch.discard());
  await run((batch) => batch.close());
}

function withEffect(error: QueueUnavailable, mayHaveRun: boolean): QueueUnavailable {
  return new QueueUnavailable(error.message, { cause: error, mayHaveRun, timedOut: error.timedOut });
}

function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / mailsInScript) }, (_, n) => items.slice(n * mailsInScript, (n + 1) * mailsInScript));
}
