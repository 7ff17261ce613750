/** What can be done to many mails at once, in words; and to mails of which states it does something. */
import type { MailState } from '@posthouse/contract';
import type { BulkAction } from '@posthouse/queue';

/** One thing to do. */
export interface BulkChoice {
  action: BulkAction;
  /** What a button says. */
  word: string;
  /** What it does, to the end of the sentence "This …". */
  does: string;
  states: readonly MailState[];
}

const choices: readonly BulkChoice[] = [
  { action: 'retry', word: 'Retry', does: 'sends failed mails again, to those who were refused', states: ['failed'] },
  {
    action: 'sendNow',
    word: 'Send now',
    does: 'sends mails that wait for their time, or for their next try',
    states: ['retrying', 'scheduled'],
  },
  {
    action: 'cancel',
    word: 'Cancel',
    does: 'takes mails back that have not gone out',
    states: ['queued', 'scheduled', 'retrying', 'sending'],
  },
  { action: 'delivered', word: 'Resolve: it arrived', does: 'ends uncertain mails as accepted', states: ['uncertain'] },
  {
    action: 'sendAgain',
    word: 'Resolve: send again',
    does: 'sends uncertain mails again; who got one before gets it twice',
    states: ['uncertain'],
  },
];

/** The choices that do something to mails of these states; without any, all. */
export function bulkActions(states: readonly MailState[] | undefined): readonly BulkChoice[] {
  if (states === undefined) return choices;
  const fitting = choices.filter((choice) => choice.states.some((state) => states.includes(state)));
  return fitting.length === 0 ? choices : fitting;
}
