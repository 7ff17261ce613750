import type { MailRecord } from '@posthouse/contract';
import { expect, test } from 'vitest';
import { type Chapter, storyOf } from '../src/mail-story.ts';
import { wishesFor } from '../src/mail-wishes.ts';
import { attempt, pastRecords } from './past-records.ts';

const past = pastRecords();

function told(record: MailRecord): string[] {
  return storyOf(record).map((chapter: Chapter) => {
    if (chapter.kind === 'attempt') return `attempt ${chapter.attempt.number}${chapter.isLatest ? ', the latest' : ''}`;
    if (chapter.kind === 'deferral') return `deferral ${chapter.count}${chapter.isLatest ? ', the latest' : ''}`;
    return chapter.kind === 'forgotten' ? `${chapter.attempts} forgotten` : chapter.kind;
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
  expect(storyOf({ ...past.scheduled, state: 'sending', dotAt: 7 })[0]).toEqual({ kind: 'inHand', at: 7 });
  expect(storyOf({ ...past.scheduled, state: 'sending' })[0]).toEqual({ kind: 'inHand' });
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
  expect(Object.entries(past).map(([name, record]) => [name, wishesFor(record)])).toEqual([
    ['sent', []],
    ['partial', []],
    ['failed', ['retry']],
    ['retrying', ['sendNow', 'cancel']],
    ['uncertain', ['delivered', 'sendAgain']],
    ['scheduled', ['sendNow', 'cancel']],
    ['expired', []],
  ]);
  expect(wishesFor({ state: 'sending' })).toEqual(['cancel']);
  expect(wishesFor({ state: 'sending', dotAt: 1 })).toEqual([]);
});
