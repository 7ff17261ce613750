/** Which states an action, or a script, applies to. */
import { isFinal, type MailState, mailStates } from '@posthouse/contract';

/** What a user can do to one mail or to many; `delivered` and `sendAgain` resolve uncertain mails. */
export const mailActions = ['retry', 'sendNow', 'cancel', 'delivered', 'sendAgain'] as const;

export type MailAction = (typeof mailActions)[number];

/** The states that an action applies to; a mail in any other state is skipped. The script decides by the state at that moment. */
export const applicableStates: Readonly<Record<MailAction, readonly MailState[]>> = {
  // Of sent mails those with rejected recipients, whose content is kept.
  retry: ['failed', 'sent'],
  sendNow: ['scheduled', 'retrying'],
  cancel: ['queued', 'scheduled', 'sending', 'retrying'],
  delivered: ['uncertain'],
  sendAgain: ['uncertain'],
};

/** States in which an action changes nothing and succeeds: repeating a request is harmless, and so is retrying a mail that waits. */
export const idempotentStates: Readonly<Record<'cancel' | 'retry' | 'sendNow' | 'resolve', readonly MailState[]>> = {
  cancel: ['cancelled'],
  retry: ['queued', 'scheduled', 'sending', 'retrying'],
  // What a caller wants of it is done, or is being done.
  sendNow: ['queued', 'sending', 'sent'],
  resolve: [],
};

/** What can be sent at another time: what was tried already follows its schedule of retries. */
export const reschedulableStates = ['scheduled'] as const satisfies readonly MailState[];

/** The recorded action of a mail that is to be sent at another time. */
export const rescheduleAction = 'reschedule' as const;

/** The states in which the queue has something left to do for a mail. */
export const unfinishedStates = mailStates.filter((state) => !isFinal(state));

/** The final states that a retry or a resolution can leave: all content is kept for it. So it is in those of a partly sent mail. */
export const contentKept = ['failed', 'uncertain'] as const satisfies readonly MailState[];

/** The states whose mails are in a failure group. */
export const groupedStates = ['failed', 'retrying', 'uncertain', 'expired'] as const satisfies readonly MailState[];
