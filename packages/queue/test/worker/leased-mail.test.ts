import { limits, retention } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { newMailId } from '../../src/record/new-record.ts';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';
import { recordKey, workerKey } from '../../src/redis/keys.ts';
import { LeasedMail } from '../../src/worker/leased-mail.ts';
import { WorkerHeartbeat } from '../../src/worker/worker-heartbeat.ts';
import { attemptResult, quick, RecordsFixture, replyWithinMs, threeRecipients } from '../records-fixture.ts';
import { sealer, secret } from '../sample-mail.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

afterEach(() => {
  vi.useRealTimers();
});

/** Of a worker, once Redis has it. */
async function startHeartbeat(worker: WorkerConnection): Promise<WorkerHeartbeat> {
  const heartbeat = new WorkerHeartbeat(worker, () => ({ version: '1', concurrency: 1, providers: [] }));
  await heartbeat.start();
  await expect.poll(() => fixture.redis.exists(workerKey(worker.workerId))).toBe(1);
  return heartbeat;
}

const until = (at: number) => expect.poll(() => Date.now(), { interval: 5 }).toBeGreaterThanOrEqual(at);

describe('begin', () => {
  it('takes a queued mail', async () => {
    expect(await fixture.sendingMail()).toMatchObject({ state: 'sending', attemptCount: 0, content: { template: { name: 'signup' } } });
  });

  it('changes nothing before the mail is due', async () => {
    const scheduledAt = Date.now() + 60_000;
    const record = await fixture.acceptedMail({ scheduledAt });
    expect(await fixture.leased(record.id).begin()).toEqual({ kind: 'not-due', at: scheduledAt });
    expect((await fixture.read(record)).state).toBe('scheduled');
  });

  it.each([-1, 1])('goes by the clock of Redis in a process whose own is off by %i h', async (hours) => {
    const now = Date.now();
    const scheduled = await fixture.acceptedMail({ scheduledAt: now + 60_000 });
    const [deferred, retried] = [await fixture.sendingMail(), await fixture.sendingMail()];
    vi.useFakeTimers({ toFake: ['Date'], now: now + hours * 3_600_000 });
    expect(await fixture.leased(scheduled.id).begin()).toEqual({ kind: 'not-due', at: now + 60_000 });
    const deferral = { at: 1, durationMs: 2, provider: 'ses', reason: 'ECONNREFUSED', steps: [] };
    const soon = expect.toSatisfy((at: number) => at >= now + 5000 && at < now + 60_000);
    expect(await fixture.leased(deferred.id).recordDeferral(deferral, 5000)).toMatchObject({ at: soon });
    expect(await fixture.leased(retried.id).recordAttempt({ ...attemptResult('pending'), waitMs: 5000 })).toMatchObject({ at: soon });
    expect(await fixture.leased(deferred.id).begin()).toMatchObject({ kind: 'not-due', at: soon });
  });

  it('returns the state of an ended mail, and says when there is no record', async () => {
    const record = await fixture.sendingMail();
    await fixture.recordAttempt(record, 'accepted');
    expect(await fixture.leased(record.id).begin()).toEqual({ kind: 'ended', state: 'sent' });
    expect(await fixture.leased(newMailId()).begin()).toEqual({ kind: 'ended', state: 'missing' });
  });

  it('reschedules a mail whose run died before the gate, with a longer wait each time, and fails it after five', async () => {
    const record = await fixture.sendingMail();
    const waitsSeen: [min: number, max: number][] = [];
    for (let run = 1; run < limits.runsWithoutVerdict; run++) {
      const before = Date.now();
      const found = await fixture.leased(record.id).begin();
      if (found.kind !== 'not-due') throw new Error(found.kind);
      const share = (ms: number) => ms / quick.crashBackoff / 2 ** (run - 1);
      waitsSeen.push([share(found.at - Date.now()), share(found.at - before)]);
      await until(found.at);
      expect(await fixture.leased(record.id).begin()).toMatchObject({ kind: 'ready' });
    }
    expect(waitsSeen).toHaveLength(4);
    // Up to twice as long, at random; Redis decided at some time between the two clock readings.
    for (const [min, max] of waitsSeen) expect([min <= 2.1, max >= 0.9]).toEqual([true, true]);
    expect(await fixture.leased(record.id).begin()).toEqual({ kind: 'ended', state: 'failed', endedNow: { template: 'signup' } });
    expect(await fixture.read(record)).toMatchObject({
      attemptCount: 0,
      content: {},
      recipients: [{ state: 'rejected', reason: 'no-verdict' }],
    });
    expect(await fixture.isUnfinished(record)).toBe(false);
  });

  it('reports an unknown outcome for a mail whose run died after the gate, once its reply can no longer come', async () => {
    const record = await fixture.mailPastGate();
    const { messageStartedAt = 0 } = await fixture.read(record);
    expect(await fixture.leased(record.id).begin()).toEqual({ kind: 'not-due', at: messageStartedAt + quick.reply.unknown });
    await fixture.backdateMessage(record, quick.reply.unknown);
    expect(await fixture.leased(record.id).begin()).toMatchObject({
      kind: 'outcome-unknown',
      record: { messageStartedAt: messageStartedAt - quick.reply.unknown },
    });
  });

  it('leaves a mail to the worker that waits for its reply while that has a heartbeat, up to the deadline that the gate stored', async () => {
    const heartbeat = await startHeartbeat(fixture.connection);
    const record = await fixture.mailPastGate();
    await fixture.backdateMessage(record, quick.reply.unknown);
    const { messageStartedAt = 0 } = await fixture.read(record);
    const early = await fixture.leasedByNewRun(record.id).begin();
    expect(early).toEqual({
      kind: 'not-due',
      at: expect.toSatisfy((at: number) => at > messageStartedAt + quick.reply.unknown && at <= messageStartedAt + replyWithinMs),
    });
    await fixture.backdateMessage(record, replyWithinMs - quick.reply.unknown);
    expect(await fixture.leasedByNewRun(record.id).begin()).toMatchObject({ kind: 'outcome-unknown' });
    await heartbeat.stop();
  });

  it('does not wait for the reply of a worker that died; it looks for the heartbeat again and again', async () => {
    const worker = new WorkerConnection(fixture.server.url, sealer, { timings: quick, retention }, () => undefined);
    await worker.start();
    const heartbeat = await startHeartbeat(worker);
    const record = await fixture.sendingMail();
    await fixture.redis.set(`{posthouse}:mail:${record.id}:lock`, 'token');
    await new LeasedMail(record.id, 'token', fixture.records, worker.workerId).gate(600_000);
    await fixture.backdateMessage(record, quick.reply.unknown);
    const waiting = await fixture.leasedByNewRun(record.id).begin();
    const answer = Date.now();
    expect(waiting).toEqual({ kind: 'not-due', at: expect.toSatisfy((at: number) => at <= answer + quick.heartbeat.gone + 1000) });
    await heartbeat.stop();
    expect(await fixture.leasedByNewRun(record.id).begin()).toMatchObject({ kind: 'outcome-unknown' });
    await worker.stop();
  });

  it('expires a mail without sending it, and deletes its content; accepted recipients stay accepted', async () => {
    const late = await fixture.acceptedMail({ expiresAt: Date.now() - 1 });
    expect(await fixture.leased(late.id).begin()).toEqual({ kind: 'ended', state: 'expired', endedNow: { template: 'signup' } });
    const after = await fixture.read(late);
    expect(after).toMatchObject({ state: 'expired', recipients: [{ state: 'rejected', reason: 'expired' }] });
    expect(after.content).toBeUndefined();

    const half = await fixture.sendingMail({ envelope: threeRecipients });
    await fixture.leased(half.id).recordAttempt({ ...attemptResult('accepted', 'pending', 'pending'), waitMs: 0 });
    await fixture.redis.hset(recordKey(half.id), 'expiresAt', Date.now() - 1);
    expect(await fixture.leased(half.id).begin()).toEqual({ kind: 'ended', state: 'sent', endedNow: { template: 'signup' } });
    expect((await fixture.read(half)).recipients.map(({ state }) => state)).toEqual(['accepted', 'rejected', 'rejected']);
  });

  it.each([
    ['with an unknown version', ['v', '2'], /version is 2/],
    ['with an edited field', ['content', 'x'], /content cannot be decrypted/],
    ['without its recipients', ['recipients', '[]'], /not those of its envelope/],
    ['with recipients that are not JSON', ['recipients', '{'], /recipients is not JSON/],
    ['with an unknown state', ['state', 'nowhere'], /state "nowhere" is unknown/],
    ['with a time that is not a number', ['createdAt', 'soon'], /createdAt is not a number/],
  ])('fails a record %s, says why, and keeps it', async (_which, edit, why) => {
    const record = await fixture.acceptedMail();
    await fixture.redis.hset(recordKey(record.id), edit[0] as string, edit[1] as string);
    expect(await fixture.leased(record.id).begin()).toMatchObject({ kind: 'unreadable', why: expect.stringMatching(why) });
    const fields = await fixture.redis.hmget(recordKey(record.id), 'state', 'verdict', 'reason');
    expect(fields).toEqual(['failed', 'FAIL', 'record-unreadable']);
    expect(await fixture.msUntilPurge(record)).toBeGreaterThan(retention.sent);
  });

  it('fails a record on which the script itself fails, instead of trying it forever', async () => {
    const record = await fixture.acceptedMail({ expiresAt: Date.now() - 1 });
    await fixture.redis.hset(recordKey(record.id), 'recipients', '{');
    expect(await fixture.leased(record.id).begin()).toMatchObject({ kind: 'unreadable' });
    expect(await fixture.redis.hget(recordKey(record.id), 'state')).toBe('failed');
  });

  it.each(['-hset', '-hgetall', '-zadd'])('harms no mail when the user of REDIS_URL lacks a right (%s)', async (right) => {
    const record = await fixture.acceptedMail();
    await fixture.server.cli('ACL', 'SETUSER', 'default', right);
    await expect(fixture.leased(record.id).begin()).rejects.toMatchObject({ name: 'QueueUnavailable', failure: 'no-permission' });
    await fixture.server.cli('ACL', 'SETUSER', 'default', '+@all');
    expect(await fixture.read(record)).toMatchObject({ state: 'queued', attemptCount: 0 });
    expect(await fixture.redis.hget(recordKey(record.id), 'runs')).toBeNull();
  });

  it('cannot decrypt a record that was copied to another mail', async () => {
    const [record, other] = [await fixture.acceptedMail(), await fixture.acceptedMail()];
    await fixture.redis.copy(recordKey(record.id), recordKey(other.id), 'REPLACE');
    expect(await fixture.leased(other.id).begin()).toMatchObject({ kind: 'unreadable' });
  });

  it.each([
    ['of another name', `other:${'9'.repeat(64)}`, /"0".*add that key to its POSTHOUSE_SECRET/],
    ['of the same name', '9'.repeat(64), /another key of the name "0"/],
  ])(
    'puts back a mail that a worker with a key %s cannot open: nothing sealed changes, and one with its key sends it',
    async (_, other, why) => {
      const record = await fixture.acceptedMail();
      const sealedFields = async () => {
        const fields = await fixture.redis.hgetall(recordKey(record.id));
        return Object.fromEntries(
          Object.entries(fields).filter(([name]) => !/^(state|verdict|reason|nextAttemptAt|stateIndexes|run|keyMissing)$/.test(name)),
        );
      };
      const before = await sealedFields();
      const connection = new WorkerConnection(
        fixture.server.url,
        new Sealer(sealKeys(other)),
        { timings: quick, retention },
        () => undefined,
      );
      await connection.start();
      const mail = new LeasedMail(record.id, 'token', connection.records, connection.workerId);
      expect(await mail.begin()).toMatchObject({ kind: 'key-missing', keyId: '0', why: expect.stringMatching(why) });
      const first = await mail.putBack('0', 0);
      expect(first).toEqual({ kind: 'changed', state: 'retrying', at: expect.any(Number) });
      expect(await mail.putBack('0', 60_000)).toEqual(first);
      await connection.stop();
      expect(await sealedFields()).toEqual(before);
      expect(await fixture.read(record)).toMatchObject({
        attemptCount: 0,
        deferralCount: 0,
        lastDeferral: { reason: 'key-missing', detail: 'A worker without the key "0" has put the mail back.' },
      });
      expect(await fixture.leased(record.id).begin()).toMatchObject({ kind: 'ready' });
    },
  );

  it('fails a mail that was edited, as the check value shows that the key is the right one', async () => {
    const record = await fixture.acceptedMail();
    await fixture.redis.hset(recordKey(record.id), 'envelope', fixture.records.fields.seal('another mail', 'envelope', {}));
    expect(await fixture.leased(record.id).begin()).toMatchObject({ kind: 'unreadable' });
  });

  it('seals what a run adds with the key of the record, not with a newer one', async () => {
    const record = await fixture.acceptedMail();
    const rotated = new Sealer(sealKeys(`new:${'9'.repeat(64)},0:${secret}`));
    const connection = new WorkerConnection(fixture.server.url, rotated, { timings: quick, retention }, () => undefined);
    await connection.start();
    const mail = new LeasedMail(record.id, 'token', connection.records, connection.workerId);
    await mail.begin();
    await mail.recordAttempt({ ...attemptResult('accepted'), receipt: { at: 1, provider: 'ses', response: '250 ok', accepted: [] } });
    await connection.stop();
    expect(await fixture.read(record)).toMatchObject({ state: 'sent', attempts: [{ number: 1 }], receipt: { response: '250 ok' } });
  });
});

