import { timings } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { RefusalStreak, type RefusedMail } from '../src/refusal-streak.ts';

const { giveUp, preferOthers } = timings.refusal;
const now = 1_000_000_000_000;

function refusal(n: number, change: Partial<RefusedMail> = {}): RefusedMail {
  return { id: `mail-${n}`, group: n % 2 === 0 ? 'signup' : 'receipt', recipients: [`a${n}@example.net`], reason: '554 5.7.0', ...change };
}

function ownersOf(streak: RefusalStreak, mails: RefusedMail[]): string[] {
  return mails.map((mail, n) => streak.refused(mail, now + n));
}

const five = [0, 1, 2, 3, 4];

describe('refusals alike', () => {
  it('are the account’s from the fifth mail on, of two templates and to five recipients', () => {
    const streak = new RefusalStreak(timings.refusal);
    const owners = ownersOf(
      streak,
      [...five, 5].map((n) => refusal(n)),
    );
    expect(owners).toEqual(['undecided', 'undecided', 'undecided', 'undecided', 'account', 'account']);
  });

  it.each<[string, RefusedMail[]]>([
    ['one template', five.map((n) => refusal(n, { group: 'signup' }))],
    [
      'one recipient, however it is written',
      five.map((n) => refusal(n, { recipients: [n % 2 === 0 ? 'Anne@example.net' : 'anne@example.net'] })),
    ],
    ['one mail', five.map((n) => refusal(n, { id: 'one' }))],
    ['different replies', five.map((n) => refusal(n, { reason: `55${n} 5.7.0` }))],
  ])('of %s are never the account’s', (_what, mails) => {
    expect(ownersOf(new RefusalStreak(timings.refusal), mails)).not.toContain('account');
  });

  it('start again at each mail that the provider accepts', () => {
    const streak = new RefusalStreak(timings.refusal);
    ownersOf(
      streak,
      [0, 1, 2, 3].map((n) => refusal(n)),
    );
    streak.accepted(now + 10);
    expect(streak.refused(refusal(4), now + 11)).toBe('undecided');
  });
});

describe('a refused mail', () => {
  it('is refused for its own sake where the provider has accepted another one since', () => {
    const streak = new RefusalStreak(timings.refusal);
    expect(streak.refused(refusal(0), now)).toBe('undecided');
    streak.accepted(now + 10);
    expect(streak.refused(refusal(0, { refusedAt: now }), now + 20)).toBe('mail');
  });

  it('is so too where another worker has seen the first refusal', () => {
    const streak = new RefusalStreak(timings.refusal);
    streak.accepted(now + 10);
    expect(streak.refused(refusal(0, { refusedAt: now }), now + 20)).toBe('mail');
    expect(streak.refused(refusal(1), now + 20)).toBe('undecided');
  });

  it('is refused for its own sake after a while without other mails to compare it with', () => {
    const streak = new RefusalStreak(timings.refusal);
    expect(streak.refused(refusal(0), now)).toBe('undecided');
    expect(streak.refused(refusal(0), now + giveUp - 1)).toBe('undecided');
    expect(streak.refused(refusal(0), now + giveUp)).toBe('mail');
  });
});

it('while the account is probed, mails of other templates go first, and after a while all', () => {
  const streak = new RefusalStreak(timings.refusal);
  ownersOf(
    streak,
    five.map((n) => refusal(n)),
  );
  expect(streak.mustWait('signup', now + 10)).toBe(false);
  streak.probed(now + 10);
  expect(streak.mustWait('signup', now + 11)).toBe(true);
  expect(streak.mustWait('password-reset', now + 11)).toBe(false);
  expect(streak.mustWait('signup', now + 10 + preferOthers)).toBe(false);
  streak.accepted(now + 12);
  expect(streak.mustWait('signup', now + 13)).toBe(false);
});
