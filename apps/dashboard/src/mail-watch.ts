/** Follows a mail for whoever has its page open. */
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { isFinal, type MailRecord, type MailState } from '@posthouse/contract';
import type { MailQueue } from '@posthouse/queue';

/** ms between two looks at the mail; and until it is told although nothing happened, because its "3 min. ago" has grown old. */
const timings = { look: 1000, again: 15_000 };

/** Whether there may be news of a mail: also of one that somebody may have sent again. */
export function canStillChange(state: MailState): boolean {
  return !isFinal(state) || state === 'failed' || state === 'uncertain';
}

/**
 * Tells a mail's record, without its content, at once and whenever it has changed, for as long as there may be news of it.
 * @throws AbortError when the signal ended it, or as `MailQueue.read` does
 */
export async function* followMail(queue: MailQueue, id: string, gone: AbortSignal): AsyncGenerator<MailRecord> {
  let told = '';
  for (let toldAt = 0; ; await setTimeout(timings.look, undefined, { signal: gone })) {
    const record = await queue.read(id);
    const telling = JSON.stringify(record);
    if (record !== undefined && (telling !== told || Date.now() - toldAt >= timings.again)) {
      yield record;
      [told, toldAt] = [telling, Date.now()];
    }
    if (record === undefined || !canStillChange(record.state)) await once(gone, 'abort');
  }
}
