/** Indexes match the records after any transitions in any order. */
import { durations, isFinal, type MailState } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { fromParts } from '../../src/record/field-parts.ts';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';
import { contentKey, endedKey, groupPrefix, groupsKey, recordKey, sizesKey, unfinishedKey } from '../../src/redis/keys.ts';
import { rebuildIndexes } from '../../src/search/index-rebuild.ts';
import { MailList } from '../../src/search/mail-list.ts';
import type { LeasedMail } from '../../src/worker/leased-mail.ts';
import { attemptResult, keptTemplate, RecordsFixture, threeRecipients } from '../records-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const fixture = new RecordsFixture();
let list: MailList;

beforeAll(async () => {
  await fixture.start();
  list = new MailList(await fixture.requestConnection());
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.redis.flushdb());
afterEach(() => expectIndexesMatch());

/** The members of every sorted set whose key begins with `start`. */
async function sets(start: string): Promise<Record<string, string[]>> {
  const keys = await fixture.redis.keys(`${start}*`);
  const members = await Promise.all(keys.map((key) => fixture.redis.zrange(key, 0, '-1')));
  return Object.fromEntries(keys.map((key, n) => [key.slice(start.length), (members[n] ?? []).toSorted()]));
}

/** A text of a record, from its parts. */
function inFull(record: Record<string, string>, name: string): string | undefined {
  return fromParts(name, new Map(Object.entries(record).map(([part, value]) => [part, Buffer.from(value)])))?.toString();
}

/** Compares the indexes, the failure groups and the sets that the sweeper reads with all records. */
async function expectIndexesMatch(): Promise<void> {
  const expected: Record<string, string[]> = {};
  const [open, ended]: [string[], string[]] = [[], []];
  const failures = new Map<string, string>();
  const keys = (await fixture.redis.keys(recordKey('*'))).toSorted();
  const records = await Promise.all(keys.map((key) => fixture.redis.hgetall(key)));
  for (const [n, record] of records.entries()) {
    const id = keys[n]?.slice(recordKey('').length) ?? '';
    const listed = (record['stateIndexes'] ?? '').split('\n');
    const { class: ofClass, reason, group, partial, bulk } = Object.fromEntries(listed.map((name) => [name.split(':')[0], name]));
    const parts = ['state', 'apiKey', 'template', 'provider'].map((name) => record[name] ?? '');
    expect([id, ofClass]).toEqual([id, `class:${parts.join('|')}`]);
    const rejected = record['state'] === 'sent' ? record['rejected'] : undefined;
    const isGrouped = ['retrying', 'failed', 'uncertain', 'expired'].includes(record['state'] ?? '') || rejected !== undefined;
    expect(partial).toBe(rejected === undefined ? undefined : 'partial');
    expect(bulk).toBe(record['bulk'] && `bulk:${record['bulk'].slice(-12)}:${partial ?? record['state']}`);
    if (!isGrouped && record['state'] !== 'sending') expect(group).toBeUndefined();
    if (isGrouped) {
      const failure: Record<string, string> = { ...record, ...(rejected !== undefined && { reason: rejected, verdict: 'FAIL' }) };
      const cause = ['state', 'verdict', 'reason', 'template', 'provider', 'cause'].map((name) => failure[name] ?? '').join('\n');
      expect(reason).toBe(record['verdict'] && `reason:${failure['reason']}`);
      // Mails that failed in the same way are in the same group, and others are not.
      if (record['verdict']) expect(failures.get(group as string) ?? cause).toBe(cause);
      if (record['verdict']) failures.set(group as string, cause);
    }
    const fixed = (inFull(record, 'fixedIndexes') ?? '').split('\n').filter((name) => name !== '');
    const names = [...fixed, ofClass, reason, group, partial, bulk].filter((name) => name !== undefined);
    for (const name of names) expected[name] = [...(expected[name] ?? []), id];
    (isFinal(record['state'] as MailState) ? ended : open).push(id);
  }
  expect(new Set(failures.values()).size).toBe(failures.size);
  expect(await fixture.indexes()).toEqual(expected);
  const classes = Object.entries(expected).filter(([name]) => name.startsWith('class:'));
  expect(await fixture.redis.hgetall(sizesKey)).toEqual(Object.fromEntries(classes.map(([name, ids]) => [name, String(ids.length)])));
  expect(await sets(unfinishedKey)).toEqual(open.length === 0 ? {} : { '': open });
  const kept = (await fixture.redis.keys(contentKey('*'))).map((key) => key.slice(contentKey('').length));
  const withKept = records.flatMap((record, n) => (record['contentState'] ? [keys[n]?.slice(recordKey('').length)] : []));
  expect(kept.toSorted()).toEqual(withKept);
  // Nothing is kept beside the content itself, and no content of a mail that all recipients got.
  for (const record of records) {
    const isWhole = record['state'] === 'sent' && !inFull(record, 'recipients')?.includes('rejected');
    if (isWhole || record['contentState']) expect(record['content']).toBeUndefined();
  }
  expect(await sets(endedKey)).toEqual(ended.length === 0 ? {} : { '': ended });

  const groups = Object.keys(expected).filter((name) => name.startsWith('group:'));
  const counted = await fixture.redis.zrange(groupsKey, 0, '-1', 'WITHSCORES');
  const sizes = groups.flatMap((name) => [name.slice('group:'.length), String(expected[name]?.length)]);
  expect(counted.toSorted()).toEqual(sizes.toSorted());
  expect((await fixture.redis.keys(`${groupPrefix}*`)).length).toBe(groups.length);
}

/** Pseudo-random numbers, the same in each run, so that a failure can be repeated. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

it('indexes match after any transition, in any order, by any run', async () => {
  const any = numbers(4);
  const one = <T>(of: readonly T[]) => of[any(of.length)] as T;
  const mails = new Map<string, LeasedMail[]>();
  const accept = async () => {
    const written = { literal: { subject: 'x', text: 'y' }, attachments: [], headers: {} };
    const { id } = await fixture.acceptedMail({
      ...(any(2) === 0 && { scheduledAt: Date.now() + 60_000 }),
      ...(any(3) === 0 && { expiresAt: Date.now() - 1 }),
      ...(any(2) === 0 && { envelope: threeRecipients }),
      ...(any(3) === 0 && { content: written }),
      ...(any(3) === 0 && { copy: { of: 'original', by: { who: 'anne' } } }),
      tags: one([[], ['a'], ['a', 'b']]),
    });
    mails.set(id, [fixture.leasedByNewRun(id)]);
  };
  const acts: ((id: string, run: LeasedMail) => Promise<unknown>)[] = [
    async (id) => {
      const run = fixture.leasedByNewRun(id);
      mails.get(id)?.push(run);
      if (await fixture.redis.hexists(recordKey(id), 'nextAttemptAt')) await fixture.redis.hset(recordKey(id), 'nextAttemptAt', 1);
      return await run.begin();
    },
    async (id, run) => {
      await fixture.redis.set(`{posthouse}:mail:${id}:lock`, 'token');
      return await run.gate(1000);
    },
    async (id, run) => {
      const { attempt, recipients, ...rest } = attemptResult(
        one(['accepted', 'rejected', 'pending', 'uncertain']),
        one(['rejected', 'pending']),
      );
      const known = (await fixture.records.read(id, false))?.recipients.length ?? 0;
      const changed = {
        ...attempt,
        provider: one(['ses', 'relay']),
        verdict: one(['FAIL', 'RETRY'] as const),
        reason: one(['550', '451'] as const),
      };
      const kept = any(2) === 0 ? { kept: keptTemplate } : {};
      return await run.recordAttempt({ ...rest, ...kept, attempt: changed, recipients: recipients.slice(0, known), hold: any(3) === 0 });
    },
    async (_, run) => await run.recordDeferral({ at: 1, durationMs: 2, provider: 'ses', reason: 'ETIMEDOUT', steps: [] }, 0),
    async (id) => await fixture.records.sendNow(id),
    async (id) => await fixture.records.reschedule(id, Date.now() + any(2) * 60_000, any(2) === 0),
    async (id) => await fixture.records.retry(id, any(2) === 0 ? { by: { who: 'anne', bulk: one(['bulk-1', 'bulk-2']) } } : {}),
    async (id) => await fixture.records.resolve(id, one(['delivered', 'sendAgain'])),
    async (id) => any(4) === 0 && (await fixture.records.cancel(id)),
    async (id) => any(6) === 0 && (await fixture.failUnreadable(id)),
    async (id) => {
      if (any(3) > 0) return;
      await fixture.redis.zadd(endedKey, 'XX', 0, id);
      await fixture.purgeAt(id, Date.now());
    },
  ];
  for (let step = 0; step < 600; step++) {
    if (mails.size < 8 || any(20) === 0) await accept();
    const [id, runs] = one([...mails].slice(-8));
    // More often the latest run than an earlier one.
    await one(acts)(id, any(3) === 0 ? one(runs) : (runs.at(-1) as LeasedMail));
    if (step % 30 === 0) await expectIndexesMatch();
  }
  await rebuildIndexes(fixture.connection, () => undefined);
});

it('a record that was edited by hand can still be listed, failed and purged', async () => {
  for (const [field, value] of [
    ['createdAt', 'soon'],
    ['nextAttemptAt', 'soon'],
    ['stateIndexes', 'class'],
    ['fixedIndexes', '7'],
  ] as const) {
    const { id } = await fixture.acceptedMail({ scheduledAt: Date.now() + 60_000 });
    await fixture.redis.hset(recordKey(id), field, value);
    expect((await list.page({}, { limit: 5 })).mails).toMatchObject([{ id }]);
    await fixture.leased(id).begin();
    await fixture.records.cancel(id);
    await fixture.redis.zadd(endedKey, 0, id);
    expect(await fixture.purgeAt(id, 1)).toMatch(/failed|cancelled/);
    await fixture.redis.flushdb();
  }
});

it('indexes match after a rebuild with another secret, and mails are still found by address', async () => {
  const { id } = await fixture.acceptedMail();
  const other = new WorkerConnection(fixture.server.url, new Sealer(sealKeys(`other:${'9'.repeat(64)}`)), durations, () => undefined);
  await other.start();
  expect(await rebuildIndexes(other, () => undefined)).toEqual({ mails: 1, unreadable: 1, removed: 0 });
  await other.stop();
  const { mails } = await list.page({ recipient: sampleMail().envelope.to[0]?.address ?? '' }, { limit: 5 });
  expect(mails).toMatchObject([{ id }]);
});
