/** What people may wish of mails, of one or of many. Redis has the last word: a wish is granted by the state that a mail is in by then. */
import type { MailState } from '@posthouse/contract';

/** Every wish; `delivered` and `sendAgain` resolve uncertain mails. */
export const mailActions = ['retry', 'sendNow', 'cancel', 'delivered', 'sendAgain'] as const;

/** One of them. */
export type MailAction = (typeof mailActions)[number];

/** The states in which a mail is meant by a wish; in any other it is passed by. */
export const applicableStates: Readonly<Record<MailAction, readonly MailState[]>> = {
  retry: ['failed'],
  sendNow: ['scheduled', 'retrying'],
  cancel: ['queued', 'scheduled', 'sending', 'retrying'],
  delivered: ['uncertain'],
  sendAgain: ['uncertain'],
};
