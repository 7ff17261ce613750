/** Reads one mail for its page: as much of it as can be opened here. */
import type { MailRecord } from '@posthouse/contract';
import { KeyMissingError, type MailList, type MailQueue, type MailSummary, RecordError } from '@posthouse/queue';

/** What can be opened of a mail: all; all but what it says, for that reason; or only what stands in clear. */
export type ReadableMail = { record: MailRecord; contentFault?: string } | { summary: MailSummary };

/** @returns undefined when there is no such mail (any more) @throws QueueUnavailable */
export async function decryptMail(queue: MailQueue, list: MailList, id: string): Promise<ReadableMail | undefined> {
  const whole = await opened(queue.read(id, true));
  if (!(whole instanceof Error)) return whole && { record: whole };
  const record = await opened(queue.read(id));
  if (!(record instanceof Error)) return record && { record, contentFault: whole.message };
  const summary = await list.find(id);
  return summary && { summary };
}

/** The record, or why it cannot be opened. */
async function opened(reading: Promise<MailRecord | undefined>): Promise<MailRecord | undefined | Error> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RecordError || error instanceof KeyMissingError) return error;
    throw error;
  }
}
