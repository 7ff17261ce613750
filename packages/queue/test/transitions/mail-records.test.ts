import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { recordKey, trafficKey } from '../../src/redis/keys.ts';
import { conclusion, RecordsFixture, three } from '../records-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

it('counts in its minute what is accepted, and what is sent or has failed', async () => {
  const lastMinuteOfAnHour = 60 * 60_000 - 1;
  const record = newRecord(newMailId(), sampleMail(), lastMinuteOfAnHour);
  for (let time = 0; time < 2; time++) await fixture.accept(record);
  expect(await fixture.redis.hgetall(trafficKey(lastMinuteOfAnHour))).toEqual({ 'accepted:59': '1' });

  await fixture.redis.flushdb();
  await fixture.recordAttempt(await fixture.begun(), 'accepted');
  for (let n = 0; n < 2; n++) await fixture.recordAttempt(await fixture.begun(), 'refused');
  await fixture.records.cancel((await fixture.begun()).id);
  const counts: Record<string, number> = {};
  for (const key of await fixture.redis.keys('{posthouse}:traffic:*')) {
    for (const [field, count] of Object.entries(await fixture.redis.hgetall(key))) {
      const what = field.split(':')[0] as string;
      counts[what] = (counts[what] ?? 0) + Number(count);
    }
  }
  expect(counts).toEqual({ accepted: 4, sent: 1, failed: 2 });
});

describe('cancel', () => {
  it('takes back a mail that waits, is scheduled, or is being sent but not yet behind the gate; its content goes', async () => {
    const scheduled = await fixture.accepted({ scheduledAt: Date.now() + 60_000 });
    for (const record of [await fixture.accepted(), scheduled, await fixture.begun()]) {
      expect(await fixture.records.cancel(record.id)).toEqual({ changed: true, state: 'cancelled' });
      const after = await fixture.read(record);
      expect(after).toMatchObject({ state: 'cancelled', recipients: [{ state: 'refused', reason: 'cancelled' }] });
      expect(after.content).toBeUndefined();
      expect(await fixture.isOpen(record)).toBe(false);
    }
  });

  it('comes too late behind the gate and after the end', async () => {
    const behind = await fixture.behindTheGate();
    expect(await fixture.records.cancel(behind.id)).toEqual({ changed: false, state: 'sending' });
    await fixture.recordAttempt(behind, 'accepted');
    expect(await fixture.records.cancel(behind.id)).toEqual({ changed: false, state: 'sent' });
    expect(await fixture.records.cancel(newMailId())).toBeUndefined();
  });

  it('leaves those accepted who were', async () => {
    const record = await fixture.begun({ envelope: three });
    await fixture.recordAttempt(record, 'accepted', 'pending', 'refused');
    expect(await fixture.records.cancel(record.id)).toEqual({ changed: true, state: 'sent' });
    expect((await fixture.read(record)).recipients.map(({ state }) => state)).toEqual(['accepted', 'refused', 'refused']);
  });
});

describe('retry', () => {
  it('begins the schedule anew for a failed mail, and keeps its history', async () => {
    const record = await fixture.begun();
    await fixture.recordAttempt(record, 'refused');
    expect(await fixture.records.retry(record.id)).toEqual({ changed: true, state: 'queued' });
    expect(await fixture.read(record)).toMatchObject({
      state: 'queued',
      attemptCount: 1,
      scheduleFrom: 1,
      attempts: [{ number: 1 }],
      recipients: [{ state: 'pending' }],
    });
    expect(await fixture.keptFor(record)).toBe(-1);
    expect(await fixture.held(record.id).begin()).toMatchObject({ kind: 'ready' });
  });

  it('changes nothing of a mail that was sent, is on its way, or was wiped', async () => {
    const sent = await fixture.begun({ envelope: three });
    await fixture.recordAttempt(sent, 'accepted', 'refused', 'refused');
    const before = await fixture.read(sent);
    expect(await fixture.records.retry(sent.id)).toEqual({ changed: false, state: 'sent' });
    expect(await fixture.read(sent)).toEqual(before);
    expect(await fixture.records.retry((await fixture.begun()).id)).toEqual({ changed: false, state: 'sending' });
    const cancelled = await fixture.accepted();
    await fixture.records.cancel(cancelled.id);
    expect(await fixture.records.retry(cancelled.id)).toEqual({ changed: false, state: 'cancelled' });
  });

  it('gives a mail that expired in the meantime as long again as it had', async () => {
    const record = await fixture.begun();
    await fixture.recordAttempt(record, 'refused');
    await fixture.redis.hset(recordKey(record.id), 'dueAt', Date.now() - 5000, 'expiresAt', Date.now() - 1000);
    await fixture.records.retry(record.id);
    expect((await fixture.read(record)).expiresAt - Date.now()).toBeGreaterThan(3000);
  });
});

describe('resolve', () => {
  async function uncertain() {
    const record = await fixture.behindTheGate({ envelope: three });
    await fixture.held(record.id).recordAttempt({ ...conclusion('uncertain', 'refused', 'pending'), hold: true });
    return record;
  }

  it('delivered: those in doubt were accepted; who was never in doubt is still sent to', async () => {
    const record = await uncertain();
    expect(await fixture.records.resolve(record.id, 'delivered')).toEqual({ changed: true, state: 'queued' });
    expect((await fixture.read(record)).recipients.map(({ state }) => state)).toEqual(['accepted', 'refused', 'pending']);
  });

  it('delivered: with nobody left it is sent, and its content goes', async () => {
    const record = await fixture.behindTheGate();
    await fixture.held(record.id).recordAttempt({ ...conclusion('uncertain'), hold: true });
    expect(await fixture.records.resolve(record.id, 'delivered')).toEqual({ changed: true, state: 'sent' });
    expect(await fixture.read(record)).not.toHaveProperty('content');
  });

  it('sendAgain: it is queued for those in doubt and those pending', async () => {
    const record = await uncertain();
    expect(await fixture.records.resolve(record.id, 'sendAgain')).toEqual({ changed: true, state: 'queued' });
    const after = await fixture.read(record);
    expect(after.recipients.map(({ state }) => state)).toEqual(['pending', 'refused', 'pending']);
    expect(after.recipients[0]).not.toHaveProperty('uncertain');
  });

  it('sendAgain: a mail that expired in the meantime gets as long again as it had', async () => {
    const record = await uncertain();
    await fixture.redis.hset(recordKey(record.id), 'dueAt', Date.now() - 5000, 'expiresAt', Date.now() - 1000);
    await fixture.records.resolve(record.id, 'sendAgain');
    fixture.forgetRun(record.id);
    expect(await fixture.held(record.id).begin()).toMatchObject({ kind: 'ready' });
  });

  it('is only for a mail that is uncertain', async () => {
    expect(await fixture.records.resolve((await fixture.accepted()).id, 'delivered')).toEqual({ changed: false, state: 'queued' });
    expect(await fixture.records.resolve(newMailId(), 'delivered')).toBeUndefined();
  });
});
