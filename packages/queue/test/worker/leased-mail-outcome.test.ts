import { limits, retention } from '@posthouse/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordKey } from '../../src/redis/keys.ts';
import { attemptResult, RecordsFixture, threeRecipients } from '../records-fixture.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

describe('recordAttempt', () => {
  it.each([
    [['accepted', 'accepted', 'accepted'], 'sent', false],
    [['accepted', 'rejected', 'rejected'], 'sent', true],
    [['rejected', 'rejected', 'rejected'], 'failed', false],
    [['accepted', 'rejected', 'pending'], 'retrying', false],
    [['pending', 'pending', 'pending'], 'retrying', false],
  ] as const)('derives the state from the recipients: %j → %s', async (states, state, partial) => {
    const record = await fixture.sendingMail({ envelope: threeRecipients });
    expect(await fixture.recordAttempt(record, ...states)).toBe(state);
    const after = await fixture.read(record);
    expect(after).toMatchObject({ state, partial, attemptCount: 1, renderedHash: 'hash-2' });
    expect(after.recipients.map((recipient) => recipient.state)).toEqual(states);
    expect(after.recipients[0]).toEqual({
      address: 'a@example.com',
      kind: 'to',
      state: states[0],
      at: 5,
      provider: 'ses',
      reason: '250 2.0.0',
      code: 250,
    });
    expect(await fixture.isUnfinished(record)).toBe(state === 'retrying');
  });

  it('deletes the content of a sent mail at once and keeps that of a failed one; each record for its retention', async () => {
    const [sent, failed, waiting] = [await fixture.sendingMail(), await fixture.sendingMail(), await fixture.sendingMail()];
    await fixture.recordAttempt(sent, 'accepted');
    await fixture.recordAttempt(failed, 'rejected');
    await fixture.recordAttempt(waiting, 'pending');
    expect((await fixture.read(sent)).content).toBeUndefined();
    expect((await fixture.read(failed)).content).toBeDefined();
    expect(await fixture.msUntilPurge(sent)).toBeGreaterThan(retention.sent - 60_000);
    expect(await fixture.msUntilPurge(sent)).toBeLessThan(retention.sent + 60_000);
    expect(await fixture.msUntilPurge(failed)).toBeGreaterThan(retention.failed - 60_000);
    expect(await fixture.msUntilPurge(waiting)).toBe(-1);
  });

  it('lets a known 250 win, from any run and however late', async () => {
    const record = await fixture.sendingMail({ envelope: threeRecipients });
    await fixture.recordAttempt(record, 'rejected', 'rejected', 'rejected');
    const late = { ...attemptResult(), recipients: [{ index: 1, state: 'accepted' as const, at: 6, reason: '250' as const }] };
    expect(await fixture.leasedByNewRun(record.id).recordAttempt(late)).toMatchObject({ state: 'sent' });
    expect(await fixture.leasedByNewRun(record.id).recordAttempt(attemptResult('rejected', 'rejected', 'rejected'))).toMatchObject({
      state: 'sent',
    });
    expect((await fixture.read(record)).recipients.map(({ state }) => state)).toEqual(['rejected', 'accepted', 'rejected']);
  });

  it('keeps the receipt of a partly sent mail, however many attempts come after it', async () => {
    const record = await fixture.sendingMail({ envelope: threeRecipients });
    const receipt = { at: 3, provider: 'ses', response: '250 2.0.0 Ok', accepted: ['a@example.com'] };
    const outcome = { address: 'a@example.com', verdict: 'ACCEPT' as const, reason: '250 2.0.0' as const };
    const { attempt, ...result } = attemptResult('accepted', 'rejected', 'pending');
    await fixture.leased(record.id).recordAttempt({ ...result, receipt, attempt: { ...attempt, outcomes: [outcome] } });
    expect(await fixture.read(record)).toMatchObject({ attempts: [{ number: 1 }], receipt });
    await fixture.redis.hset(recordKey(record.id), 'attemptCount', limits.attemptsKept);
    await fixture.leasedByNewRun(record.id).recordAttempt(attemptResult());
    expect(await fixture.read(record)).toMatchObject({ attempts: [{ number: limits.attemptsKept + 1 }], receipt });
  });

  it('keeps an attempt small, whatever was replied to however many recipients', async () => {
    const record = await fixture.sendingMail({ envelope: threeRecipients });
    // The longest as JSON and as UTF-8.
    const reply = '\u0000\u{1f4eb}'.repeat(limits.replyLength);
    const outcomes = Array.from({ length: limits.recipients }, (_, index) => ({
      address: `${'a'.repeat(64)}${index}@${'example.'.repeat(20)}com`,
      verdict: 'RETRY' as const,
      reason: '450 4.2.0' as const,
      reply,
    }));
    const steps = outcomes.map(({ address }) => ({ atMs: 1, command: `RCPT TO:<${address}>`, reply }));
    const result = attemptResult('pending', 'pending', 'pending');
    await fixture.leased(record.id).recordAttempt({ ...result, attempt: { ...result.attempt, outcomes, steps, detail: reply } });
    const size = Number(await fixture.redis.call('MEMORY', 'USAGE', recordKey(record.id), 'SAMPLES', '0'));
    expect(size).toBeLessThan(1.5 * limits.attemptBytes);
    const [attempt] = (await fixture.read(record)).attempts;
    expect(attempt?.outcomes).toHaveLength(limits.recipients);
    expect(attempt?.outcomes[49]).toMatchObject({ address: outcomes[49]?.address, reason: '450 4.2.0' });
    expect(reply.startsWith(attempt?.outcomes[49]?.reply ?? '-')).toBe(true);
  });

  it('keeps short replies as they are', async () => {
    const record = await fixture.sendingMail();
    const result = attemptResult('pending');
    const outcomes = [
      { address: 'a@example.com', verdict: 'RETRY' as const, reason: '450' as const, reply: '450 Later'.padEnd(limits.replyLength) },
    ];
    const steps = [{ atMs: 1, command: 'MAIL', reply: '250 Ok' }];
    await fixture.leased(record.id).recordAttempt({ ...result, attempt: { ...result.attempt, outcomes, steps } });
    expect((await fixture.read(record)).attempts).toMatchObject([{ outcomes, steps }]);
  });

  it('changes nothing when a run records twice, as a repeated command does', async () => {
    const record = await fixture.sendingMail();
    const twice = attemptResult('pending');
    const first = await fixture.leased(record.id).recordAttempt(twice);
    const before = await fixture.read(record);
    expect(await fixture.leased(record.id).recordAttempt(twice)).toEqual(first);
    expect(await fixture.read(record)).toEqual(before);
  });

  it('returns the current due time when a run records again after a user chose to send the mail now', async () => {
    const [recorded, deferred] = [await fixture.sendingMail(), await fixture.sendingMail()];
    const deferral = { at: 1, durationMs: 2, reason: 'ECONNREFUSED', steps: [] };
    const later = Date.now() + 30_000;
    const twice = [
      async () => await fixture.leased(recorded.id).recordAttempt(attemptResult('pending')),
      async () => await fixture.leased(deferred.id).recordDeferral(deferral, 60_000),
    ];
    for (const write of twice) expect(await write()).toMatchObject({ at: expect.toSatisfy((at: number) => at >= later) });
    for (const { id } of [recorded, deferred]) await fixture.records.sendNow(id);
    for (const write of twice)
      expect(await write()).toEqual({ kind: 'changed', state: 'queued', at: expect.toSatisfy((at: number) => at < later) });
  });

  it('records only acceptances from a run whose mail another run has', async () => {
    const record = await fixture.sendingMail({ envelope: threeRecipients });
    await fixture.redis.hset(recordKey(record.id), 'state', 'retrying', 'nextAttemptAt', 0);
    const second = fixture.leasedByNewRun(record.id);
    await second.begin();
    await fixture.redis.set(`{posthouse}:mail:${record.id}:lock`, 'token');
    await second.gate(1000);
    const deferral = { at: 1, durationMs: 2, reason: 'ECONNREFUSED', steps: [] };
    expect(await fixture.leased(record.id).recordDeferral(deferral, 5)).toEqual({ kind: 'superseded' });
    expect(await fixture.leased(record.id).recordAttempt(attemptResult('rejected', 'accepted', 'pending'))).toEqual({ kind: 'superseded' });
    const after = await fixture.read(record);
    expect(after).toMatchObject({ state: 'sending', messageStartedAt: expect.any(Number) });
    expect(after.recipients.map(({ state }) => state)).toEqual(['pending', 'accepted', 'pending']);
    expect(await second.recordAttempt(attemptResult('accepted', 'accepted', 'rejected'))).toMatchObject({ state: 'sent' });
  });

  it('changes nothing of an ended mail when a late run has only refusals', async () => {
    const record = await fixture.sendingMail();
    await fixture.records.cancel(record.id);
    expect(await fixture.recordAttempt(record, 'rejected')).toBe('cancelled');
    expect(await fixture.read(record)).toMatchObject({ state: 'cancelled', recipients: [{ reason: 'cancelled' }] });
  });

  it('makes a mail uncertain whose outcome is unknown and held, and keeps its content', async () => {
    const record = await fixture.mailPastGate({ onUncertain: 'hold' });
    expect(await fixture.leased(record.id).recordAttempt({ ...attemptResult('uncertain'), hold: true })).toMatchObject({
      state: 'uncertain',
    });
    expect(await fixture.read(record)).toMatchObject({
      state: 'uncertain',
      recipients: [{ state: 'pending', uncertain: true }],
      content: {},
    });
    expect(await fixture.msUntilPurge(record)).toBeGreaterThan(retention.sent);
    expect(await fixture.isUnfinished(record)).toBe(false);
  });

  it('counts the attempts without a reply by the deadline, until the schedule begins again', async () => {
    const record = await fixture.mailPastGate();
    const unanswered = { ...attemptResult('uncertain'), unanswered: true, waitMs: 0 } as const;
    await fixture.leased(record.id).recordAttempt(unanswered);
    await fixture.leased(record.id).recordAttempt(unanswered);
    expect(await fixture.read(record)).toMatchObject({ state: 'retrying', attemptCount: 1, unansweredCount: 1 });
    expect((await fixture.read(record)).messageStartedAt).toBeUndefined();
    const second = fixture.leasedByNewRun(record.id);
    expect(await second.begin()).toMatchObject({ kind: 'ready', record: { unansweredCount: 1 } });
    await second.recordAttempt({ ...unanswered, hold: true });
    expect(await fixture.read(record)).toMatchObject({ state: 'uncertain', unansweredCount: 2 });
    await fixture.records.resolve(record.id, 'sendAgain');
    const again = await fixture.read(record);
    expect(again).toMatchObject({ state: 'queued', attemptCount: 2, scheduleFrom: 2 });
    expect(again.unansweredCount).toBeUndefined();
  });

  it('never schedules an attempt after the expiry', async () => {
    const expiresAt = Date.now() + 30_000;
    const record = await fixture.sendingMail({ expiresAt });
    expect(await fixture.leased(record.id).recordAttempt(attemptResult('pending'))).toEqual({
      kind: 'changed',
      state: 'retrying',
      at: expiresAt,
    });
  });

  it('keeps the newest 50 attempts and counts all', async () => {
    const record = await fixture.sendingMail();
    for (let n = 0; n < 53; n++) {
      await fixture.leased(record.id).recordAttempt({ ...attemptResult('pending'), waitMs: 0 });
      fixture.endRun(record.id);
      await fixture.leased(record.id).begin();
    }
    const after = await fixture.read(record);
    expect(after.attemptCount).toBe(53);
    expect(after.attempts.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, n) => n + 4));
  });
});

describe('recordDeferral', () => {
  it('reschedules a mail without using an attempt, and only while it is being sent', async () => {
    const record = await fixture.sendingMail();
    const before = Date.now();
    const deferral = { at: 1, durationMs: 2, provider: 'ses', reason: 'ECONNREFUSED', steps: [] };
    const deferred = await fixture.leased(record.id).recordDeferral(deferral, 10_000);
    expect(deferred).toEqual({
      kind: 'changed',
      state: 'retrying',
      at: expect.toSatisfy((at: number) => at > before + 5000 && at < Date.now() + 15_000),
    });
    expect(await fixture.read(record)).toMatchObject({
      state: 'retrying',
      attemptCount: 0,
      deferralCount: 1,
      lastDeferral: deferral,
      nextAttemptAt: 'at' in deferred && deferred.at,
    });
    await fixture.records.cancel(record.id);
    expect(await fixture.leased(record.id).recordDeferral(deferral, 10_000)).toMatchObject({ state: 'cancelled' });
  });
});
