/** What can be done to many mails at once, in words. */
import type { MailState } from '@posthouse/contract';
import { applicableStates, type MailAction } from '@posthouse/queue';

/** One thing to do. */
export interface BulkChoice {
  action: MailAction;
  /** What a button says. */
  word: string;
  /** What it does, to the end of the sentence "This …". */
  does: string;
}

const choices: readonly BulkChoice[] = [
  { action: 'retry', word: 'Retry', does: 'sends failed mails again, to those who were refused' },
  {
    action: 'sendNow',
    word: 'Send now',
    does: 'sends mails that wait for their time, or for their next try',
  },
  {
    action: 'cancel',
    word: 'Cancel',
    does: 'takes mails back that have not gone out',
  },
  { action: 'delivered', word: 'Resolve: it arrived', does: 'ends uncertain mails as accepted' },
  {
    action: 'sendAgain',
    word: 'Resolve: send again',
    does: 'sends uncertain mails again; who got one before gets it twice',
  },
];

/** The choices that do something to mails of these states; without any, all. */
export function bulkActions(states: readonly MailState[] | undefined): readonly BulkChoice[] {
  if (states === undefined) return choices;
  const fitting = choices.filter((choice) => applicableStates[choice.action].some((state) => states.includes(state)));
  return fitting.length === 0 ? choices : fitting;
}
