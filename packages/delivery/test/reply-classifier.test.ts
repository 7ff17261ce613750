import { timings } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { acceptance, classify, type SmtpFailure } from '../src/reply-classifier.ts';
import { parseRetryAfter } from '../src/smtp-reply.ts';
import { verdictTable } from '../src/verdict-table.ts';

const { reply: w } = timings;

const rows = [
  ['RCPT', '450 4.2.0 Greylisted', 'RETRY', undefined, undefined],
  ['RCPT', '451 4.7.1 Try later', 'RETRY', undefined, undefined],
  ['RCPT', '452 4.2.2 Mailbox full', 'RETRY', undefined, undefined],
  ['RCPT', '452 4.5.3 Too many recipients', 'RETRY', 0, undefined],
  ['RCPT', '450 4.2.1 Receives too fast', 'RETRY', w.recipientBusy, undefined],
  ['MAIL', '450 4.2.1 The relay is over its limit', 'OPEN', undefined, 'quota'],
  ['RCPT', '550 5.1.1 No such user', 'FAIL', undefined, undefined],
  ['RCPT', '551 5.1.6 Moved', 'FAIL', undefined, undefined],
  ['RCPT', '553 5.1.3 Bad address', 'FAIL', undefined, undefined],
  ['MAIL', '550 5.4.5 Daily limit exceeded', 'OPEN', undefined, 'quota'],
  ['RCPT', '550 5.4.5 Daily user sending limit exceeded', 'OPEN', undefined, 'quota'],
  ['MAIL', '454 4.7.0 Sending rate exceeded', 'DEFER', w.rate, undefined],
  ['MAIL', '454 4.3.0 Quota', 'OPEN', undefined, 'quota'],
  ['MAIL', '530 5.7.0 Authentication required', 'OPEN', undefined, 'login'],
  ['MAIL', '550 5.7.1 Rejected', 'FAIL', undefined, undefined],
  ['DATA', '421 4.3.2 Closing', 'OPEN', undefined, 'busy'],
  ['DOT', '421 Closing', 'OPEN', undefined, 'busy'],
  ['CONNECT', '421 Too busy', 'OPEN', undefined, 'busy'],
  ['DOT', '451 4.3.0 Try later', 'RETRY', undefined, undefined],
  ['DOT', '452 4.3.1 Disk full', 'RETRY', undefined, undefined],
  ['DOT', '550 5.7.1 Spam', 'FAIL', undefined, undefined],
  ['DOT', '554 5.7.1 Spam', 'FAIL', undefined, undefined],
  ['MAIL', '550 5.6.7 SMTPUTF8 required', 'FAIL', undefined, undefined],
  ['DOT', '552 5.3.4 Too big', 'FAIL', undefined, undefined],
  ['MAIL', '503 Bad sequence', 'RETRY', w.outOfStep, undefined],
  ['DATA', '500 What?', 'FAIL', undefined, undefined],
  ['MAIL', '501 5.5.4 Syntax', 'FAIL', undefined, undefined],
  ['AUTH', '535 5.7.8 Bad credentials', 'OPEN', undefined, 'login'],
  ['AUTH', '534 5.7.9 App password required', 'OPEN', undefined, 'login'],
  ['AUTH', '538 5.7.11 Encryption required', 'OPEN', undefined, 'login'],
  ['AUTH', '454 4.7.0 Temporary failure', 'DEFER', undefined, 'unreachable'],
  ['CONNECT', '554 No service', 'OPEN', undefined, 'login'],
  ['CONNECT', '450 Later', 'DEFER', undefined, 'unreachable'],
  ['DOT', '999 Nonsense', 'RETRY', undefined, undefined],
] as const;

