import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { recordKey, trafficKey } from '../../src/redis/keys.ts';
import { attemptResult, RecordsFixture, threeRecipients } from '../records-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

it('accepted, sent and failed mails are counted in their minute', async () => {
  const lastMinuteOfAnHour = 60 * 60_000 - 1;
  const record = newRecord(newMailId(), sampleMail(), lastMinuteOfAnHour);
  for (let time = 0; time < 2; time++) await fixture.accept(record);
  expect(await fixture.redis.hgetall(trafficKey(lastMinuteOfAnHour))).toEqual({ 'accepted:59': '1' });

  await fixture.redis.flushdb();
  await fixture.recordAttempt(await fixture.sendingMail(), 'accepted');
  for (let n = 0; n < 2; n++) await fixture.recordAttempt(await fixture.sendingMail(), 'rejected');
  await fixture.records.cancel((await fixture.sendingMail()).id);
  // Sent to some, retried, refused again, retried, sent to all: sent once.
  const partly = await fixture.sendingMail({ envelope: threeRecipients });
  await fixture.recordAttempt(partly, 'accepted', 'rejected', 'rejected');
  for (const outcome of ['rejected', 'accepted'] as const) {
    await fixture.records.retry(partly.id);
    fixture.endRun(partly.id);
    await fixture.leased(partly.id).begin();
    expect(await fixture.recordAttempt(partly, 'accepted', outcome, outcome)).toBe('sent');
  }
  const counts: Record<string, number> = {};
  for (const key of await fixture.redis.keys('{posthouse}:traffic:*')) {
    for (const [field, count] of Object.entries(await fixture.redis.hgetall(key))) {
      const what = field.split(':')[0] as string;
      counts[what] = (counts[what] ?? 0) + Number(count);
    }
  }
  expect(counts).toEqual({ accepted: 5, sent: 2, failed: 2 });
});

describe('cancel', () => {
  it('cancels a queued or scheduled mail, or one being sent before the gate, and deletes its content', async () => {
    const scheduled = await fixture.acceptedMail({ scheduledAt: Date.now() + 60_000 });
    for (const record of [await fixture.acceptedMail(), scheduled, await fixture.sendingMail()]) {
      expect(await fixture.records.cancel(record.id)).toEqual({ changed: true, state: 'cancelled' });
      const after = await fixture.read(record);
      expect(after).toMatchObject({ state: 'cancelled', recipients: [{ state: 'rejected', reason: 'cancelled' }] });
      expect(after.content).toBeUndefined();
      expect(await fixture.isUnfinished(record)).toBe(false);
    }
  });

  it('changes nothing after the gate or after the end', async () => {
    const behind = await fixture.mailPastGate();
    expect(await fixture.records.cancel(behind.id)).toEqual({ changed: false, state: 'sending' });
    await fixture.recordAttempt(behind, 'accepted');
    expect(await fixture.records.cancel(behind.id)).toEqual({ changed: false, state: 'sent' });
    expect(await fixture.records.cancel(newMailId())).toBeUndefined();
  });

  it('keeps the accepted recipients, so that the mail is sent', async () => {
    const record = await fixture.sendingMail({ envelope: threeRecipients });
    await fixture.recordAttempt(record, 'accepted', 'pending', 'rejected');
    expect(await fixture.records.cancel(record.id)).toEqual({ changed: true, state: 'sent' });
    expect((await fixture.read(record)).recipients.map(({ state }) => state)).toEqual(['accepted', 'rejected', 'rejected']);
  });
});

