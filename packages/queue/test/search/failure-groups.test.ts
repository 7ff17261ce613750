/** Failure groups and causes, and the mails of bulk actions, on a real Redis. */
import { limits, type MailFilter, type MailRecord, type Reason } from '@posthouse/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NewMail } from '../../src/record/new-record.ts';
import { groupPrefix } from '../../src/redis/keys.ts';
import { FailureGroups } from '../../src/search/failure-groups.ts';
import { MailList } from '../../src/search/mail-list.ts';
import { attemptResult, RecordsFixture, threeRecipients } from '../records-fixture.ts';
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

function to(address: string): Partial<NewMail> {
  return { envelope: { ...sampleMail().envelope, to: [{ address }] } };
}

async function found(filter: MailFilter): Promise<string[]> {
  const { mails } = await list.page(filter, { limit: 50 });
  expect(await list.count(filter)).toEqual({ mails: mails.length, exact: true });
  return mails.map(({ id }) => id).sort();
}

function ids(...records: MailRecord[]): string[] {
  return records.map(({ id }) => id).sort();
}

async function failed(reason: Reason): Promise<MailRecord> {
  const record = await fixture.sendingMail();
  const { attempt, ...rest } = attemptResult('rejected');
  await fixture.leased(record.id).recordAttempt({ ...rest, attempt: { ...attempt, verdict: 'FAIL', reason } });
  return record;
}

describe('failure groups', () => {
  it('contain the mails that failed in the same way, largest first, and disappear with their last mail', async () => {
    const first = await failed('550 5.1.1');
    const [{ groups: [{ group = '' } = {}] = [] } = {}] = await groups.top(1);
    await fixture.redis.hset(groupPrefix + group, 'firstAt', 5);
    const second = await failed('550 5.1.1');
    const other = await failed('554 5.7.1');
    const [large, small, ...more] = await groups.top(10);
    expect(more).toEqual([]);
    expect(large).toMatchObject({
      reason: '550 5.1.1',
      mails: 2,
      lastHour: 2,
      firstAt: 5,
      groups: [{ group, state: 'failed', verdict: 'FAIL', template: 'signup', provider: 'ses', mails: 2 }],
    });
    expect(small).toMatchObject({ reason: '554 5.7.1', mails: 1 });
    expect(await found({ group: [group] })).toEqual(ids(first, second));
    expect(await found({ group: [group, small?.groups[0]?.group as string] })).toEqual(ids(first, second, other));
    expect(await groups.find(['no such group', group])).toMatchObject([{ group, mails: 2 }]);

    await fixture.records.retry(other.id);
    expect((await groups.top(10)).map(({ reason }) => reason)).toEqual(['550 5.1.1']);
    for (const { id } of [first, second]) await fixture.records.retry(id);
    expect(await groups.top(10)).toEqual([]);
    expect(await fixture.redis.keys('{posthouse}:failure:*')).toEqual([]);
  });

  it.each([
    ['state', 'x'],
    ['firstAt', 'x'],
    ['lastAt', '1e20'],
  ])('are left out where %s was edited to %s; the others are listed', async (field, value) => {
    await failed('550 5.1.1');
    const [{ groups: [{ group = '' } = {}] = [] } = {}] = await groups.top(1);
    await failed('554 5.7.1');
    await fixture.redis.hset(groupPrefix + group, field, value);
    expect((await groups.top(10)).map(({ reason }) => reason)).toEqual(['554 5.7.1']);
  });

  it('keep a mail while it is being sent again, and not after it was sent', async () => {
    const record = await fixture.sendingMail();
    const { attempt, ...rest } = attemptResult('pending');
    await fixture.leased(record.id).recordAttempt({ ...rest, attempt: { ...attempt, verdict: 'RETRY', reason: '451 4.3.0' }, waitMs: 0 });
    const [
      {
        groups: [group],
      } = { groups: [] },
    ] = await groups.top(1);
    expect(group).toMatchObject({ state: 'retrying', reason: '451 4.3.0', mails: 1 });
    fixture.endRun(record.id);
    await fixture.leased(record.id).begin();
    expect(await groups.top(1)).toMatchObject([{ groups: [{ group: group?.group }], mails: 1 }]);
    expect(await found({ state: ['sending'], group: [group?.group as string] })).toEqual([record.id]);
    await fixture.recordAttempt(record, 'accepted');
    expect(await groups.top(1)).toEqual([]);
    expect(await found({ state: ['sent'], provider: 'ses' })).toEqual([record.id]);
  });
});