const missingReplies = [
  ['ECONNREFUSED', false, 'DEFER', undefined, 'unreachable'],
  ['EDNS', false, 'DEFER', undefined, 'unreachable'],
  ['ETIMEDOUT', false, 'DEFER', undefined, 'unreachable'],
  ['EDEADLINE', false, 'DEFER', undefined, 'unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'OPEN', undefined, 'login'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, 'OPEN', undefined, 'login'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'OPEN', undefined, 'login'],
  ['CERT_HAS_EXPIRED', false, 'OPEN', undefined, 'login'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false, 'OPEN', undefined, 'login'],
  ['ETLS', false, 'OPEN', undefined, 'login'],
  ['EPROTO', false, 'OPEN', undefined, 'login'],
  ['ENOAUTH', false, 'OPEN', undefined, 'login'],
  ['oauth-required', false, 'OPEN', undefined, 'login'],
  ['wrong-scheme', false, 'OPEN', undefined, 'login'],
  ['too-large-for-provider', false, 'FAIL', undefined, undefined],
  ['smtputf8-not-offered', false, 'FAIL', undefined, undefined],
  ['eightbitmime-not-offered', false, 'FAIL', undefined, undefined],
  ['gate-denied', false, 'DEFER', undefined, undefined],
  ['lease-lost', false, 'DEFER', undefined, undefined],
  ['EENVELOPE', false, 'FAIL', undefined, undefined],
  ['EMESSAGE', false, 'FAIL', undefined, undefined],
  ['ECONNRESET', true, 'UNKNOWN', w.unknown, undefined],
  ['ETLS', true, 'UNKNOWN', w.unknown, undefined],
] as const;

describe('classify', () => {
  it.each(rows)('%s replied "%s" → %s', (step, reply, verdict, waitMs, failure) => {
    const { outcome, row } = classify({ step, reply, messageStarted: step === 'DOT' }, w);
    expect(outcome).toMatchObject({ verdict, code: Number(reply.slice(0, 3)), reply, reason: /^\d{3}( \d\.\d\.\d+)?/.exec(reply)?.[0] });
    expect(outcome.waitMs).toBe(waitMs);
    expect(row.failure?.kind).toBe(failure);
  });

  it.each(missingReplies)('no reply: %s, message started: %s → %s', (error, messageStarted, verdict, waitMs, failure) => {
    const { outcome, row } = classify({ step: 'MAIL', error, messageStarted }, w);
    expect(outcome).toMatchObject({ verdict, reason: error });
    expect(outcome.waitMs).toBe(waitMs);
    expect(row.failure?.kind).toBe(failure);
  });

  it('is tested on every row of the table', () => {
    const failures: SmtpFailure[] = [
      ...rows.map(([step, reply]) => ({ step, reply, messageStarted: step === 'DOT' })),
      ...missingReplies.map(([error, messageStarted]) => ({ step: 'MAIL' as const, error, messageStarted })),
    ];
    const decided = new Set(failures.map((failure) => classify(failure, w).row));
    expect(verdictTable.filter((row) => !decided.has(row)).map(({ meaning }) => meaning)).toEqual([]);
  });

  it('keeps the text of a reply out of its reason', () => {
    expect(
      classify({ step: 'RCPT', reply: '550 5.1.1 <anne@example.org> unknown', messageStarted: false }, w).outcome.reason,
    ).not.toContain('anne');
    expect(acceptance('250 2.0.0 Ok: queued as 4Xy')).toEqual({
      verdict: 'ACCEPT',
      reason: '250 2.0.0',
      code: 250,
      enhancedCode: '2.0.0',
      reply: '250 2.0.0 Ok: queued as 4Xy',
    });
  });
});

describe('a delay that the server asks for', () => {
  it.each([
    ['451 4.7.1 Greylisted, try again in 300 seconds', 300_000],
    ['450 4.2.0 Please retry after 5 minutes', 300_000],
    ['451 Greylisted for 2 min', 120_000],
    ['450 Try again in 00:04:30', 270_000],
    ['421 wait 1 hour', 3_600_000],
    ['451 come back in 999999 hours', 86_400_000],
    ['451 4.7.1 Try again later', undefined],
    ['451 4.3.0 Error 1234 in queue', undefined],
    ['550 5.1.1 Gone for 10 minutes', undefined],
  ])('%s → %s ms', (reply, ms) => {
    expect(parseRetryAfter(reply, w.retryAfterMax)).toBe(ms);
    if (ms !== undefined) expect(classify({ step: 'RCPT', reply, messageStarted: false }, w).outcome.waitMs).toBe(ms);
  });
});
