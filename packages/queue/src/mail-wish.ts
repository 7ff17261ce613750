/** What people may wish of mails, of one or of many. Redis has the last word: a wish is granted by the state that a mail is in by then. */
import type { MailState } from '@posthouse/contract';

/** Every wish; `delivered` and `sendAgain` resolve uncertain mails. */
export const mailWishes = ['retry', 'sendNow', 'cancel', 'delivered', 'sendAgain'] as const;

/** One of them. */
export type MailWish = (typeof mailWishes)[number];

/** The states in which a mail is meant by a wish; in any other it is passed by. */
export const meantStates: Readonly<Record<MailWish, readonly MailState[]>> = {
  retry: ['failed'],
  sendNow: ['scheduled', 'retrying'],
  cancel: ['queued', 'scheduled', 'sending', 'retrying'],
  delivered: ['uncertain'],
  sendAgain: ['uncertain'],
};
