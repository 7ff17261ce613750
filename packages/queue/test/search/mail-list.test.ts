/** Lists mails by their indexes on a real Redis, in all states that transitions lead to. */

import { type MailFilter, type MailRecord, type Reason, retention } from '@posthouse/contract';
import { patientDurations } from '@posthouse/devkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { type NewMail, newMailId } from '../../src/record/new-record.ts';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';
import { endedKey, groupsKey, recordKey, secretsKey, sizesKey, unfinishedKey } from '../../src/redis/keys.ts';
import { FailureGroups } from '../../src/search/failure-groups.ts';
import { rebuildIndexes } from '../../src/search/index-rebuild.ts';
import { MailList } from '../../src/search/mail-list.ts';
import { CursorError } from '../../src/transitions/index-walk.ts';
import { attemptResult, RecordsFixture } from '../records-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const fixture = new RecordsFixture();
let list: MailList;
let groups: FailureGroups;

beforeAll(async () => {
  await fixture.start();
  const connection = await fixture.requestConnection();
  list = new MailList(connection);
  groups = new FailureGroups(connection);
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.redis.flushdb());

function to(...addresses: string[]): Partial<NewMail> {
  return { envelope: { ...sampleMail().envelope, to: addresses.map((address) => ({ address })) } };
}

async function found(filter: MailFilter): Promise<string[]> {
  const { mails } = await list.page(filter, { limit: 50 });
  expect(await list.count(filter)).toEqual({ mails: mails.length, exact: true });
  return mails.map(({ id }) => id).sort();
}

function ids(...records: MailRecord[]): string[] {
  return records.map(({ id }) => id).sort();
}

/** Ids of mails accepted one ms after another. @param variant a digit of each */
function manyIds(at: number, variant = '8'): string[] {
  return Array.from({ length: 6000 }, (_, n) => {
    const time = (at + n + 1).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-${variant}000-${String(n).padStart(12, '0')}`;
  });
}

async function failed(reason: Reason, change: Partial<NewMail> = {}): Promise<MailRecord> {
  const record = await fixture.sendingMail(change);
  const { attempt, ...rest } = attemptResult('rejected');
  await fixture.leased(record.id).recordAttempt({ ...rest, attempt: { ...attempt, verdict: 'FAIL', reason } });
  return record;
}

describe('a filter', () => {
  it('finds mails by each condition, and by all conditions together', async () => {
    const anne = await fixture.acceptedMail({ ...to('Anne@one.example', 'berta@two.example'), tags: ['welcome', 'vip'] });
    const carl = await fixture.acceptedMail({ ...to('carl@two.example'), tags: ['vip'] });
    const later = await fixture.acceptedMail({ ...to('dora@one.example'), scheduledAt: Date.now() + 60_000, tags: [], priority: 'high' });
    const broken = await failed('550 5.1.1', { ...to('emil@two.example'), tags: ['vip'] });

    expect(await found({})).toEqual(ids(anne, carl, later, broken));
    expect(await found({ state: ['queued'] })).toEqual(ids(anne, carl));
    expect(await found({ state: ['scheduled', 'failed'] })).toEqual(ids(later, broken));
    expect(await found({ template: 'signup' })).toHaveLength(4);
    expect(await found({ template: 'receipt' })).toEqual([]);
    expect(await found({ recipient: 'anne@one.example' })).toEqual(ids(anne));
    expect(await found({ recipient: 'two.example' })).toEqual(ids(anne, carl, broken));
    expect(await found({ tag: 'vip' })).toEqual(ids(anne, carl, broken));
    expect(await found({ provider: 'ses' })).toEqual(ids(broken));
    expect(await found({ priority: 'high' })).toEqual(ids(later));
    expect(await found({ priority: 'normal', recipient: 'two.example', state: ['queued'] })).toEqual(ids(anne, carl));
    expect(await found({ reason: '550 5.1.1' })).toEqual(ids(broken));
    expect(await found({ recipient: 'two.example', tag: 'vip', state: ['queued'] })).toEqual(ids(anne, carl));
    expect(await found({ tag: 'vip', state: ['failed'], provider: 'gmail' })).toEqual([]);
    expect(await found({ from: anne.createdAt, to: later.createdAt, state: ['scheduled'] })).toEqual(ids(later));
    expect(await found({ to: anne.createdAt - 1 })).toEqual([]);
  });

  it('finds names only as a whole, whatever is in them', async () => {
    // No process of ours writes such a reason, but somebody else may have written it into Redis.
    const oddReason = '451 a/b "c" \\' as Reason;
    const odd = await failed(oddReason, { tags: ['x/y', 'quote"d'] });
    // As many have its reason as are failed, so that the state's index is walked and the reason is checked in the records.
    const waiting = await fixture.sendingMail();
    const { attempt, ...rest } = attemptResult('pending');
    await fixture.leased(waiting.id).recordAttempt({ ...rest, attempt: { ...attempt, verdict: 'RETRY', reason: oddReason } });
    await failed('451 a/b' as Reason, { tags: ['x/y/z', 'quote'] });
    const state: MailFilter['state'] = ['failed'];
    for (const filter of [{ reason: oddReason }, { tag: 'x/y' }, { tag: 'quote"d' }])
      expect(await found({ state, ...filter })).toEqual([odd.id]);
    for (const filter of [{ reason: 'b' as Reason }, { tag: 'x' }, { tag: 'd' }])
      expect(await found({ state, template: 'signup', ...filter })).toEqual([]);
  });

  it('finds mails that were accepted under a key that has been rotated', async () => {
    const old = await fixture.acceptedMail(to('anne@one.example'));
    const rotated = new RequestConnection(
      fixture.server.url,
      new Sealer(sealKeys(`new:${'e'.repeat(64)},0:${'c'.repeat(64)}`)),
      patientDurations(),
      () => undefined,
    );
    await rotated.start();
    await rotated.whenReady();
    const { mails } = await new MailList(rotated).page({ recipient: 'anne@one.example' }, { limit: 5 });
    await rotated.stop();
    expect(mails.map(({ id }) => id)).toEqual([old.id]);
  });
});

describe('a page', () => {
  it('is followed by the next without gap or duplicate, also where mails were accepted in the same ms', async () => {
    const all: string[] = [];
    for (let n = 0; n < 25; n++) {
      const apiKey = n % 3 === 0 ? 'billing' : 'signup-service';
      all.push((await fixture.acceptedMail({ apiKey }, n < 5 || n >= 20 ? Date.now() : 1_700_000_000_000)).id);
    }
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list.page({}, { limit: 4, ...(cursor !== undefined && { cursor }) });
      expect(page.mails.length).toBeGreaterThan(0);
      listed.push(...page.mails.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect([...listed].sort()).toEqual(all.sort());
    expect(await list.page({}, { limit: all.length })).not.toHaveProperty('next');
  });

  it('ends before it is full where hardly any mail matches, says how far it has searched, and can be continued; the count is an estimate', async () => {
    const wanted = await fixture.acceptedMail({ tags: ['a'] });
    const plain = fixture.redis.pipeline();
    const tagged = manyIds(wanted.createdAt);
    for (const id of tagged) plain.hset(recordKey(id), 'state', 'queued', 'fixedIndexes', 'tag:a', 'stateIndexes', 'class:queued|other||');
    await plain.exec();
    await fixture.change('add', 'tag:a', tagged);
    await fixture.change('add', 'class:queued|other|signup|', [...tagged, 'one more than with the tag']);
    const far = await list.page({ tag: 'a', template: 'signup' }, { limit: 10 });
    expect(far).toMatchObject({ mails: [], searchedTo: expect.any(Number), next: expect.any(String) });
    const rest = await list.page({ tag: 'a', template: 'signup' }, { limit: 10, cursor: far.next as string });
    expect(rest.mails.map(({ id }) => id)).toEqual([wanted.id]);
    expect(rest).not.toHaveProperty('next');
    expect(await list.count({ tag: 'a', template: 'signup' })).toMatchObject({ exact: false });
  });

  it("of an owner has the owner's mails alone, and its cursor names one of them", async () => {
    const own = await fixture.acceptedMail({ tags: ['a'] });
    const other = await fixture.acceptedMail({ apiKey: 'other', tags: ['a'] });
    expect(await list.page({ tag: 'a' }, { limit: 10, owner: 'signup-service' })).toMatchObject({ mails: [{ id: own.id }] });
    expect(await list.page({ apiKey: 'other' }, { limit: 10, owner: 'signup-service' })).toEqual({ mails: [] });
    expect((await list.page({}, { limit: 10, owner: 'other' })).mails.map(({ id }) => id)).toEqual([other.id]);

    const plain = fixture.redis.pipeline();
    const [theirs, mine] = [manyIds(own.createdAt, '8'), manyIds(own.createdAt, '9')];
    const ownClass = 'class:queued|signup-service||';
    for (const id of theirs) plain.hset(recordKey(id), 'state', 'queued', 'fixedIndexes', 'tag:b', 'stateIndexes', 'class:queued|other||');
    for (const id of mine) plain.hset(recordKey(id), 'state', 'queued', 'stateIndexes', ownClass);
    await plain.exec();
    await fixture.change('add', 'tag:b', theirs);
    await fixture.change('add', ownClass, mine);
    const { mails, next } = await list.page({ tag: 'b' }, { limit: 10, owner: 'signup-service' });
    expect(mails).toEqual([]);
    expect(next).toMatch(/-7000-9/);
  });

  it.each(['x', '', 'mail', '1.2', "k5.0193'; DROP", `zzzzzzzzzzz.${'0'.repeat(36)}`])('refuses the cursor %j', async (cursor) => {
    await expect(list.page({}, { limit: 5, cursor })).rejects.toBeInstanceOf(CursorError);
  });

  it('lists a mail whose record cannot be decrypted, and says why', async () => {
    const record = await failed('550 5.1.1');
    await fixture.redis.hset(recordKey(record.id), 'envelope', 'altered');
    const { mails } = await list.page({}, { limit: 5 });
    expect(mails).toMatchObject([
      { id: record.id, state: 'failed', reason: '550 5.1.1', recipients: [], error: expect.stringContaining('envelope') },
    ]);
    expect(await list.find(record.id)).toEqual(mails[0]);
    expect(await list.find(newMailId())).toBeUndefined();
  });
});

describe('send now', () => {
  it('makes a scheduled or retrying mail due, and no other', async () => {
    const scheduled = await fixture.acceptedMail({ scheduledAt: Date.now() + 3_600_000 });
    const waiting = await fixture.sendingMail();
    await fixture.recordAttempt(waiting, 'pending');
    for (const { id } of [scheduled, waiting]) {
      expect(await fixture.records.sendNow(id)).toEqual({ changed: true, state: 'queued' });
      expect(Number(await fixture.redis.zscore(unfinishedKey, id))).toBeLessThan(Date.now() + 30_000);
      fixture.endRun(id);
      expect(await fixture.leased(id).begin()).toMatchObject({ kind: 'ready' });
      expect(await fixture.records.sendNow(id)).toEqual({ changed: false, state: 'sending' });
    }
    expect((await fixture.read(scheduled)).dueAt).toBeLessThan(Date.now() + 30_000);
  });
});

describe('the indexes', () => {
  it('keep nothing of a mail that is purged', async () => {
    const record = await failed('550 5.1.1');
    expect(await fixture.purgeAt(record.id, Date.now())).toBeNull();
    const later = Date.now() + retention.failed + 60_000;
    expect(await fixture.purgeAt(record.id, later)).toBe('failed');
    const keys = await fixture.redis.keys('*');
    expect(keys.filter((key) => !key.includes(':traffic:') && key !== secretsKey)).toEqual([]);
  });

  it('keep nothing of a mail whose record Redis has expired', async () => {
    const record = await failed('550 5.1.1');
    await fixture.redis.del(recordKey(record.id));
    const later = Date.now() + retention.failed + 60_000;
    expect(await fixture.purgeAt(record.id, later)).toBe('missing');
    expect(await fixture.redis.exists(endedKey, sizesKey)).toBe(0);
  });

  it('are rebuilt from the records, without entries that have no record', async () => {
    const sent = await fixture.sendingMail(to('anne@one.example'));
    await fixture.recordAttempt(sent, 'accepted');
    const broken = await failed('550 5.1.1');
    const queued = await fixture.acceptedMail();
    const unreadable = await fixture.acceptedMail();
    await fixture.redis.hset(recordKey(unreadable.id), 'envelope', 'altered');
    const before = await groups.top(5);
    await fixture.redis.del(unfinishedKey, endedKey, groupsKey, ...(await fixture.redis.keys('{posthouse}:index*')));
    await fixture.change('add', 'class:queued|gone||', [newMailId()]);
    await fixture.change('add', 'class:failed|signup-service|signup|ses', [sent.id]);
    await fixture.redis.zadd(unfinishedKey, 5, sent.id);

    const steps: number[] = [];
    expect(await rebuildIndexes(fixture.connection, (mails) => steps.push(mails))).toEqual({ mails: 4, unreadable: 1, removed: 2 });
    expect(steps.at(-1)).toBe(4);
    expect(await found({})).toEqual(ids(sent, broken, queued, unreadable));
    expect(await found({ state: ['failed'] })).toEqual(ids(broken));
    expect(await found({ recipient: 'anne@one.example' })).toEqual(ids(sent));
    expect(await found({ recipient: 'planted-address.example' })).toEqual(ids(broken, queued, unreadable));
    expect(await groups.top(5)).toMatchObject([{ groups: [{ group: before[0]?.groups[0]?.group }], mails: 1 }]);
    expect(await fixture.isUnfinished(queued)).toBe(true);
    expect(await fixture.isUnfinished(sent)).toBe(false);
    expect(await fixture.msUntilPurge(sent)).toBeGreaterThan(retention.sent - 60_000);
    expect(await fixture.msUntilPurge(broken)).toBeGreaterThan(retention.failed - 60_000);
  });
});