describe('retry', () => {
  it('starts the retry schedule of a failed mail from the beginning, and keeps its history', async () => {
    const record = await fixture.sendingMail();
    await fixture.recordAttempt(record, 'rejected');
    expect(await fixture.records.retry(record.id)).toEqual({ changed: true, state: 'queued' });
    expect(await fixture.read(record)).toMatchObject({
      state: 'queued',
      attemptCount: 1,
      scheduleFrom: 1,
      attempts: [{ number: 1 }],
      recipients: [{ state: 'pending' }],
    });
    expect(await fixture.msUntilPurge(record)).toBe(-1);
    expect(await fixture.leased(record.id).begin()).toMatchObject({ kind: 'ready' });
  });

  it('sends a partly sent mail again, never to an accepted recipient, until no rejected one is left', async () => {
    const record = await fixture.sendingMail({ envelope: threeRecipients });
    expect(await fixture.recordAttempt(record, 'accepted', 'rejected', 'rejected')).toBe('sent');
    expect(await fixture.records.retry(record.id)).toEqual({ changed: true, state: 'queued' });
    expect(await fixture.read(record)).toMatchObject({ partial: false, content: record.content, scheduleFrom: 1 });
    fixture.endRun(record.id);
    const again = await fixture.leased(record.id).begin();
    expect(again).toMatchObject({ record: { recipients: [{ state: 'accepted' }, { state: 'pending' }, { state: 'pending' }] } });
    expect(await fixture.recordAttempt(record, 'accepted', 'accepted', 'accepted')).toBe('sent');
    expect(await fixture.records.retry(record.id)).toEqual({ changed: false, state: 'sent' });
    expect((await fixture.read(record)).recipients.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('changes nothing of a mail that was sent to all, is being sent, or has no content any more', async () => {
    const sent = await fixture.sendingMail();
    await fixture.recordAttempt(sent, 'accepted');
    const before = await fixture.read(sent);
    expect(await fixture.records.retry(sent.id)).toEqual({ changed: false, state: 'sent' });
    expect(await fixture.read(sent)).toEqual(before);
    expect(await fixture.records.retry((await fixture.sendingMail()).id)).toEqual({ changed: false, state: 'sending' });
    const cancelled = await fixture.acceptedMail();
    await fixture.records.cancel(cancelled.id);
    expect(await fixture.records.retry(cancelled.id)).toEqual({ changed: false, state: 'cancelled' });
    const halfCancelled = await fixture.sendingMail({ envelope: threeRecipients });
    await fixture.recordAttempt(halfCancelled, 'accepted', 'pending', 'pending');
    await fixture.records.cancel(halfCancelled.id);
    expect(await fixture.records.retry(halfCancelled.id)).toEqual({ changed: false, state: 'sent' });
  });

  it('gives a mail that has expired as much time as it had', async () => {
    const record = await fixture.sendingMail();
    await fixture.recordAttempt(record, 'rejected');
    const before = Date.now();
    await fixture.redis.hset(recordKey(record.id), 'dueAt', before - 5000, 'expiresAt', before - 1000);
    await fixture.records.retry(record.id);
    expect((await fixture.read(record)).expiresAt).toBeGreaterThanOrEqual(before + 4000 - 1);
  });
});

describe('resolve', () => {
  async function uncertain() {
    const record = await fixture.mailPastGate({ envelope: threeRecipients });
    await fixture.leased(record.id).recordAttempt({ ...attemptResult('uncertain', 'rejected', 'pending'), hold: true });
    return record;
  }

  it('delivered: uncertain recipients become accepted, other pending ones are still sent to', async () => {
    const record = await uncertain();
    expect(await fixture.records.resolve(record.id, 'delivered')).toEqual({ changed: true, state: 'queued' });
    const { recipients } = await fixture.read(record);
    expect(recipients.map(({ state }) => state)).toEqual(['accepted', 'rejected', 'pending']);
    expect(recipients.map(({ resolved }) => resolved)).toEqual([true, undefined, undefined]);
  });

  it('delivered: with no pending recipient left the mail is sent, and its content is deleted', async () => {
    const record = await fixture.mailPastGate();
    await fixture.leased(record.id).recordAttempt({ ...attemptResult('uncertain'), hold: true });
    expect(await fixture.records.resolve(record.id, 'delivered')).toEqual({ changed: true, state: 'sent' });
    expect(await fixture.read(record)).not.toHaveProperty('content');
  });

  it('sendAgain: the mail is queued for its uncertain and its pending recipients', async () => {
    const record = await uncertain();
    expect(await fixture.records.resolve(record.id, 'sendAgain')).toEqual({ changed: true, state: 'queued' });
    const after = await fixture.read(record);
    expect(after.recipients.map(({ state }) => state)).toEqual(['pending', 'rejected', 'pending']);
    expect(after.recipients[0]).not.toHaveProperty('uncertain');
  });

  it('sendAgain: a mail that has expired gets as much time as it had', async () => {
    const record = await uncertain();
    await fixture.redis.hset(recordKey(record.id), 'dueAt', Date.now() - 5000, 'expiresAt', Date.now() - 1000);
    await fixture.records.resolve(record.id, 'sendAgain');
    fixture.endRun(record.id);
    expect(await fixture.leased(record.id).begin()).toMatchObject({ kind: 'ready' });
  });

  it('changes nothing of a mail that is not uncertain', async () => {
    expect(await fixture.records.resolve((await fixture.acceptedMail()).id, 'delivered')).toEqual({ changed: false, state: 'queued' });
    expect(await fixture.records.resolve(newMailId(), 'delivered')).toBeUndefined();
  });
});
