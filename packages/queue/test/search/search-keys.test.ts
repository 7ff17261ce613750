/** Mails found by the local parts of their recipients, by their metadata and by their Idempotency-Key, on a real Redis. */
import { limits, type MailFilter } from '@posthouse/contract';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import type { RequestConnection } from '../../src/connection/request-connection.ts';
import { type NewMail, newMailId, newRecord } from '../../src/record/new-record.ts';
import { rebuildIndexes } from '../../src/search/index-rebuild.ts';
import { MailList } from '../../src/search/mail-list.ts';
import { RecordsFixture } from '../records-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const fixture = new RecordsFixture();
let list: MailList;
let withKeys: RequestConnection;
let without: RequestConnection;

beforeAll(async () => {
  await fixture.start();
  [withKeys, without] = await Promise.all([fixture.requestConnection(true), fixture.requestConnection()]);
  list = new MailList(without);
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.redis.flushdb());

async function accept(connection: RequestConnection, change: Partial<NewMail> = {}): Promise<string> {
  const record = newRecord(newMailId(), sampleMail(change), Date.now());
  await new MailQueue(connection).accept([record]);
  return record.id;
}

async function found(filter: MailFilter): Promise<string[]> {
  const { mails } = await list.page(filter, { limit: 50 });
  return mails.map(({ id }) => id);
}

const metadata = { order: 'A-1029', customer: { id: 42, tags: ['gold', ' '] }, note: 'n'.repeat(limits.searchKeys.valueLength + 1) };

it('a mail that was accepted with search keys is found by local part and by each value of its metadata', async () => {
  const id = await accept(withKeys, { metadata });
  await accept(without, { metadata });
  const filters: MailFilter[] = [{ recipient: 'anne@' }, { metadata: 'A-1029' }, { metadata: '42' }, { metadata: 'gold' }];
  for (const filter of filters) expect([filter, await found(filter)]).toEqual([filter, [id]]);
  expect(await found({ recipient: 'anne@', metadata: 'gold', state: ['queued'] })).toEqual([id]);
  for (const filter of [
    { recipient: 'ann@' },
    { recipient: 'a-1029@' },
    { metadata: 'A-102' },
    { metadata: 'anne' },
    { metadata: metadata.note },
  ])
    expect(await found(filter)).toEqual([]);

  // Rebuilding the indexes gives neither mail more or less than it had.
  expect(await rebuildIndexes(fixture.connection, () => undefined)).toEqual({ mails: 2, unreadable: 0, removed: 0 });
  for (const filter of filters) expect([filter, await found(filter)]).toEqual([filter, [id]]);
});

it('no search key is in clear, and that a value is also a local part is not visible', async () => {
  await accept(withKeys, { metadata: { order: 'anne' } });
  const dump =
    (await fixture.redis.keys('*')).join('\n') +
    JSON.stringify(await fixture.redis.hgetall((await fixture.redis.keys('*:record:*'))[0] ?? ''));
  expect(dump).not.toMatch(/anne|A-1029/);
  const names = [...dump.matchAll(/(?:local|meta):([\w-]{11})/g)].map(([, digest]) => digest);
  expect(new Set(names).size).toBe(2);
});

it('the mails of an Idempotency-Key are found by it and the name of its API key', async () => {
  const queue = new MailQueue(without);
  const key = { apiKey: 'shop', key: 'order-7', request: '{}' };
  const record = newRecord(newMailId(), sampleMail(), Date.now());
  await queue.acceptOnce(record, key, '{}');
  expect(await list.acceptedWith('order-7', ['till', 'shop'])).toEqual([record.id]);
  expect(await list.acceptedWith('order-7', ['till'])).toEqual([]);
});
