/** Follows a mail to its end, by asking the API. */
import { setTimeout as wait } from 'node:timers/promises';
import { isFinal } from '@posthouse/contract';
import type { MailApi, MailStatus } from './mail-api.ts';

/** What is known of a mail at the moment: its story, or why there is none to be had. */
export type Progress = MailStatus | { unknown: string };

/** ms. A mail that is on its way is asked after often; one that waits for its next try, ever more seldom. */
const firstPause = 50;
const longestPause = 2000;

/** Where a mail is now. Never throws. */
export function progressOf(id: string, api: MailApi): Promise<Progress> {
  return api.read(id).catch((error: Error) => ({ unknown: error.message }));
}

/** True when nothing will change any more. */
export function isOver(progress: Progress): boolean {
  return 'state' in progress && isFinal(progress.state);
}

/**
 * Tells where a mail is, and again whenever something about it has changed. Ends when the mail does.
 * @throws AbortError when the signal ended it
 */
export async function* followMail(id: string, api: MailApi, signal: AbortSignal): AsyncGenerator<Progress> {
  let told = '';
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    const progress = await progressOf(id, api);
    const telling = JSON.stringify(progress);
    if (telling !== told) yield progress;
    if (isOver(progress)) return;
    told = telling;
    await wait(pause, undefined, { signal });
  }
}

/** ms from the API's acceptance of a mail to the relay's. Both times are ISO 8601. */
export function sentAfterMs(createdAt: string, sentAt: string): number {
  return Date.parse(sentAt) - Date.parse(createdAt);
}

/** What the relay said last, or what happened instead. */
export function lastReply(story: MailStatus): string | undefined {
  return story.receipt?.response ?? story.attempts.at(-1)?.reason ?? story.lastDeferral?.reason;
}
