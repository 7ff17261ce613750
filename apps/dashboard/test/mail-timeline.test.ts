import type { MailRecord } from '@posthouse/contract';
import { expect, test } from 'vitest';
import { DeliveryTranscript, decisiveStep } from '../src/mails/delivery-transcript.tsx';
import { actionsFor } from '../src/mails/mail-actions.ts';
import { type TimelineEvent, timelineOf } from '../src/mails/timeline-events.ts';
import { attempt, pastRecords } from './past-records.ts';

const past = pastRecords();

function kinds(record: MailRecord): string[] {
  return timelineOf(record).map((event: TimelineEvent) => {
    if (event.kind === 'attempt') return `attempt ${event.attempt.number}${event.isLatest ? ', the latest' : ''}`;
    if (event.kind === 'deferral') return `deferral ${event.count}${event.isLatest ? ', the latest' : ''}`;
    return event.kind === 'omitted' ? `${event.attempts} omitted` : event.kind;
  });
}

test.each([
  ['sent', ['ended', 'attempt 1, the latest', 'received']],
  ['failed', ['ended', 'attempt 3, the latest', 'attempt 2', 'attempt 1', 'received']],
  ['retrying', ['waiting', 'deferral 4, the latest', 'attempt 2', 'attempt 1', 'received']],
  ['scheduled', ['waiting', 'received']],
  ['expired', ['ended', 'deferral 9, the latest', 'received']],
] as const)('the history of a mail that is %s, newest first', (state, history) => {
  expect(kinds(past[state])).toEqual(history);
});

test('a mail that is being sent is not waiting', () => {
  expect(timelineOf({ ...past.scheduled, state: 'sending', messageStartedAt: 7 })[0]).toEqual({ kind: 'sending', at: 7 });
  expect(timelineOf({ ...past.scheduled, state: 'sending' })[0]).toEqual({ kind: 'sending' });
});

test('attempts that are no longer kept are counted, and a retry stands where it happened', () => {
  const late = [4, 5, 6].map((number) => attempt(number, past.failed.createdAt + number, 'RETRY', '451 4.3.0 Busy'));
  const record = { ...past.failed, attempts: late, attemptCount: 6, scheduleFrom: 5 };
  expect(kinds(record)).toEqual(['ended', 'attempt 6, the latest', 'retried', 'attempt 5', 'attempt 4', '3 omitted', 'received']);
  expect(kinds({ ...record, attempts: late.slice(2), scheduleFrom: 3 })).toEqual([
    ...['ended', 'attempt 6, the latest', 'retried', '5 omitted', 'received'],
  ]);
});

test('of two attempts of the same millisecond the later one is the latest', () => {
  const attempts = [1, 2].map((number) => attempt(number, past.failed.createdAt + 9, 'RETRY', '451 4.3.0 Busy'));
  expect(kinds({ ...past.failed, attempts, attemptCount: 2 })).toEqual(['ended', 'attempt 2, the latest', 'attempt 1', 'received']);
});

test('what users and API keys did stands where it happened, with the retry by whom', () => {
  const at = past.failed.createdAt;
  const actions = [
    { at: at + 4, action: 'retry', who: 'anne', role: 'operator' },
    { at: at + 9, action: 'cancel', who: 'shop', role: 'API key' },
  ];
  const late = [4, 5, 6].map((number) => attempt(number, at + number, 'RETRY', '451 4.3.0 Busy'));
  const record = { ...past.failed, attempts: late.slice(1), attemptCount: 6, scheduleFrom: 4, actions };
  expect(kinds(record)).toEqual(['ended', 'action', 'attempt 6, the latest', 'attempt 5', 'action', '4 omitted', 'received']);
});

test('the actions that apply depend on the state', () => {
  expect(Object.entries(past).map(([name, record]) => [name, actionsFor(record)])).toEqual([
    ['sent', []],
    ['partial', ['retry']],
    ['failed', ['retry']],
    ['retrying', ['sendNow', 'cancel']],
    ['uncertain', ['delivered', 'sendAgain']],
    ['scheduled', ['sendNow', 'cancel']],
    ['expired', []],
  ]);
  expect(actionsFor({ state: 'sending' })).toEqual(['cancel']);
  expect(actionsFor({ state: 'sending', messageStartedAt: 1 })).toEqual([]);
});

test('the step that decided is the last one with the reply of the reason, or else the last one', () => {
  const steps = ['220 ready', '250 2.1.0 Ok', '550 5.1.1 no such user', '550 5.7.1 blocked', '354 go on', ''].map((reply, n) => ({
    atMs: n,
    command: '',
    reply,
  }));
  expect(decisiveStep(steps, '550 5.1.1')).toBe(2);
  expect(decisiveStep(steps, '550')).toBe(3);
  expect(decisiveStep(steps, 'no-reply')).toBe(5);
  expect(decisiveStep([], '550')).toBe(-1);
});

test('durations have the units of all pages', async () => {
  const steps = [{ command: 'DATA', reply: '354 Go on', atMs: 14_400 }];
  const shown = await DeliveryTranscript({ at: 1, durationMs: 48_000, provider: 'sandbox', reason: 'ETIMEDOUT', steps, isLatest: true });
  expect(shown).toMatch(/sandbox, 48 s.*>14 s</s);
});
