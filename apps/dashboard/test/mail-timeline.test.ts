import type { MailRecord } from '@posthouse/contract';
import { expect, test } from 'vitest';
import { actionsFor } from '../src/mail-action-labels.ts';
import { type TimelineEvent, timelineOf } from '../src/mail-timeline.ts';
import { attempt, pastRecords } from './past-records.ts';

const past = pastRecords();

function told(record: MailRecord): string[] {
  return timelineOf(record).map((event: TimelineEvent) => {
    if (event.kind === 'attempt') return `attempt ${event.attempt.number}${event.isLatest ? ', the latest' : ''}`;
    if (event.kind === 'deferral') return `deferral ${event.count}${event.isLatest ? ', the latest' : ''}`;
    return event.kind === 'forgotten' ? `${event.attempts} forgotten` : event.kind;
  });
}

test.each([
  ['sent', ['ended', 'attempt 1, the latest', 'accepted']],
  ['failed', ['ended', 'attempt 3, the latest', 'attempt 2', 'attempt 1', 'accepted']],
  ['retrying', ['waits', 'deferral 4, the latest', 'attempt 2', 'attempt 1', 'accepted']],
  ['scheduled', ['waits', 'accepted']],
  ['expired', ['ended', 'deferral 9, the latest', 'accepted']],
] as const)('a mail that is %s is told from its latest moment back', (state, story) => {
  expect(told(past[state])).toEqual(story);
});

test('a mail that a worker has does not wait', () => {
  expect(timelineOf({ ...past.scheduled, state: 'sending', messageStartedAt: 7 })[0]).toEqual({ kind: 'inHand', at: 7 });
  expect(timelineOf({ ...past.scheduled, state: 'sending' })[0]).toEqual({ kind: 'inHand' });
});

test('attempts that are not kept are counted, and a new beginning stands where it was made', () => {
  const late = [4, 5, 6].map((number) => attempt(number, past.failed.createdAt + number, 'RETRY', '451 4.3.0 Busy'));
  const record = { ...past.failed, attempts: late, attemptCount: 6, scheduleFrom: 5 };
  expect(told(record)).toEqual(['ended', 'attempt 6, the latest', 'renewed', 'attempt 5', 'attempt 4', '3 forgotten', 'accepted']);
  expect(told({ ...record, attempts: late.slice(2), scheduleFrom: 3 })).toEqual([
    ...['ended', 'attempt 6, the latest', 'renewed', '5 forgotten', 'accepted'],
  ]);
});

test('what may be wished follows the state', () => {
  expect(Object.entries(past).map(([name, record]) => [name, actionsFor(record)])).toEqual([
    ['sent', []],
    ['partial', []],
    ['failed', ['retry']],
    ['retrying', ['sendNow', 'cancel']],
    ['uncertain', ['delivered', 'sendAgain']],
    ['scheduled', ['sendNow', 'cancel']],
    ['expired', []],
  ]);
  expect(actionsFor({ state: 'sending' })).toEqual(['cancel']);
  expect(actionsFor({ state: 'sending', messageStartedAt: 1 })).toEqual([]);
});
