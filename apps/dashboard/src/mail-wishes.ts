/** What people wish of one mail, in words. */
import type { MailRecord } from '@posthouse/contract';
import { type MailWish, mailWishes, meantStates } from '@posthouse/queue';

/** The wishes that make sense now. */
export function wishesFor({ state, dotAt }: Pick<MailRecord, 'state'> & Partial<Pick<MailRecord, 'dotAt'>>): MailWish[] {
  return mailWishes.filter((wish) => meantStates[wish].includes(state) && !(wish === 'cancel' && dotAt !== undefined));
}

/** What is told of a wish that was granted. */
export const grantedWords: Readonly<Record<MailWish, string>> = {
  retry: 'It is in the queue again, for those who were refused',
  sendNow: 'It is in the queue, to be sent at once',
  cancel: 'It is cancelled',
  delivered: 'It is on record as accepted by the relay',
  sendAgain: 'It is in the queue again, for those of whom nobody knows whether it arrived',
};

/** Why a wish was not granted. */
export const deniedWords: Readonly<Record<MailWish, string>> = {
  retry: 'Only a mail that has failed, and whose content is still kept, can be retried. Who has a mail never gets it again.',
  sendNow: 'Only a mail that waits for its time can be sent at once.',
  cancel: 'A mail can be cancelled until its message begins to go out.',
  delivered: 'Only an uncertain mail can be resolved; perhaps somebody else was faster.',
  sendAgain: 'Only an uncertain mail can be resolved; perhaps somebody else was faster.',
};
