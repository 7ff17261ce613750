/** Records that were edited, or whose keys hold something else: every change answers in words, and none stops the other mails. */
import { durations, type MailState } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MailJobs } from '../../src/connection/mail-jobs.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { QueueMeter } from '../../src/monitoring/queue-measurement.ts';
import { failsOnData, RecordError } from '../../src/record/record-error.ts';
import { batchesKey, batchKey, endedKey, recordKey, sizesKey, trafficKey, unfinishedKey } from '../../src/redis/keys.ts';
import { rebuildIndexes } from '../../src/search/index-rebuild.ts';
import { listSealingKeys } from '../../src/search/sealing-keys.ts';
import { Sweeper } from '../../src/worker/sweeper.ts';
import { attemptResult, RecordsFixture } from '../records-fixture.ts';
import { sealer } from '../sample-mail.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());
afterEach(() => fixture.redis.flushdb());

const farAhead = 8e15;

/** Each damages the record of a mail. */
const damages: [name: string, damage: (id: string) => Promise<unknown>][] = [
  ...(
    [
      ['recipients', 'null'],
      ['recipients', '[7]'],
      ['recipients', '{'],
      ['expiresAt', 'never'],
      ['dueAt', ''],
      ['createdAt', 'nan'],
      ['nextAttemptAt', ''],
      ['runs', 'x'],
      ['attemptCount', '1e3'],
      ['deferralCount', 'x'],
      ['keyMissing', 'null'],
      ['fixedIndexes', '5'],
      ['stateIndexes', 'class:lost\ngroup:7'],
      ['actions', '[[[[1]]]]'],
      ['state', 'lost'],
      ['verdict', 'RETRY'],
    ] as const
  ).map(([field, value]): (typeof damages)[number] => [`${field} is ${value}`, (id) => fixture.redis.hset(recordKey(id), field, value)]),
  ['recipients are gone', (id) => fixture.redis.hdel(recordKey(id), 'recipients')],
  ['times are gone', (id) => fixture.redis.hdel(recordKey(id), 'createdAt', 'dueAt', 'expiresAt', 'nextAttemptAt')],
  ['it is a list', (id) => fixture.redis.multi().del(recordKey(id)).rpush(recordKey(id), 'x').exec()],
];

async function mailIn(state: MailState): Promise<string> {
  if (state === 'scheduled') return (await fixture.acceptedMail({ scheduledAt: Date.now() + 3_600_000 })).id;
  if (state === 'queued') return (await fixture.acceptedMail()).id;
  const mail = await fixture.sendingMail();
  const outcome = state === 'failed' ? 'rejected' : 'uncertain';
  await fixture.leased(mail.id).recordAttempt({ ...attemptResult(outcome), hold: state === 'uncertain' });
  return mail.id;
}

it('what Redis, or a service in front of it, refuses for another reason is no damage: no mail fails for it', async () => {
  const errorOf = (command: string, ...args: string[]) => fixture.redis.call(command, ...args).catch((error: Error) => error);
  expect(failsOnData(await errorOf('GET'))).toBe(false);
  expect(failsOnData(await errorOf('NO-SUCH-COMMAND'))).toBe(false);
  expect(failsOnData(await errorOf('EVAL', "return cjson.decode('{')", '0'))).toBe(true);
  expect(failsOnData(await errorOf('EVAL', "redis.call('SET', KEYS[1], 'x') return redis.call('INCR', KEYS[1])", '1', 'n'))).toBe(true);
  expect(failsOnData(await errorOf('LPUSH', 'n', 'x'))).toBe(true);
});

/** How an action ended: with a state, or with an error that a person can read. */
async function resultOf(action: Promise<{ changed: boolean; state: string } | undefined>): Promise<string> {
  try {
    return (await action)?.state ?? 'missing';
  } catch (error) {
    expect(error).toBeInstanceOf(RecordError);
    return 'unreadable';
  }
}

