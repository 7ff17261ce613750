import { describe, expect, it } from 'vitest';
import { accepted, judge } from '../src/judge.ts';
import { verdictTable } from '../src/verdict-table.ts';

const rows = [
  ['RCPT', '450 4.2.0 Greylisted', 'RETRY', undefined],
  ['RCPT', '451 4.7.1 Try later', 'RETRY', undefined],
  ['RCPT', '452 4.2.2 Mailbox full', 'RETRY', undefined],
  ['RCPT', '452 4.5.3 Too many recipients', 'RETRY', 0],
  ['RCPT', '450 4.2.1 Receives too fast', 'RETRY', 900_000],
  ['RCPT', '550 5.1.1 No such user', 'FAIL', undefined],
  ['RCPT', '553 5.1.3 Bad address', 'FAIL', undefined],
  ['MAIL', '550 5.4.5 Daily limit exceeded', 'DEFER', 600_000],
  ['MAIL', '454 4.7.0 Sending rate exceeded', 'DEFER', 10_000],
  ['MAIL', '454 4.3.0 Quota', 'DEFER', 600_000],
  ['MAIL', '530 5.7.0 Authentication required', 'DEFER', 60_000],
  ['MAIL', '550 5.7.1 Rejected', 'FAIL', undefined],
  ['DATA', '421 4.3.2 Closing', 'DEFER', 30_000],
  ['DOT', '421 Closing', 'DEFER', 30_000],
  ['DOT', '451 4.3.0 Try later', 'RETRY', undefined],
  ['DOT', '550 5.7.1 Spam', 'FAIL', undefined],
  ['DOT', '552 5.3.4 Too big', 'FAIL', undefined],
  ['MAIL', '503 Bad sequence', 'RETRY', 10_000],
  ['DATA', '500 What?', 'FAIL', undefined],
  ['AUTH', '535 5.7.8 Bad credentials', 'DEFER', 60_000],
  ['AUTH', '454 4.7.0 Temporary', 'DEFER', 60_000],
  ['CONNECT', '554 No service', 'DEFER', 60_000],
  ['DOT', '999 Nonsense', 'RETRY', undefined],
] as const;

describe('judge', () => {
  it.each(rows)('%s answered "%s" → %s', (step, reply, verdict, waitMs) => {
    const judgement = judge({ step, reply, messageBegan: step === 'DOT' });
    expect(judgement).toMatchObject({ verdict, code: Number(reply.slice(0, 3)), reply });
    expect(judgement.waitMs).toBe(waitMs);
    expect(judgement.reason).toBe(/^\d{3}( \d\.\d\.\d)?/.exec(reply)?.[0]);
  });

  it.each([
    ['ECONNREFUSED', false, 'DEFER'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'DEFER'],
    ['ECONNRESET', true, 'RETRY'],
    ['EMESSAGE', false, 'FAIL'],
  ] as const)('silence with %s, message began: %s → %s', (error, messageBegan, verdict) => {
    expect(judge({ step: 'MAIL', error, messageBegan })).toMatchObject({ verdict, reason: error });
  });

  it('has a row for whatever may come, and keeps the text of a reply out of its reason', () => {
    expect(verdictTable.at(-1)).toMatchObject({ verdict: 'RETRY' });
    expect(judge({ step: 'RCPT', reply: '550 5.1.1 <anne@example.org> unknown', messageBegan: false }).reason).not.toContain('anne');
    expect(accepted('250 2.0.0 Ok: queued as 4Xy')).toEqual({
      verdict: 'ACCEPT',
      reason: '250 2.0.0',
      code: 250,
      enhancedCode: '2.0.0',
      reply: '250 2.0.0 Ok: queued as 4Xy',
    });
  });
});
