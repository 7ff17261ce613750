/** What people wish of one mail, in words. */
import type { MailRecord } from '@posthouse/contract';
import { applicableStates, type MailAction, mailActions } from '@posthouse/queue';

/** The wishes that make sense now. */
export function actionsFor({
  state,
  messageStartedAt,
}: Pick<MailRecord, 'state'> & Partial<Pick<MailRecord, 'messageStartedAt'>>): MailAction[] {
  return mailActions.filter(
    (action) => applicableStates[action].includes(state) && !(action === 'cancel' && messageStartedAt !== undefined),
  );
}

/** What is told of a wish that was granted. */
export const appliedText: Readonly<Record<MailAction, string>> = {
  retry: 'It is in the queue again, for those who were refused',
  sendNow: 'It is in the queue, to be sent at once',
  cancel: 'It is cancelled',
  delivered: 'It is on record as accepted by the relay',
  sendAgain: 'It is in the queue again, for those of whom nobody knows whether it arrived',
};

/** Why a wish was not granted. */
export const rejectedText: Readonly<Record<MailAction, string>> = {
  retry: 'Only a mail that has failed, and whose content is still kept, can be retried. Who has a mail never gets it again.',
  sendNow: 'Only a mail that waits for its time can be sent at once.',
  cancel: 'A mail can be cancelled until its message begins to go out.',
  delivered: 'Only an uncertain mail can be resolved; perhaps somebody else was faster.',
  sendAgain: 'Only an uncertain mail can be resolved; perhaps somebody else was faster.',
};
