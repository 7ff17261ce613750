/** Reads one mail for its page: once, as far as it can be decrypted, or again whenever it has changed. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isFinal, type MailRecord, type Timings } from '@posthouse/contract';
import { type MailList, type MailQueue, type MailSummary, RecordError } from '@posthouse/queue';
import { HttpError } from '@posthouse/web';
import { t } from '../ui/translate.ts';

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

/** The newest copies of a mail, newest first, as far as their records can be read. @throws QueueUnavailable */
export async function readCopies(queue: MailQueue, id: string): Promise<MailRecord[]> {
  const copies = await Promise.all((await queue.copyIds(id)).map((copy) => recordOrError(queue.read(copy))));
  return copies.filter((copy): copy is MailRecord => copy !== undefined && !(copy instanceof Error));
}

/** The error for an id without a record. */
export function mailNotFound(): HttpError {
  return new HttpError(404, t('Mail not found'), t('No mail has this id, or its record has expired.'));
}

/** Whether a mail may still change; a failed, uncertain or partly sent one does when a user retries it. */
export function canStillChange({ state, partial }: Pick<MailRecord, 'state' | 'partial'>): boolean {
  return !isFinal(state) || state === 'failed' || state === 'uncertain' || partial;
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
    if (record === undefined || !canStillChange(record)) await once(closed, 'abort');
  }
}
