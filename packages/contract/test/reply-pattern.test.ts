import { expect, it } from 'vitest';
import { deferralWords, replyPattern } from '../src/reply-pattern.ts';

it.each([
  ['550 5.1.1 <anne@example.com>: Recipient address rejected: User unknown', '… Recipient address rejected: User unknown'],
  [
    '550-5.1.1 The email account does not exist. 550-5.1.1 Try again 550 5.1.1 d2e1a72fcca58-7a1f gsmtp',
    'The email account does not exist. Try again … gsmtp',
  ],
  [
    '550 5.7.606 Access denied, banned sending IP [203.0.113.7]. (S8001) [DB5EUR03FT012.eop-EUR03.prod.protection.outlook.com 2026-11-26T02:30:00.000Z]',
    'Access denied, banned sending IP …',
  ],
  ['452 4.2.2 mailbox of anne is full', 'mailbox of … is full'],
  ['550 see https://support.example.com/mail/?p=NoSuchUser', 'see …'],
  ['250', ''],
])('%s → %s', (reply, words) => {
  expect(replyPattern(reply, 'anne@example.com')).toBe(words);
});

it('takes a bounded time for any reply', () => {
  expect(replyPattern('a.'.repeat(500_000), '').length).toBeLessThan(500);
  expect(replyPattern(`${'-'.repeat(400)}x`, '').length).toBeLessThan(500);
});

it('of a deferral keeps what the server said with the code of the reason', () => {
  const steps = [
    { command: 'DATA', reply: '354 Go on', atMs: 1 },
    { command: '.', reply: '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException', atMs: 2 },
  ];
  expect(deferralWords({ reason: '554 5.2.0', steps })).toBe('STOREDRV.Submission.Exception:SubmissionQuotaExceededException');
  expect(deferralWords({ reason: 'circuit-open', steps })).toBeUndefined();
});
