import { limits, retention } from '@posthouse/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { newMailId } from '../../src/record/new-record.ts';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';
import { recordKey } from '../../src/redis/keys.ts';
import { LeasedMail } from '../../src/worker/leased-mail.ts';
import { conclusion, quick, RecordsFixture, three } from '../records-fixture.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

const until = (at: number) => expect.poll(() => Date.now(), { interval: 5 }).toBeGreaterThanOrEqual(at);

describe('begin', () => {
  it('takes a queued mail', async () => {
    expect(await fixture.begun()).toMatchObject({ state: 'sending', attemptCount: 0, content: { template: { name: 'signup' } } });
  });

  it('leaves a mail alone before it is due', async () => {
    const scheduledAt = Date.now() + 60_000;
    const record = await fixture.accepted({ scheduledAt });
    expect(await fixture.held(record.id).begin()).toEqual({ kind: 'not-due', at: scheduledAt });
    expect((await fixture.read(record)).state).toBe('scheduled');
  });

  it('finds nothing to do for an ended mail or one without a record', async () => {
    const record = await fixture.begun();
    await fixture.recordAttempt(record, 'accepted');
    expect(await fixture.held(record.id).begin()).toEqual({ kind: 'ended', state: 'sent' });
    expect(await fixture.held(newMailId()).begin()).toEqual({ kind: 'ended', state: 'missing' });
  });

  it('puts back a mail whose run died before the gate, longer each time, and fails it after five', async () => {
    const record = await fixture.begun();
    const waitsSeen: number[] = [];
    for (let run = 1; run < limits.runsWithoutVerdict; run++) {
      const before = Date.now();
      const found = await fixture.held(record.id).begin();
      if (found.kind !== 'not-due') throw new Error(found.kind);
      waitsSeen.push((found.at - before) / quick.crashBackoff / 2 ** (run - 1));
      await until(found.at);
      expect(await fixture.held(record.id).begin()).toMatchObject({ kind: 'ready' });
    }
    expect(waitsSeen).toHaveLength(4);
    // Up to twice as long, at random, and a moment for Redis.
    for (const wait of waitsSeen) expect(wait).toSatisfy((share: number) => share >= 0.9 && share < 3);
    expect(await fixture.held(record.id).begin()).toEqual({ kind: 'ended', state: 'failed' });
    expect(await fixture.read(record)).toMatchObject({
      attemptCount: 0,
      content: {},
      recipients: [{ state: 'refused', reason: 'no-verdict' }],
    });
    expect(await fixture.isOpen(record)).toBe(false);
  });

  it('tells the next run of a mail whose run died behind the gate, once its reply can no longer come', async () => {
    const record = await fixture.behindTheGate();
    const { messageStartedAt = 0 } = await fixture.read(record);
    expect(await fixture.held(record.id).begin()).toEqual({ kind: 'not-due', at: messageStartedAt + quick.reply.unknown });
    await until(messageStartedAt + quick.reply.unknown);
    expect(await fixture.held(record.id).begin()).toMatchObject({ kind: 'outcome-unknown', record: { messageStartedAt } });
  });

  it('lets a mail expire unsent, and wipes it; recipients who were accepted stay so', async () => {
    const late = await fixture.accepted({ expiresAt: Date.now() - 1 });
    expect(await fixture.held(late.id).begin()).toEqual({ kind: 'ended', state: 'expired' });
    const after = await fixture.read(late);
    expect(after).toMatchObject({ state: 'expired', recipients: [{ state: 'refused', reason: 'expired' }] });
    expect(after.content).toBeUndefined();

    const half = await fixture.begun({ envelope: three });
    await fixture.held(half.id).recordAttempt({ ...conclusion('accepted', 'pending', 'pending'), nextAttemptAt: Date.now() });
    await fixture.redis.hset(recordKey(half.id), 'expiresAt', Date.now() - 1);
    expect(await fixture.held(half.id).begin()).toEqual({ kind: 'ended', state: 'sent' });
    expect((await fixture.read(half)).recipients.map(({ state }) => state)).toEqual(['accepted', 'refused', 'refused']);
  });

  it.each([
    ['of an unknown version', ['v', '2'], /version is 2/],
    ['that was edited', ['content', 'x'], /content cannot be decrypted/],
    ['without its recipients', ['recipients', '[]'], /not those of its envelope/],
    ['whose recipients are no JSON', ['recipients', '{'], /recipients is not JSON/],
    ['of a state that is none', ['state', 'nowhere'], /state "nowhere" is unknown/],
    ['whose time is none', ['createdAt', 'soon'], /createdAt is not a number/],
  ])('fails a record %s, says why, and keeps it', async (_which, edit, why) => {
    const record = await fixture.accepted();
    await fixture.redis.hset(recordKey(record.id), edit[0] as string, edit[1] as string);
    expect(await fixture.held(record.id).begin()).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(why) });
    const fields = await fixture.redis.hmget(recordKey(record.id), 'state', 'verdict', 'reason');
    expect(fields).toEqual(['failed', 'FAIL', expect.stringMatching(why)]);
    expect(await fixture.keptFor(record)).toBeGreaterThan(retention.sent);
  });

  it('fails a record that no script can work with, instead of stumbling over it for ever', async () => {
    const record = await fixture.accepted({ expiresAt: Date.now() - 1 });
    await fixture.redis.hset(recordKey(record.id), 'recipients', '{');
    expect(await fixture.held(record.id).begin()).toMatchObject({ kind: 'unreadable' });
    expect(await fixture.redis.hget(recordKey(record.id), 'state')).toBe('failed');
  });

  it('does not open a record that was copied to another mail', async () => {
    const [record, other] = [await fixture.accepted(), await fixture.accepted()];
    await fixture.redis.copy(recordKey(record.id), recordKey(other.id), 'REPLACE');
    expect(await fixture.held(other.id).begin()).toMatchObject({ kind: 'unreadable' });
  });

  it('leaves a mail whose key it was not given to those who have it', async () => {
    const record = await fixture.accepted();
    const connection = new WorkerConnection(
      fixture.server.url,
      new Sealer(sealKeys(`other:${'9'.repeat(64)}`)),
      { timings: quick, retention },
      () => undefined,
    );
    await connection.start();
    expect(await new LeasedMail(record.id, 'token', connection.records).begin()).toMatchObject({
      kind: 'key-missing',
      reason: expect.stringContaining('add that key to its POSTHOUSE_SECRET'),
    });
    await connection.stop();
    expect((await fixture.read(record)).state).toBe('sending');
  });
});

