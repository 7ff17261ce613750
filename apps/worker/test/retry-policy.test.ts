import { type DeliveryAttempt, type MailRecord, type RecipientOutcome, timings } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { decide } from '../src/retry-policy.ts';

const now = 1_000_000;
const steady = { ...timings, retryJitter: 0 };

function record(states: readonly ('pending' | 'accepted' | 'rejected')[], counts: Partial<MailRecord> = {}): MailRecord {
  const recipients = states.map((state, n) => ({ address: `r${n}@example.net`, kind: 'to' as const, state }));
  return { recipients, attemptCount: 0, scheduleFrom: 0, deferralCount: 0, onUncertain: 'resend', ...counts } as MailRecord;
}

function attempted(...outcomes: Partial<RecipientOutcome>[]): DeliveryAttempt {
  return {
    kind: 'attempted',
    at: now - 10,
    durationMs: 10,
    provider: 'ses',
    steps: [],
    outcomes: outcomes.map((outcome) => ({ address: 'x', verdict: 'ACCEPT' as const, reason: '250', ...outcome })),
  };
}

const ACCEPT = { verdict: 'ACCEPT', reason: '250 2.0.0' } as const;
const RETRY = { verdict: 'RETRY', reason: '451 4.7.1' } as const;
const FAIL = { verdict: 'FAIL', reason: '550 5.1.1' } as const;
const UNKNOWN = { verdict: 'UNKNOWN', reason: 'ECONNRESET', waitMs: 90_000 } as const;
const OPEN = { verdict: 'OPEN', reason: '535 5.7.8' } as const;
const DEFER = { verdict: 'DEFER', reason: 'ECONNREFUSED' } as const;

describe('decide', () => {
  it('records nothing when another run has the mail', () => {
    const attempt: DeliveryAttempt = { ...attempted(DEFER), kind: 'lease-lost' };
    expect(decide(record(['pending']), attempt, steady, now)).toEqual({ kind: 'superseded', reason: 'ECONNREFUSED' });
  });

  it("counts an attempt, unless the failure was the provider's alone", () => {
    for (const outcome of [ACCEPT, RETRY, FAIL]) expect(decide(record(['pending']), attempted(outcome), steady, now).kind).toBe('attempt');
    for (const outcome of [DEFER, OPEN]) expect(decide(record(['pending']), attempted(outcome), steady, now).kind).toBe('deferral');
    expect(decide(record(['pending', 'pending']), attempted(DEFER, ACCEPT), steady, now).kind).toBe('attempt');
  });

  it('assigns the outcomes to the pending recipients, in their order', () => {
    const decision = decide(record(['accepted', 'pending', 'rejected', 'pending', 'pending']), attempted(ACCEPT, FAIL, RETRY), steady, now);
    expect(decision).toMatchObject({
      result: {
        attempt: { verdict: 'FAIL', reason: '550 5.1.1' },
        recipients: [
          { index: 1, state: 'accepted', at: now, provider: 'ses', reason: '250 2.0.0' },
          { index: 3, state: 'rejected', reason: '550 5.1.1' },
          { index: 4, state: 'pending', reason: '451 4.7.1' },
        ],
      },
    });
  });

  it('follows the schedule and fails at its end, with a detail that says so', () => {
    timings.retry.forEach((wait, index) => {
      expect(decide(record(['pending'], { attemptCount: index }), attempted(RETRY), steady, now)).toMatchObject({
        result: { waitMs: wait },
      });
    });
    expect(decide(record(['pending'], { attemptCount: timings.retry.length }), attempted(RETRY), steady, now)).toMatchObject({
      result: {
        attempt: { detail: expect.stringContaining('last of the schedule') },
        recipients: [{ state: 'rejected', reason: '451 4.7.1' }],
      },
    });
  });

  it('does not fail the other recipients while a server accepts a few at a time', () => {
    const rest = { verdict: 'RETRY', reason: '452 4.5.3', waitMs: 0 } as const;
    expect(decide(record(['pending', 'pending'], { attemptCount: 40 }), attempted(ACCEPT, rest), steady, now)).toMatchObject({
      result: { recipients: [{ state: 'accepted' }, { state: 'pending' }] },
    });
  });

  it('moves each wait by its jitter, and no further', () => {
    const first = timings.retry[0] as number;
    const seen = Array.from({ length: 200 }, () => {
      const decision = decide(record(['pending']), attempted(RETRY), timings, now);
      return decision.kind === 'attempt' ? decision.result.waitMs : 0;
    });
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(first * 0.8);
    expect(Math.max(...seen)).toBeLessThanOrEqual(first * 1.2);
    expect(new Set(seen).size).toBeGreaterThan(50);
  });

  it('waits as long as a reply asks; of several recipients, the longest', () => {
    const decision = decide(record(['pending', 'pending']), attempted({ ...RETRY, waitMs: 900_000 }, RETRY), steady, now);
    expect(decision).toMatchObject({ result: { waitMs: 900_000 } });
    expect(decide(record(['pending']), attempted({ ...RETRY, waitMs: 0 }), steady, now)).toMatchObject({
      result: { waitMs: 0 },
    });
  });

  it("restarts the schedule at a user's retry", () => {
    const first = timings.retry[0] as number;
    const retried = record(['pending'], { attemptCount: 10, scheduleFrom: 10 });
    expect(decide(retried, attempted(RETRY), steady, now)).toMatchObject({
      result: { waitMs: first, recipients: [{ state: 'pending' }] },
    });
  });

  it('resends a message once to which no reply came by the deadline; then a user decides, also with resend', () => {
    const unanswered: DeliveryAttempt = { ...attempted(UNKNOWN), unanswered: true };
    expect(decide(record(['pending']), unanswered, steady, now)).toMatchObject({
      result: { hold: false, unanswered: true, waitMs: 90_000 },
    });
    expect(decide(record(['pending'], { unansweredCount: 1 }), unanswered, steady, now)).toMatchObject({ result: { hold: true } });
    const other = decide(record(['pending'], { unansweredCount: 1 }), attempted(UNKNOWN), steady, now);
    expect(other).toMatchObject({ result: { hold: false } });
    expect(other).not.toHaveProperty('result.unanswered');
  });

  it('resends after an unknown outcome, or holds the mail by its policy or at the end of the schedule', () => {
    const resent = decide(record(['pending', 'pending']), attempted(UNKNOWN, FAIL), steady, now);
    expect(resent).toMatchObject({
      result: {
        hold: false,
        waitMs: 90_000,
        recipients: [{ state: 'pending', uncertain: true }, { state: 'rejected' }],
      },
    });
    expect(decide(record(['pending'], { onUncertain: 'hold' }), attempted(UNKNOWN), steady, now)).toMatchObject({
      result: { hold: true },
    });
    expect(decide(record(['pending'], { attemptCount: timings.retry.length }), attempted(UNKNOWN), steady, now)).toMatchObject({
      result: { hold: true, recipients: [{ state: 'pending', uncertain: true }] },
    });
    expect(decide(record(['pending'], { onUncertain: 'hold' }), attempted(RETRY), steady, now)).toMatchObject({
      result: { hold: false },
    });
  });

  it('doubles the wait of each deferral up to the maximum', () => {
    const wait = (deferralCount: number) => {
      const decision = decide(record(['pending'], { deferralCount }), attempted(DEFER), steady, now);
      return decision.kind === 'deferral' ? decision.waitMs : undefined;
    };
    expect([0, 1, 2, 5, 500].map(wait)).toEqual([10_000, 20_000, 40_000, 300_000, 300_000]);
  });
});