describe('a cause', () => {
  const refuse = async (reply: string, template = 'signup', address = 'anne@example.com') => {
    const content = { template: { name: template, locale: 'en', data: {} }, attachments: [], headers: {} };
    const record = await fixture.sendingMail({ content, ...to(address) });
    const { attempt, ...rest } = attemptResult('rejected');
    const outcomes = [{ address, verdict: 'FAIL', reason: '550 5.7.1', step: 'DOT', code: 550, reply } as const];
    await fixture.leased(record.id).recordAttempt({ ...rest, attempt: { ...attempt, verdict: 'FAIL', reason: '550 5.7.1', outcomes } });
    return record;
  };

  it('is a reason and the words of the server, whatever the template, the recipient and the numbers in it', async () => {
    const spam = await refuse('550 5.7.1 <anne@example.com>: Message 4fz81 looks like spam');
    const receipt = await refuse('550 5.7.1 <bo@example.net>: Message 77ab2 looks like spam', 'receipt', 'bo@example.net');
    await refuse('550 5.7.1 Relaying denied');
    const { causes, templates, providers } = await groups.overview({}, 'mails');
    expect(causes).toMatchObject([
      { reason: '550 5.7.1', mails: 2, lastHour: 2 },
      { reason: '550 5.7.1', mails: 1 },
    ]);
    expect([templates, providers]).toEqual([['receipt', 'signup'], ['ses']]);
    expect(await Promise.all(causes.map((cause) => groups.reply(cause)))).toEqual([
      { words: '… Message … looks like spam', step: 'DOT' },
      { words: 'Relaying denied', step: 'DOT' },
    ]);
    expect(await found({ group: causes[0]?.groups.map(({ group }) => group) ?? [] })).toEqual(ids(spam, receipt));
    expect((await groups.overview({ template: 'receipt' }, 'mails')).causes).toMatchObject([
      { mails: 1, groups: [{ template: 'receipt' }] },
    ]);
    expect((await groups.overview({ state: 'retrying' }, 'mails')).causes).toEqual([]);
    expect((await groups.overview({ since: Date.now() + 1000 }, 'mails')).causes).toEqual([]);
  });

  it('quotes the reply that deferred a mail', async () => {
    const steps = [{ command: '.', reply: '554 5.2.0 SubmissionQuotaExceededException', atMs: 1 }];
    const { id } = await fixture.sendingMail();
    await fixture.leased(id).recordDeferral({ at: 1, durationMs: 1, provider: 'ses', reason: '554 5.2.0', step: 'DOT', steps }, 60_000);
    const [cause] = await groups.top(1);
    expect(await groups.reply(cause ?? { groups: [] })).toEqual({ words: 'SubmissionQuotaExceededException', step: 'DOT' });
  });

  it('counts what happened within the last hour apart from what was before', async () => {
    await refuse('550 5.7.1 Relaying denied');
    const [{ groups: [{ group = '' } = {}] = [] } = {}] = await groups.top(1);
    const [field = ''] = (await fixture.redis.hkeys(groupPrefix + group)).filter((name) => name.startsWith('recent:'));
    const [slot, mails] = (await fixture.redis.hget(groupPrefix + group, field))?.split(':') ?? [];
    expect(mails).toBe('1');
    await fixture.redis.hset(groupPrefix + group, field, `${Number(slot) - 12}:1`);
    vi.useFakeTimers({ toFake: ['Date'], now: (Number(slot) + 1) * limits.recentFailures.slotMs - 1 });
    expect(await groups.top(1)).toMatchObject([{ mails: 1, lastHour: 1 }]);
    vi.useRealTimers();
    await fixture.redis.hset(groupPrefix + group, field, `${Number(slot) - 13}:1`);
    expect(await groups.top(1)).toMatchObject([{ mails: 1, lastHour: 0 }]);
    await refuse('550 5.7.1 Relaying denied');
    expect(await groups.top(1)).toMatchObject([{ mails: 2, lastHour: 1 }]);
  });

  it('of the rejected recipients of a partly sent mail is counted until they have the mail', async () => {
    const record = await fixture.sendingMail({ envelope: threeRecipients });
    const result = attemptResult('accepted', 'rejected', 'accepted');
    const recipients = result.recipients.map((recipient, n) => (n === 1 ? { ...recipient, reason: '550 5.1.1' as const } : recipient));
    await fixture.leased(record.id).recordAttempt({ ...result, recipients });
    expect(await groups.top(1)).toMatchObject([{ reason: '550 5.1.1', mails: 1, groups: [{ state: 'sent', verdict: 'FAIL' }] }]);
  });
});

describe('a bulk action', () => {
  it('knows in which states the mails are that it changed last', async () => {
    const [first, second] = [await failed('550 5.1.1'), await failed('550 5.1.1')];
    const bulk = '0199c1de-0000-7000-8000-0123456789ab';
    for (const { id } of [first, second]) await fixture.records.retry(id, { by: { who: 'anne', bulk } });
    fixture.endRun(first.id);
    await fixture.leased(first.id).begin();
    await fixture.recordAttempt(first, 'accepted');
    expect(await found({ bulk })).toEqual(ids(first, second));
    expect(await found({ bulk, state: ['sent'] })).toEqual(ids(first));
    expect(await found({ bulk, state: ['queued'], template: 'signup' })).toEqual(ids(second));
    const later = '0199c1de-0000-7000-8000-abcdef012345';
    await fixture.records.cancel(second.id, { by: { who: 'bo', bulk: later } });
    expect(await found({ bulk })).toEqual(ids(first));
    expect(await found({ bulk: later })).toEqual(ids(second));
  });
});