describe('the gate', () => {
  it('opens for the run that has the lock, and stores when', async () => {
    const before = Date.now();
    const record = await fixture.mailPastGate();
    expect((await fixture.read(record)).messageStartedAt).toBeGreaterThanOrEqual(before - 1);
  });

  it('is denied to a run without the lock and for a cancelled mail', async () => {
    const record = await fixture.sendingMail();
    expect(await fixture.leased(record.id).gate(1000)).toEqual({ kind: 'lease-lost' });
    await fixture.redis.set(`{posthouse}:mail:${record.id}:lock`, 'another');
    expect(await fixture.leased(record.id).gate(1000)).toEqual({ kind: 'lease-lost' });
    await fixture.records.cancel(record.id);
    expect(await new LeasedMail(record.id, 'another', fixture.records, 'worker').gate(1000)).toEqual({ kind: 'denied', why: 'cancelled' });
    expect((await fixture.read(record)).messageStartedAt).toBeUndefined();
  });

  it('is denied in time while Redis does not answer', async () => {
    const queue = { ...quick.queue };
    const connection = new WorkerConnection(fixture.server.url, sealer, { timings: { ...quick, queue }, retention }, () => undefined);
    await connection.start();
    const mail = new LeasedMail((await fixture.sendingMail()).id, 'token', connection.records, connection.workerId);
    await connection.redis.ping();
    await fixture.server.kill('SIGSTOP');
    queue.gate = 100;
    expect(await mail.gate(1000)).toEqual({ kind: 'denied', why: expect.stringContaining('100 ms') });
    await fixture.server.kill('SIGCONT');
    await connection.stop();
  });
});
