import { type ReasonCode, reasons, timings } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { accountRefusals } from '../src/account-refusals.ts';
import { acceptance, classify, type MailContext, type SmtpFailure } from '../src/reply-classifier.ts';
import { verdictTable } from '../src/verdict-table.ts';

const { reply: w } = timings;

const rows = [
  ['RCPT', '450 4.2.0 Greylisted', 'RETRY', undefined, undefined],
  ['RCPT', '451 4.7.1 Try later', 'RETRY', undefined, undefined],
  ['RCPT', '452 4.2.2 Mailbox full', 'RETRY', undefined, undefined],
  ['RCPT', '452 4.5.3 Too many recipients', 'DEFER', w.tooManyRecipients.initial, undefined],
  ['RCPT', '450 4.2.1 Receives too fast', 'RETRY', w.recipientBusy, undefined],
  ['MAIL', '450 4.2.1 The relay is over its limit', 'OPEN', undefined, 'quota'],
  ['DOT', '450 4.2.1 The user you are trying to contact is receiving mail too quickly', 'RETRY', w.recipientBusy, undefined],
  ['RCPT', '550 5.1.1 No such user', 'FAIL', undefined, undefined],
  ['RCPT', '551 5.1.6 Moved', 'FAIL', undefined, undefined],
  ['RCPT', '553 5.1.3 Bad address', 'FAIL', undefined, undefined],
  ['MAIL', '550 5.4.5 Daily limit exceeded', 'OPEN', undefined, 'quota'],
  ['RCPT', '550 5.4.5 Daily user sending limit exceeded', 'OPEN', undefined, 'quota'],
  ['MAIL', '454 4.7.0 Sending rate exceeded', 'DEFER', w.rate, 'busy'],
  ['DOT', '451 4.7.1 Message rate limit exceeded', 'DEFER', w.rate, 'busy'],
  ['RCPT', '451 4.7.1 Message rate limit exceeded', 'RETRY', undefined, undefined],
  ['DOT', '451 4.7.1 Temporarily rejected, operator informed', 'RETRY', undefined, undefined],
  ['MAIL', '454 4.3.0 Quota', 'OPEN', undefined, 'quota'],
  ['MAIL', '530 5.7.0 Authentication required', 'OPEN', undefined, 'login'],
  ['MAIL', '550 5.7.1 Rejected', 'FAIL', undefined, undefined],
  ['RCPT', '421 4.3.2 Closing', 'DEFER', undefined, 'busy'],
  ['DATA', '421 4.3.2 Closing', 'OPEN', undefined, 'busy'],
  ['DOT', '421 Closing', 'OPEN', undefined, 'busy'],
  ['CONNECT', '421 Too busy', 'OPEN', undefined, 'busy'],
  ['DOT', '451 4.3.0 Try later', 'DEFER', w.busy.initial, 'busy'],
  ['RCPT', '451 4.3.0 Try later', 'RETRY', undefined, undefined],
  ['MAIL', '432 4.3.2 Busy', 'DEFER', w.busy.initial, 'busy'],
  ['DOT', '450 4.3.2 Busy', 'DEFER', w.busy.initial, 'busy'],
  ['RCPT', '432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded', 'RETRY', undefined, undefined],
  ['DOT', '432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded', 'RETRY', w.recipientBusy, undefined],
  ['DOT', '452 4.3.1 Disk full', 'DEFER', w.busy.initial, 'busy'],
  ['DOT', '452 Insufficient storage', 'DEFER', w.busy.initial, 'busy'],
  ['DOT', '452 4.2.2 Mailbox full', 'RETRY', undefined, undefined],
  ['DOT', '550 5.7.1 Spam', 'FAIL', undefined, undefined],
  ['DOT', '554 5.7.1 Spam', 'FAIL', undefined, undefined],
  ['MAIL', '550 5.6.7 SMTPUTF8 required', 'FAIL', undefined, undefined],
  ['DOT', '552 5.3.4 Too big', 'FAIL', undefined, undefined],
  ['MAIL', '503 Bad sequence', 'RETRY', w.outOfStep, undefined],
  ['DATA', '500 What?', 'FAIL', undefined, undefined],
  ['MAIL', '501 5.5.4 Syntax', 'FAIL', undefined, undefined],
  ['AUTH', '535 5.7.8 Bad credentials', 'OPEN', undefined, 'login'],
  ['AUTH', '534 5.7.9 App password required', 'OPEN', undefined, 'login'],
  ['AUTH', '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.', 'OPEN', undefined, 'login'],
  ['AUTH', '535 5.7.3 Authentication unsuccessful', 'OPEN', undefined, 'login'],
  ['AUTH', '550 5.7.30 Basic authentication is not supported for Client Submission.', 'OPEN', undefined, 'login'],
  ['AUTH', '538 5.7.11 Encryption required', 'OPEN', undefined, 'login'],
  ['AUTH', '432 4.7.12 A password transition is needed', 'OPEN', undefined, 'login'],
  ['AUTH', '454 4.7.0 Temporary failure', 'DEFER', undefined, 'unreachable'],
  ['CONNECT', '554 No service', 'OPEN', undefined, 'login'],
  ['CONNECT', '450 Later', 'DEFER', undefined, 'unreachable'],
  ['CONNECT', '454 4.7.0 TLS not available due to temporary reason', 'DEFER', undefined, 'unreachable'],
  ['CONNECT', '454 Later', 'DEFER', undefined, 'unreachable'],
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
  ['token-unknown', false, 'DEFER', undefined, undefined],
  ['token-unreachable', false, 'DEFER', undefined, 'unreachable'],
  ...(Object.keys(reasons) as ReasonCode[])
    .filter((reason) => /^token-(?!unknown|unreachable)/.test(reason))
    .map((reason) => [reason, false, 'OPEN', undefined, 'login'] as const),
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

  it.each([
    ['ENOTFOUND', true],
    ['EAI_AGAIN', true],
    ['EDNS', true],
    ['EHOSTUNREACH', true],
    ['ENETUNREACH', true],
    ['EADDRNOTAVAIL', true],
    ['EMFILE', true],
    ['CERT_NOT_YET_VALID', true],
    ['CERT_HAS_EXPIRED', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
    ['token-unreachable', true],
    ['token-clock', true],
    ['ECONNREFUSED', false],
    ['ECONNRESET', false],
    ['EDEADLINE', false],
    ['ETLS', false],
    ['EAUTH', false],
  ] as const)('%s may be a failure of this worker alone: %s', (error, mayBeLocal) => {
    const { row } = classify({ step: 'CONNECT', error, messageStarted: false }, w);
    expect(row.failure?.mayBeLocal ?? false).toBe(mayBeLocal);
  });

  it('does not take what was said on a reused connection for the provider', () => {
    const { outcome, row } = classify({ step: 'DOT', reply: '421 4.7.0 Closing', messageStarted: true, reused: true }, w);
    expect(outcome).toMatchObject({ verdict: 'DEFER', reason: '421 4.7.0' });
    expect(row.failure).toBeUndefined();
  });

  it('is tested on every row of the table', () => {
    const failures: SmtpFailure[] = [
      ...rows.map(([step, reply]) => ({ step, reply, messageStarted: step === 'DOT' })),
      { step: 'DOT', reply: '421 Closing', messageStarted: true, reused: true },
      { step: 'RCPT', reply: '452 4.5.3 Later', messageStarted: true, othersAccepted: true },
      { step: 'RCPT', reply: '552 Too many recipients', messageStarted: true, othersAccepted: true },
      { step: 'RCPT', error: 'ECONNRESET', messageStarted: false },
      { step: 'DATA', error: 'out-of-step', messageStarted: false },
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

describe('a reply that may be about the provider or about the mail', () => {
  const outcomeOf = (step: SmtpFailure['step'], reply: string, mail: MailContext) => {
    const { outcome, isOwn } = classify({ step, reply, messageStarted: step === 'DOT' }, w, mail);
    return [outcome.verdict, outcome.waitMs, isOwn ?? false];
  };
  const nth = (deferralCount: number): MailContext => ({ deferralCount, othersAccepted: false });

  it("uses no attempt while the provider accepts nothing else, and one when it does: then it is the mail's own", () => {
    const own: MailContext = { deferralCount: 3, othersAccepted: true };
    for (const [step, reply] of [
      ['MAIL', '432 4.3.2 Busy'],
      ['DOT', '451 4.3.0 Local error'],
      ['DATA', '452 4.3.1 Out of space'],
    ] as const) {
      expect(outcomeOf(step, reply, nth(0))).toEqual(['DEFER', w.busy.initial, false]);
      expect(outcomeOf(step, reply, own)).toEqual(['RETRY', undefined, true]);
    }
    expect(outcomeOf('DOT', '421 4.3.0 Closing', own)).toEqual(['RETRY', undefined, true]);
    expect(outcomeOf('MAIL', '553 5.7.1 Sender address rejected: not owned by auth user', own)).toEqual(['FAIL', undefined, true]);
    expect(outcomeOf('MAIL', '436 "MAIL FROM" doesn\'t conform with authentication', own)).toEqual(['RETRY', undefined, true]);
    expect(outcomeOf('DOT', '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException', own)).toEqual([
      'OPEN',
      undefined,
      false,
    ]);
  });

  it('waits twice as long each time, up to a maximum', () => {
    expect([0, 1, 2, 50].map((count) => outcomeOf('DOT', '451 4.3.0 Busy', nth(count))[1])).toEqual([1000, 2000, 4000, w.busy.max]);
    expect([0, 1, 50].map((count) => outcomeOf('RCPT', '452 4.5.3 Too many', nth(count))[1])).toEqual([60_000, 120_000, 3_600_000]);
  });
});

describe('another try without a wait', () => {
  it.each([['452 4.5.3 Too many recipients'], ['452 Too many recipients'], ['550 5.5.3 Too many recipients']])(
    'follows "%s" where another recipient was accepted, and only there',
    (reply) => {
      const refused: SmtpFailure = { step: 'RCPT', reply, messageStarted: false };
      expect(classify({ ...refused, messageStarted: true, othersAccepted: true }, w).outcome).toMatchObject({
        verdict: 'RETRY',
        waitMs: 0,
      });
      expect(classify(refused, w).outcome.waitMs).not.toBe(0);
    },
  );

  it('follows no other row', () => {
    const rows = [...verdictTable, ...accountRefusals];
    for (const row of rows.filter(({ wait }) => wait === 'none')) expect(row, row.meaning).toMatchObject({ othersAccepted: true });
    for (const { wait } of rows) {
      const timing = wait === undefined || wait === 'none' ? 1 : w[wait];
      expect(typeof timing === 'number' ? timing : timing.initial).toBeGreaterThan(0);
    }
    expect(rows.filter(({ verdict, wait, failure }) => verdict === 'OPEN' && wait === undefined && failure === undefined)).toEqual([]);
  });

  it('follows no delay that the server names', () => {
    for (const reply of ['450 4.2.0 Try again in 0 seconds', '451 wait 0 min', '421 retry in 00:00:00']) {
      expect(classify({ step: 'RCPT', reply, messageStarted: false }, w).outcome.waitMs).toBeUndefined();
    }
  });
});
