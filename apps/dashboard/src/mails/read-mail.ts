/** Reads one mail for its page: once, as far as it can be decrypted, or again whenever it has changed. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isFinal, type MailRecord, type MailState, type Timings } from '@posthouse/contract';
import { type MailList, type MailQueue, type MailSummary, RecordError } from '@posthouse/queue';

/** As much of a mail as can be decrypted: all, all but the content (with the reason), or the fields that are not sealed. */
export type ReadableMail = { record: MailRecord; contentError?: string } | { summary: MailSummary };

/** @returns undefined when there is no such mail, or its record has expired @throws QueueUnavailable */
export async function decryptMail(queue: MailQueue, list: MailList, id: string): Promise<ReadableMail | undefined> {
  const complete = await recordOrError(queue.read(id, true));
  if (!(complete instanceof Error)) return complete && { record: complete };
  const record = await recordOrError(queue.read(id));
  if (!(record instanceof Error)) return record && { record, contentError: complete.message };
  const summary = await list.find(id);
  return summary && { summary };
}

async function recordOrError(reading: Promise<MailRecord | undefined>): Promise<MailRecord | undefined | Error> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RecordError) return error;
    throw error;
  }
}

/** Whether a mail in this state may still change; a failed or uncertain one does when a user retries it. */
export function canStillChange(state: MailState): boolean {
  return !isFinal(state) || state === 'failed' || state === 'uncertain';
}

/**
 * Yields a mail's record, without its content, at once and whenever it has changed, while it may still change.
 * @throws AbortError when the signal is aborted, or as `MailQueue.read` does
 */
export async function* watchMail(
  queue: MailQueue,
  id: string,
  { mailPoll, mailRefresh }: Timings['dashboard'],
  closed: AbortSignal,
): AsyncGenerator<MailRecord> {
  let last = '';
  for (let yieldedAt = 0; ; await delay(mailPoll, undefined, { signal: closed })) {
    const record = await queue.read(id);
    const current = JSON.stringify(record);
    if (record !== undefined && (current !== last || Date.now() - yieldedAt >= mailRefresh)) {
      yield record;
      [last, yieldedAt] = [current, Date.now()];
    }
    if (record === undefined || !canStillChange(record.state)) await once(closed, 'abort');
  }
}
