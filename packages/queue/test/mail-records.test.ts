import { type MailRecord, waits } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conclusion } from '../src/mail-records.ts';
import { MailRecords } from '../src/mail-records.ts';
import { newMailId, newRecord } from '../src/new-record.ts';
import { RecordFields } from '../src/record-fields.ts';
import { defineTransitions, runTransition } from '../src/transitions.ts';
import { sampleMail, sealer } from './sample-mail.ts';

const server = new RedisProcess();
const fields = new RecordFields(sealer);
let redis: Redis;
let records: MailRecords;

beforeAll(async () => {
  await server.start();
  redis = new Redis(server.url);
  defineTransitions(redis);
  records = new MailRecords(redis, fields, waits.retention);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const three = { ...sampleMail().envelope, to: ['a', 'b', 'c'].map((name) => ({ address: `${name}@example.com` })) };

async function accepted(change: Parameters<typeof sampleMail>[0] = {}): Promise<MailRecord> {
  const record = newRecord(newMailId(), sampleMail(change), Date.now());
  await runTransition(redis, 'accept', key(record), ...fields.write(record));
  return record;
}

async function begun(change: Parameters<typeof sampleMail>[0] = {}): Promise<MailRecord> {
  const found = await records.begin((await accepted(change)).id);
  if (found.found !== 'mail') throw new Error(found.found);
  return found.record;
}

function conclusion(...states: ('accepted' | 'refused' | 'pending')[]): Conclusion {
  const recipients = states.map((state, index) => ({ index, state, at: 5, provider: 'ses', reason: '250 2.0.0', code: 250 }));
  return {
    attempt: { at: 1, durationMs: 2, provider: 'ses', verdict: 'ACCEPT', reason: '250 2.0.0', steps: [], outcomes: [] },
    recipients,
    renderedHash: 'hash-2',
    nextAttemptAt: Date.now() + 60_000,
  };
}

const key = (record: MailRecord) => `{posthouse}:record:${record.id}`;

describe('begin', () => {
  it('takes a queued mail, and again one that a crashed run left sending', async () => {
    const record = await begun();
    expect(record).toMatchObject({ state: 'sending', attemptCount: 0, content: { template: { name: 'signup' } } });
    expect(await records.begin(record.id)).toMatchObject({ found: 'mail' });
  });

  it('leaves a mail alone before it is due', async () => {
    const scheduledAt = Date.now() + 60_000;
    const record = await accepted({ scheduledAt });
    expect(await records.begin(record.id)).toEqual({ found: 'early', dueAt: scheduledAt });
    expect((await records.read(record.id, false))?.state).toBe('scheduled');
  });

  it('finds nothing to do for an ended mail or one without a record', async () => {
    const record = await begun();
    await records.conclude(record, conclusion('accepted'));
    expect(await records.begin(record.id)).toEqual({ found: 'ended', state: 'sent' });
    expect(await records.begin(newMailId())).toEqual({ found: 'ended', state: 'missing' });
  });

  it.each([
    ['of an unknown version', ['v', '2'], /version is 2/],
    ['that was edited', ['content', 'x'], /content cannot be opened/],
    ['without its recipients', ['recipients', '[]'], /other recipients/],
  ])('fails a record %s, says why, and keeps it', async (_which, edit, why) => {
    const record = await accepted();
    await redis.hset(key(record), edit[0] as string, edit[1] as string);
    expect(await records.begin(record.id)).toMatchObject({ found: 'unreadable', reason: expect.stringMatching(why) });
    expect(await redis.hmget(key(record), 'state', 'reason')).toEqual(['failed', expect.stringMatching(why)]);
    expect(await redis.pttl(key(record))).toBeGreaterThan(waits.retention.sent);
  });
});

describe('conclude', () => {
  it.each([
    [['accepted', 'accepted', 'accepted'], 'sent', false],
    [['accepted', 'refused', 'refused'], 'sent', true],
    [['refused', 'refused', 'refused'], 'failed', false],
    [['accepted', 'refused', 'pending'], 'retrying', false],
    [['pending', 'pending', 'pending'], 'retrying', false],
  ] as const)('derives from %j the state %s', async (states, state, partial) => {
    const record = await begun({ envelope: three });
    expect(await records.conclude(record, conclusion(...states))).toBe(state);
    const after = await records.read(record.id, true);
    expect(after).toMatchObject({ state, partial, attemptCount: 1, renderedHash: 'hash-2' });
    expect(after?.recipients.map((recipient) => recipient.state)).toEqual(states);
    expect(after?.recipients[0]).toEqual({
      address: 'a@example.com',
      kind: 'to',
      state: states[0],
      at: 5,
      provider: 'ses',
      reason: '250 2.0.0',
      code: 250,
    });
  });

  it('wipes the content of a sent mail at once and keeps that of a failed one; each for its retention', async () => {
    const [sent, failed, waiting] = [await begun(), await begun(), await begun()];
    await records.conclude(sent, conclusion('accepted'));
    await records.conclude(failed, conclusion('refused'));
    await records.conclude(waiting, conclusion('pending'));
    expect((await records.read(sent.id, true))?.content).toBeUndefined();
    expect((await records.read(failed.id, true))?.content).toBeDefined();
    const kept = await Promise.all([sent, failed, waiting].map((record) => redis.pttl(key(record))));
    expect(kept[0]).toBeGreaterThan(waits.retention.sent - 60_000);
    expect(kept[0]).toBeLessThanOrEqual(waits.retention.sent);
    expect(kept[1]).toBeGreaterThan(waits.retention.failed - 60_000);
    expect(kept[2]).toBe(-1);
  });

  it('lets a known 250 win, whoever reports it and however late', async () => {
    const record = await begun({ envelope: three });
    await records.conclude(record, conclusion('refused', 'refused', 'refused'));
    expect(await records.conclude(record, { ...conclusion(), recipients: [{ index: 1, state: 'accepted', at: 6, reason: '250' }] })).toBe(
      'sent',
    );
    expect(await records.conclude(record, conclusion('refused', 'refused', 'refused'))).toBe('sent');
    expect((await records.read(record.id, false))?.recipients.map(({ state }) => state)).toEqual(['refused', 'accepted', 'refused']);
  });

  it('keeps the newest 50 attempts and counts them all', async () => {
    const record = await begun();
    for (let n = 0; n < 53; n++) {
      await records.conclude(record, conclusion('pending'));
      await redis.hdel(key(record), 'nextAttemptAt');
      await records.begin(record.id);
    }
    const after = await records.read(record.id, false);
    expect(after?.attemptCount).toBe(53);
    expect(after?.attempts.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, n) => n + 4));
  });
});

describe('defer', () => {
  it('puts a mail back without using an attempt, and only one that is being sent', async () => {
    const record = await begun();
    const at = Date.now() + 10_000;
    const deferral = { at: 1, durationMs: 2, provider: 'ses', reason: 'ECONNREFUSED', steps: [] };
    expect(await records.defer(record, deferral, at)).toBe('retrying');
    expect(await records.read(record.id, false)).toMatchObject({
      state: 'retrying',
      attemptCount: 0,
      deferralCount: 1,
      lastDeferral: deferral,
      nextAttemptAt: at,
    });
    await redis.hset(key(record), 'state', 'cancelled');
    expect(await records.defer(record, deferral, at)).toBe('cancelled');
  });
});