describe('the gate', () => {
  it('opens for the run that holds the lock, and notes when', async () => {
    const record = await fixture.behindTheGate();
    expect((await fixture.read(record)).messageStartedAt).toBeGreaterThan(Date.now() - 5000);
  });

  it('is shut for a run without the lock, for a mail that was cancelled, and while Redis cannot be asked', async () => {
    const record = await fixture.begun();
    expect(await fixture.held(record.id).gate()).toEqual({ kind: 'lease-lost' });
    await fixture.redis.set(`{posthouse}:mail:${record.id}:lock`, 'another');
    expect(await fixture.held(record.id).gate()).toEqual({ kind: 'lease-lost' });
    await fixture.records.cancel(record.id);
    expect(await new LeasedMail(record.id, 'another', fixture.records).gate()).toEqual({ kind: 'denied', why: 'cancelled' });
    expect((await fixture.read(record)).messageStartedAt).toBeUndefined();
  });
});

describe('recordAttempt', () => {
  it.each([
    [['accepted', 'accepted', 'accepted'], 'sent', false],
    [['accepted', 'refused', 'refused'], 'sent', true],
    [['refused', 'refused', 'refused'], 'failed', false],
    [['accepted', 'refused', 'pending'], 'retrying', false],
    [['pending', 'pending', 'pending'], 'retrying', false],
  ] as const)('derives from %j the state %s', async (states, state, partial) => {
    const record = await fixture.begun({ envelope: three });
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
    expect(await fixture.isOpen(record)).toBe(state === 'retrying');
  });

  it('wipes the content of a sent mail at once and keeps that of a failed one; each for its retention', async () => {
    const [sent, failed, waiting] = [await fixture.begun(), await fixture.begun(), await fixture.begun()];
    await fixture.recordAttempt(sent, 'accepted');
    await fixture.recordAttempt(failed, 'refused');
    await fixture.recordAttempt(waiting, 'pending');
    expect((await fixture.read(sent)).content).toBeUndefined();
    expect((await fixture.read(failed)).content).toBeDefined();
    expect(await fixture.keptFor(sent)).toBeGreaterThan(retention.sent - 60_000);
    expect(await fixture.keptFor(sent)).toBeLessThanOrEqual(retention.sent);
    expect(await fixture.keptFor(failed)).toBeGreaterThan(retention.failed - 60_000);
    expect(await fixture.keptFor(waiting)).toBe(-1);
  });

  it('lets a known 250 win, whoever reports it and however late', async () => {
    const record = await fixture.begun({ envelope: three });
    await fixture.recordAttempt(record, 'refused', 'refused', 'refused');
    const late = { ...conclusion(), recipients: [{ index: 1, state: 'accepted' as const, at: 6, reason: '250' }] };
    expect(await fixture.anotherRun(record.id).recordAttempt(late)).toMatchObject({ state: 'sent' });
    expect(await fixture.anotherRun(record.id).recordAttempt(conclusion('refused', 'refused', 'refused'))).toMatchObject({ state: 'sent' });
    expect((await fixture.read(record)).recipients.map(({ state }) => state)).toEqual(['refused', 'accepted', 'refused']);
  });

  it('changes nothing when a run concludes twice, as a command does that is sent again', async () => {
    const record = await fixture.begun();
    const twice = conclusion('pending');
    const first = await fixture.held(record.id).recordAttempt(twice);
    const before = await fixture.read(record);
    expect(await fixture.held(record.id).recordAttempt(twice)).toEqual(first);
    expect(await fixture.read(record)).toEqual(before);
  });

  it('says for when it is, when it concludes or defers again and somebody would not wait in the meantime', async () => {
    const [recorded, deferred] = [await fixture.begun(), await fixture.begun()];
    const deferral = { at: 1, durationMs: 2, reason: 'ECONNREFUSED', steps: [] };
    const later = Date.now() + 60_000;
    const twice = [
      async () => await fixture.held(recorded.id).recordAttempt(conclusion('pending')),
      async () => await fixture.held(deferred.id).recordDeferral(deferral, later),
    ];
    for (const write of twice) expect(await write()).toMatchObject({ at: expect.toSatisfy((at: number) => at >= later) });
    for (const { id } of [recorded, deferred]) await fixture.records.sendNow(id);
    for (const write of twice)
      expect(await write()).toEqual({ kind: 'changed', state: 'queued', at: expect.toSatisfy((at: number) => at < later) });
  });

  it('lets a run that lost its mail to another change nothing but what was accepted', async () => {
    const record = await fixture.begun({ envelope: three });
    await fixture.redis.hset(recordKey(record.id), 'state', 'retrying', 'nextAttemptAt', 0);
    const second = fixture.anotherRun(record.id);
    await second.begin();
    await fixture.redis.set(`{posthouse}:mail:${record.id}:lock`, 'token');
    await second.gate();
    const deferral = { at: 1, durationMs: 2, reason: 'ECONNREFUSED', steps: [] };
    expect(await fixture.held(record.id).recordDeferral(deferral, 5)).toEqual({ kind: 'superseded' });
    expect(await fixture.held(record.id).recordAttempt(conclusion('refused', 'accepted', 'pending'))).toEqual({ kind: 'superseded' });
    const after = await fixture.read(record);
    expect(after).toMatchObject({ state: 'sending', messageStartedAt: expect.any(Number) });
    expect(after.recipients.map(({ state }) => state)).toEqual(['pending', 'accepted', 'pending']);
    expect(await second.recordAttempt(conclusion('accepted', 'accepted', 'refused'))).toMatchObject({ state: 'sent' });
  });

  it('leaves an ended mail as it is when a late run has nothing but refusals', async () => {
    const record = await fixture.begun();
    await fixture.records.cancel(record.id);
    expect(await fixture.recordAttempt(record, 'refused')).toBe('cancelled');
    expect(await fixture.read(record)).toMatchObject({ state: 'cancelled', recipients: [{ reason: 'cancelled' }] });
  });

  it('holds a mail of which nobody knows whether it arrived, and keeps its content', async () => {
    const record = await fixture.behindTheGate({ onUncertain: 'hold' });
    expect(await fixture.held(record.id).recordAttempt({ ...conclusion('uncertain'), hold: true })).toMatchObject({ state: 'uncertain' });
    expect(await fixture.read(record)).toMatchObject({
      state: 'uncertain',
      recipients: [{ state: 'pending', uncertain: true }],
      content: {},
    });
    expect(await fixture.keptFor(record)).toBeGreaterThan(retention.sent);
    expect(await fixture.isOpen(record)).toBe(false);
  });

  it('never waits beyond the expiry', async () => {
    const expiresAt = Date.now() + 1000;
    const record = await fixture.begun({ expiresAt });
    expect(await fixture.held(record.id).recordAttempt(conclusion('pending'))).toEqual({
      kind: 'changed',
      state: 'retrying',
      at: expiresAt,
    });
  });

  it('keeps the newest 50 attempts and counts them all', async () => {
    const record = await fixture.begun();
    for (let n = 0; n < 53; n++) {
      await fixture.held(record.id).recordAttempt({ ...conclusion('pending'), nextAttemptAt: 0 });
      fixture.forgetRun(record.id);
      await fixture.held(record.id).begin();
    }
    const after = await fixture.read(record);
    expect(after.attemptCount).toBe(53);
    expect(after.attempts.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, n) => n + 4));
  });
});

describe('recordDeferral', () => {
  it('puts a mail back without using an attempt, and only one that is being sent', async () => {
    const record = await fixture.begun();
    const at = Date.now() + 10_000;
    const deferral = { at: 1, durationMs: 2, provider: 'ses', reason: 'ECONNREFUSED', steps: [] };
    expect(await fixture.held(record.id).recordDeferral(deferral, at)).toEqual({ kind: 'changed', state: 'retrying', at });
    expect(await fixture.read(record)).toMatchObject({
      state: 'retrying',
      attemptCount: 0,
      deferralCount: 1,
      lastDeferral: deferral,
      nextAttemptAt: at,
    });
    await fixture.records.cancel(record.id);
    expect(await fixture.held(record.id).recordDeferral(deferral, at)).toMatchObject({ state: 'cancelled' });
  });
});
