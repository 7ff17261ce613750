/** Replies that no table knows: other languages, contradictions, rubbish, and a megabyte of it. */
import { limits, timings } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { classify, type SmtpFailure } from '../src/reply-classifier.ts';
import { parseReply } from '../src/smtp-reply.ts';

const { reply: w } = timings;
const steps = ['CONNECT', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'DOT'] as const;

const outcomeOf = (step: SmtpFailure['step'], reply: string) => classify({ step, reply, messageStarted: step === 'DOT' }, w).outcome;

describe('a reply that no row knows by its words', () => {
  it.each([
    ['RCPT', '550 5.1.1 Użytkownik nieznany', 'FAIL', '550 5.1.1'],
    ['RCPT', '450 사용자 메일함이 가득 찼습니다', 'RETRY', '450'],
    ['DOT', '554 送信が拒否されました', 'FAIL', '554'],
    ['DOT', '451 временная ошибка', 'RETRY', '451'],
    // The enhanced code is missing, or of another class: the reply code decides.
    ['RCPT', '550 4.2.2 Mailbox full', 'FAIL', '550 4.2.2'],
    ['RCPT', '450 5.1.1 No such user', 'RETRY', '450 5.1.1'],
    ['DOT', '554 4.3.2 Later', 'FAIL', '554 4.3.2'],
    ['DOT', '451 5.7.1 Rejected', 'RETRY', '451 5.7.1'],
    ['MAIL', '550 2.0.0 Ok', 'FAIL', '550 2.0.0'],
    // Of several lines, those of the reply's class count.
    ['RCPT', '550-2.0.0 Well\r\n550-5.1.1 No such user\r\n550 5.1.1 here', 'FAIL', '550 5.1.1'],
    ['RCPT', '550-No such user\r\n550 5.1.1 here', 'FAIL', '550 5.1.1'],
    ['DOT', '299 What', 'RETRY', '299'],
    ['DOT', '', 'RETRY', '0'],
    ['DOT', '-', 'RETRY', '0'],
    ['DOT', '\u0000\ufffd\ud800', 'RETRY', '0'],
    ['RCPT', '55', 'RETRY', '0'],
    ['RCPT', '5500 Odd', 'FAIL', '550'],
  ] as const)('%s "%s" → %s, %s', (step, reply, verdict, reason) => {
    expect(outcomeOf(step, reply)).toMatchObject({ verdict, reason });
  });

  it('is read over line ends, without its codes', () => {
    expect(parseReply('550-5.4.5 Daily user\r\n550-5.4.5   sending limit\n550 5.4.5  exceeded').words).toBe(
      'Daily user sending limit exceeded',
    );
    expect(parseReply('421 Bye').words).toBe('Bye');
    expect(parseReply('250-First\r\nwithout a code').words).toBe('First without a code');
  });
});

describe('any reply', () => {
  const random = generator(20_261_126);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const codes = ['', '2', '250', '354', '421', '432', '450', '451', '452', '454', '500', '530', '550', '552', '554', '571', '999'];
  const pieces = [
    ' ',
    '-',
    '\r\n',
    '\n',
    '\t',
    '5.7.1',
    '4.3.2',
    ' in ',
    ' after ',
    'wait 9',
    '99',
    ' daily ',
    'sending ',
    'user',
    'limit exceeded',
    '\u0000',
    'é',
    '메일',
    'a',
  ];

  it('is classified without an error, at every step, and is cut', () => {
    for (let round = 0; round < 3000; round++) {
      const reply = pick(codes) + Array.from({ length: Math.floor(random() * 40) }, () => pick(pieces)).join('');
      const outcome = outcomeOf(pick(steps), reply);
      expect(outcome.reason).toMatch(/^\d{1,3}( \d\.\d{1,3}\.\d{1,3})?$/);
      expect(outcome.reply?.length).toBeLessThanOrEqual(limits.replyLength);
      if (reply.startsWith('4') && (outcome.code ?? 0) >= 400) expect([reply, outcome.verdict]).not.toEqual([reply, 'FAIL']);
      if (outcome.waitMs !== undefined) expect(outcome.waitMs).toBeGreaterThanOrEqual(1000);
    }
  });

  it('of a megabyte is no more work than a short one', () => {
    for (const piece of pieces) {
      const reply = `550${piece.repeat(1024 * 1024)}`;
      for (const step of steps) expect(outcomeOf(step, reply).code).toBe(550);
    }
  });
});

/** Numbers from 0 to 1, the same on every run (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
