import { timings } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { classify } from '../src/reply-classifier.ts';
import { parseRetryAfter } from '../src/retry-after.ts';

const { reply: w } = timings;

describe('a delay that the server asks for', () => {
  it.each([
    ['451 4.7.1 Greylisted, try again in 300 seconds', 300_000],
    ['450 4.2.0 Please retry after 5 minutes', 300_000],
    ['451 Greylisted for 2 min', 120_000],
    ['450 Try again in 00:04:30', 270_000],
    ['421 wait 1 hour', 3_600_000],
    ['450 Come back in 1 day', 86_400_000],
    ['451 come back in 999999 hours', 86_400_000],
    ['451-4.7.1 Please try again\r\n451 4.7.1 in 300 seconds', 300_000],
    ['451 4.7.1 Try again later', undefined],
    ['451 4.3.0 Error 1234 in queue', undefined],
    ['450 Try again in 0 seconds', undefined],
    ['550 5.1.1 Gone for 10 minutes', undefined],
    ['554 5.7.1 Try again in 10 minutes', undefined],
  ])('%s → %s ms', (reply, ms) => {
    expect(classify({ step: 'RCPT', reply, messageStarted: false }, w).outcome.waitMs).toBe(ms);
  });

  it('counts in a 5yz reply that is known to be about the account', () => {
    const reply = '554 5.7.1 Your account is on probation. Account will be enabled in 341 seconds';
    expect(classify({ step: 'DATA', reply, messageStarted: false }, w).retryAfterMs).toBe(341_000);
  });

  it('may be a date', () => {
    const words = 'Domain example.org is not allowed to send: recipient limit exceeded, try again after Sun, 05 Oct 2025 19:22:44 UTC';
    const now = Date.UTC(2025, 9, 5, 19, 0, 44);
    expect(parseRetryAfter(words, w.retryAfterMax, now)).toBe(22 * 60_000);
    expect(parseRetryAfter(words, w.retryAfterMax, now + 3_600_000)).toBeUndefined();
    expect(parseRetryAfter(words, w.retryAfterMax, Date.UTC(2025, 0, 1))).toBe(w.retryAfterMax);
    expect(parseRetryAfter('try again after Abc, 99 Xyz 2025 99:99:99 UTC', w.retryAfterMax, now)).toBeUndefined();
  });
});