describe.each(damages)('where %s', (_name, damage) => {
  it('each action changes the mail or says why not, and nothing is left of it after its retention', async () => {
    const { records } = fixture;
    const actions = {
      failed: (id: string) => records.retry(id, { by: { who: 'anne' } }),
      scheduled: (id: string) => records.sendNow(id, { by: { who: 'anne' } }),
      uncertain: (id: string) => records.resolve(id, 'sendAgain', { by: { who: 'anne' } }),
      queued: (id: string) => records.cancel(id, { by: { who: 'anne' } }),
    };
    for (const [state, act] of Object.entries(actions)) {
      const id = await mailIn(state as MailState);
      await damage(id);
      const before = await fixture.redis.dump(recordKey(id));
      const result = await resultOf(act(id));
      // An action that fails has changed nothing.
      if (result === 'unreadable') expect(await fixture.redis.dump(recordKey(id))).toBe(before);
      await resultOf(records.resolve(id, 'delivered'));
      const run = await fixture.leasedByNewRun(id).begin();
      expect(run.kind).toMatch(/^(ready|not-due|unreadable|ended)$/);
      await fixture.failUnreadable(id);
      expect(await fixture.purgeAt(id, farAhead)).not.toBeNull();
      expect(await fixture.redis.keys(`*${id}*`)).toEqual([]);
    }
    expect(await fixture.redis.keys('{posthouse}:index:class:*')).toEqual([]);
    expect(await fixture.redis.exists(sizesKey)).toBe(0);
    await rebuildIndexes(fixture.connection, () => undefined);
    expect(await fixture.redis.keys('{posthouse}:index*')).toEqual([]);
    for (const key of [unfinishedKey, endedKey]) expect(await fixture.redis.zcard(key)).toBe(0);
  });

  it('a mail that waits can be cancelled', async () => {
    const id = await mailIn('scheduled');
    await damage(id);
    const result = await resultOf(fixture.records.cancel(id));
    expect(result).toBe((await fixture.redis.hget(recordKey(id), 'state').catch(() => '')) === 'lost' ? 'unreadable' : 'cancelled');
  });

  it('a run that meets it when it stores the outcome ends, and the mail fails', async () => {
    const mail = await fixture.mailPastGate();
    await damage(mail.id);
    const recorded = await fixture.leased(mail.id).recordAttempt(attemptResult('pending'));
    expect(['changed', 'superseded']).toContain(recorded.kind);
    const other = await fixture.sendingMail();
    await damage(other.id);
    const deferred = await fixture.leased(other.id).recordDeferral({ at: 1, durationMs: 1, steps: [], reason: 'ECONNREFUSED' }, 1000);
    expect(['changed', 'superseded']).toContain(deferred.kind);
  });
});

describe('a key of all mails that holds something else', () => {
  it.each([
    ['an index', '{posthouse}:index:class:sending|signup-service|signup|'],
    ['the unfinished mails', unfinishedKey],
  ])('%s: no mail fails because of it, and each goes on when it is right again', async (_which, key) => {
    const { id } = await fixture.acceptedMail();
    const before = await fixture.redis.dumpBuffer(key);
    await fixture.redis.set(key, 'x');
    const damaged = { name: 'QueueUnavailable', failure: 'damaged' };
    await expect(fixture.leased(id).begin()).rejects.toMatchObject(damaged);
    const requests = await fixture.requestConnection();
    await expect(requests.run(({ redis }) => redis.zcard(key))).rejects.toMatchObject(damaged);
    await fixture.redis.del(key);
    if (before !== null) await fixture.redis.restore(key, 0, before);
    expect(['ready', 'not-due']).toContain((await fixture.leased(id).begin()).kind);
  });

  it('the counts of the hour: an acceptance is stored as soon as they are right again', async () => {
    const mail = await fixture.mailPastGate();
    const key = trafficKey(Date.now());
    await fixture.redis.del(key);
    await fixture.redis.set(key, 'x');
    await expect(fixture.leased(mail.id).recordAttempt(attemptResult('accepted'))).rejects.toMatchObject({ failure: 'damaged' });
    await fixture.redis.del(key);
    expect(await fixture.leased(mail.id).recordAttempt(attemptResult('accepted'))).toMatchObject({ kind: 'changed', state: 'sent' });
  });
});

