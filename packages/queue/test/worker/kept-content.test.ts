/** What replaces the content of a mail when it ends, and until when. */
import { retention } from '@posthouse/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentKey, endedKey, recordKey, retentionKey } from '../../src/redis/keys.ts';
import { MailRecords } from '../../src/transitions/mail-records.ts';
import { LeasedMail } from '../../src/worker/leased-mail.ts';
import { WorkerHeartbeat } from '../../src/worker/worker-heartbeat.ts';
import { attemptResult, keeping, keptLiteral, keptTemplate, quick, RecordsFixture, threeRecipients } from '../records-fixture.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

const accepted = { ...attemptResult('accepted'), kept: keptTemplate };
const literal = { content: { ...keptLiteral } };

function ttl(id: string): Promise<number> {
  return fixture.redis.pttl(contentKey(id));
}

it('what is kept of a template mail replaces its content in the same step, and is kept as long as the record', async () => {
  const { id } = await fixture.sendingMail();
  await fixture.leased(id).recordAttempt(accepted);
  expect(await fixture.redis.hexists(recordKey(id), 'content')).toBe(0);
  const record = await fixture.records.read(id, true);
  expect(record).toMatchObject({ state: 'sent', contentState: 'reduced', keptContent: keptTemplate });
  expect(record?.content).toBeUndefined();
  expect((await fixture.redis.getBuffer(contentKey(id)))?.toString('latin1')).not.toContain('Hello');
  expect(record?.contentUntil).toBe((record?.endedAt ?? 0) + retention.sent);
  // Redis expires it with the record, where no sweeper does.
  expect(Math.abs((await ttl(id)) - (await fixture.redis.pttl(recordKey(id))))).toBeLessThan(60_000);
  const brief = await fixture.records.read(id, false);
  expect(brief).toEqual({ ...record, keptContent: undefined });
  expect(await fixture.purgeAt(id, Date.now() + retention.sent + 60_000)).toBe('sent');
  expect(await ttl(id)).toBe(-2);
});

it('content without a template is kept for its own time, at most as long as the record, and then deleted', async () => {
  const attachments = [{ filename: 'a.txt', bytes: 3 }];
  const { id } = await fixture.sendingMail(literal);
  await fixture.leased(id).recordAttempt({ ...accepted, kept: { ...keptLiteral, attachments } });
  expect(await fixture.records.read(id, true)).toMatchObject({ contentState: 'reduced', keptContent: { ...keptLiteral, attachments } });
  expect(await ttl(id)).toBeGreaterThan(keeping.content - 60_000);
  expect(await ttl(id)).toBeLessThanOrEqual(keeping.content);

  const withContent = async (content: number) => {
    const records = new MailRecords(fixture.redis, fixture.records.fields, { timings: quick, retention: { ...retention, content } });
    const { id } = await fixture.acceptedMail(literal);
    const run = new LeasedMail(id, 'token', records, fixture.connection.workerId);
    await run.begin();
    await run.recordAttempt({ ...accepted, kept: keptLiteral });
    return id;
  };
  expect(await ttl(await withContent(retention.sent * 3))).toBeLessThanOrEqual(retention.sent);
  const brief = await withContent(1);
  await expect.poll(() => ttl(brief)).toBe(-2);
  const record = await fixture.records.read(brief, true);
  expect(record).toMatchObject({ state: 'sent', contentState: 'deleted' });
  expect(record?.keptContent).toBeUndefined();
  expect(record?.contentUntil).toBe((record?.endedAt ?? 0) + 1);
});

it('a partly sent mail keeps all of its content as long as a failed one, until its last recipient is accepted after all', async () => {
  const { id } = await fixture.sendingMail({ envelope: threeRecipients });
  const partly = { ...attemptResult('accepted', 'accepted', 'rejected'), kept: keptTemplate };
  await fixture.leased(id).recordAttempt(partly);
  const record = await fixture.records.read(id, true);
  expect(record).toMatchObject({ state: 'sent', partial: true, contentState: 'complete', content: { template: { name: 'signup' } } });
  expect(record?.contentUntil).toBe((record?.endedAt ?? 0) + retention.failed);
  expect(await ttl(id)).toBe(-2);
  const late = { ...attemptResult(), recipients: [{ index: 2, state: 'accepted' as const, at: 6, reason: '250' as const }] };
  await fixture.leasedByNewRun(id).recordAttempt(late);
  expect(await fixture.records.read(id, true)).toMatchObject({ state: 'sent', partial: false, contentState: 'deleted' });
});

it('a mail that ends by an action keeps nothing, unless recipients can still be retried', async () => {
  const ends = async (states: Parameters<typeof attemptResult>, end: (id: string) => Promise<unknown>) => {
    const { id } = await fixture.mailPastGate({ envelope: threeRecipients, onUncertain: 'hold' });
    await fixture.leased(id).recordAttempt({ ...attemptResult(...states), waitMs: 0, hold: states.includes('uncertain') });
    await end(id);
    const { state, partial, contentState } = (await fixture.records.read(id, false)) ?? {};
    return [state, partial, contentState];
  };
  const cancel = (id: string) => fixture.records.cancel(id);
  const delivered = (id: string) => fixture.records.resolve(id, 'delivered');
  const expire = async (id: string) => {
    await fixture.redis.hset(recordKey(id), 'expiresAt', 1, 'nextAttemptAt', 1);
    await fixture.leasedByNewRun(id).begin();
  };
  expect(await ends(['pending', 'pending', 'pending'], cancel)).toEqual(['cancelled', false, 'deleted']);
  expect(await ends(['accepted', 'pending', 'pending'], cancel)).toEqual(['sent', true, 'deleted']);
  expect(await ends(['pending', 'pending', 'pending'], expire)).toEqual(['expired', false, 'deleted']);
  expect(await ends(['accepted', 'pending', 'pending'], expire)).toEqual(['sent', true, 'complete']);
  expect(await ends(['uncertain', 'uncertain', 'uncertain'], delivered)).toEqual(['sent', false, 'deleted']);
  expect(await ends(['uncertain', 'rejected', 'uncertain'], delivered)).toEqual(['sent', true, 'complete']);
});

it('a late acceptance of a cancelled mail brings no content back', async () => {
  const { id } = await fixture.sendingMail();
  await fixture.records.cancel(id);
  expect(await fixture.leased(id).recordAttempt(accepted)).toMatchObject({ state: 'sent' });
  expect(await fixture.records.read(id, true)).toMatchObject({ contentState: 'deleted' });
  expect(await ttl(id)).toBe(-2);
});

it('a process without a setting for how long records are kept goes by the heartbeat of the workers', async () => {
  const { id } = await fixture.acceptedMail();
  await fixture.records.cancel(id);
  expect(await fixture.msUntilPurge({ id } as never)).toBeGreaterThan(retention.sent - 60_000);

  const { connection } = fixture;
  const configured = Object.assign(Object.create(connection), { retention: { ...retention, sent: 3_600_000, failed: 7_200_000 } });
  const heartbeat = new WorkerHeartbeat(configured, () => ({ version: '1', concurrency: 1, providers: [] }));
  await heartbeat.start();
  await expect.poll(() => fixture.redis.hgetall(retentionKey)).toEqual({ sent: '3600000', failed: '7200000' });
  await heartbeat.stop();
  const later = await fixture.acceptedMail();
  await fixture.records.cancel(later.id);
  expect(await fixture.msUntilPurge(later)).toBeLessThanOrEqual(3_600_000);
  expect(Number(await fixture.redis.zscore(endedKey, id))).toBeGreaterThan(Date.now() + 7_200_000);
});