it('the sweep goes on with the other mails and batches, and the lists of all go on as well', async () => {
  const { redis, connection } = fixture;
  const overdue = Date.now() - 1000;
  const damagedMails: string[] = [];
  for (const [, damage] of damages) {
    const [waiting, ended] = [await mailIn('queued'), await mailIn('failed')];
    for (const id of [waiting, ended]) await damage(id);
    await redis.zadd(unfinishedKey, overdue, waiting);
    await redis.zadd(endedKey, overdue, ended);
    damagedMails.push(ended);
  }
  const [good, over] = [await mailIn('queued'), await mailIn('failed')];
  await redis.zadd(unfinishedKey, overdue + 500, good);
  await redis.zadd(endedKey, overdue + 500, over);
  for (const [first, ids] of [
    ['a', 'no JSON'],
    ['b', '["b"]'],
  ] as const) {
    await redis.zadd(batchesKey, 0, first);
    await redis.hset(batchKey(first), { state: 'open', ids, attempt: 'x' });
  }

  expect(await new QueueMeter(await fixture.requestConnection()).due()).toBeDefined();
  expect(await listSealingKeys(connection)).toHaveLength(1);
  expect((await rebuildIndexes(connection, () => undefined)).unreadable).toBeGreaterThan(0);
  await redis.zadd(endedKey, overdue, ...damagedMails.flatMap((id, n) => (n === 0 ? [id] : [overdue, id])));
  await redis.zadd(endedKey, overdue + 500, over);

  const sweep = { intervalMs: 30, lease: 27, overdue: 200 };
  const errors: string[] = [];
  const swept = new WorkerConnection(fixture.server.url, sealer, { ...durations, timings: { ...durations.timings, sweep } }, (event) => {
    errors.push(event);
  });
  const renewed: string[] = [];
  const sweeper = new Sweeper(swept, (id) => renewed.push(id));
  await swept.start();
  await sweeper.start();
  await expect.poll(() => renewed).toContain(good);
  await expect.poll(() => redis.exists(recordKey(over))).toBe(0);
  await expect.poll(() => redis.zrange(batchesKey, '0', '-1')).toEqual(['a']);
  for (const id of damagedMails) await expect.poll(() => redis.exists(recordKey(id))).toBe(0);
  await sweeper.stop();
  await swept.stop();
  const jobs = new MailJobs(redis, durations, () => undefined);
  expect(await jobs.isScheduled(good, Date.now())).toBe(true);
  await jobs.close();
});

describe('a field that names another key', () => {
  const nameOther = async (id: string, field: string) => {
    const sealed = (await fixture.redis.hgetBuffer(recordKey(id), field)) as Buffer;
    const own = sealed[1] as number;
    await fixture.redis.hset(recordKey(id), field, Buffer.concat([Buffer.of(2, 5), Buffer.from('other'), sealed.subarray(2 + own)]));
  };

  it('is an edit where the others open: the mail fails', async () => {
    const { id } = await fixture.acceptedMail();
    await nameOther(id, 'content');
    expect(await fixture.leased(id).begin()).toMatchObject({ kind: 'unreadable', why: expect.stringContaining('the key "other"') });
  });

  it('of the envelope may be that of a worker to come: the mail waits, and can be cancelled', async () => {
    const { id } = await fixture.acceptedMail();
    await nameOther(id, 'envelope');
    const leased = fixture.leased(id);
    expect(await leased.begin()).toMatchObject({ kind: 'key-missing', keyId: 'other' });
    expect(await leased.putBack('other', 1000)).toMatchObject({ state: 'retrying' });
    expect(await fixture.redis.hget(recordKey(id), 'reason')).toBe('key-missing');
    expect(await fixture.records.cancel(id, { by: { who: 'anne' } })).toEqual({ changed: true, state: 'cancelled' });
    expect(await fixture.purgeAt(id, farAhead)).toBe('cancelled');
  });
});
