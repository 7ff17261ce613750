/** A record that was edited, or is none any more: it is one bad row, and stops nothing else. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSummaries } from '../../src/record/mail-summary.ts';
import { RecordError } from '../../src/record/record-error.ts';
import { recordKey } from '../../src/redis/keys.ts';
import { MailList } from '../../src/search/mail-list.ts';
import { attemptResult, RecordsFixture } from '../records-fixture.ts';

const fixture = new RecordsFixture();
let list: MailList;

beforeAll(async () => {
  await fixture.start();
  list = new MailList(await fixture.requestConnection());
});
afterAll(() => fixture.stop());

it.each([
  ['recipients', 'null'],
  ['recipients', '[7]'],
  ['recipients', '[null]'],
  ['recipients', '[{"kind":"to","state":"maybe"}]'],
  ['tags', '5'],
  ['createdAt', '1e20'],
  ['dueAt', 'Infinity'],
  ['attemptCount', '-1'],
  ['priority', 'urgent'],
  ['state', 'lost'],
])('%s edited to %j', async (field, value) => {
  const good = await fixture.acceptedMail();
  const { id } = await fixture.acceptedMail();
  await fixture.redis.hset(recordKey(id), field, value);
  const { mails } = await list.page({}, { limit: 50 });
  expect(mails.find((mail) => mail.id === id)).toMatchObject({
    id,
    recipients: [],
    error: expect.stringMatching(/the record's|of the record/),
  });
  expect(mails.find((mail) => mail.id === good.id)).not.toHaveProperty('error');
  await expect(fixture.records.read(id, false)).rejects.toThrow(RecordError);
});

it('any field edited to anything', async () => {
  const { id } = await fixture.sendingMail();
  await fixture.leased(id).recordAttempt(attemptResult('accepted'));
  const values = ['', 'x', '-1', '1e999', '{}', '[null]'];
  for (const [field, before] of Object.entries(await fixture.redis.hgetallBuffer(recordKey(id)))) {
    if (/\.\d+$/.test(field)) continue;
    for (const value of values) {
      await fixture.redis.hset(recordKey(id), field, value);
      const rows = await readSummaries(fixture.redis, fixture.records.fields, [id]);
      expect(rows.length, `${field}: ${value}`).toBe(field === 'state' && value === '' ? 0 : 1);
      const error = await fixture.records.read(id, false).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      if (error !== undefined) expect(error, `${field}: ${value}`).toBeInstanceOf(RecordError);
    }
    await fixture.redis.hset(recordKey(id), field, before);
  }
});

it('actions that nobody has run are left out', async () => {
  const { id } = await fixture.acceptedMail();
  const action = { at: 5, who: 'anne', action: 'retry' };
  await fixture.redis.hset(recordKey(id), 'actions', JSON.stringify([[[1]], null, { at: 'x' }, action]));
  expect((await fixture.records.read(id, false))?.actions).toEqual([action]);
});

it('the key of a record holds a list', async () => {
  const { id } = await fixture.acceptedMail();
  await fixture.redis.del(recordKey(id));
  await fixture.redis.rpush(recordKey(id), 'x');
  expect((await list.page({}, { limit: 50 })).mails.find((mail) => mail.id === id)?.error).toMatch(/something else/);
  expect((await list.page({ state: ['queued'], template: 'signup' }, { limit: 50 })).mails.length).toBeGreaterThan(0);
  await expect(fixture.records.read(id, false)).rejects.toThrow(RecordError);
  expect(await fixture.records.timing(id)).toBeUndefined();
});

it('an attempt that was moved to another number does not open, and one that another run has counted is sealed again', async () => {
  const { id } = await fixture.sendingMail();
  const leased = fixture.leased(id);
  await leased.recordAttempt(attemptResult('accepted'));
  await fixture.leasedByNewRun(id).recordAttempt(attemptResult('accepted'));
  expect((await fixture.records.read(id, false))?.attempts.map(({ number }) => number)).toEqual([1, 2]);
  const first = await fixture.redis.hgetBuffer(recordKey(id), 'attempt:1');
  await fixture.redis.hset(recordKey(id), 'attempt:2', first as Buffer);
  await expect(fixture.records.read(id, false)).rejects.toThrow(/attempt:2 cannot be decrypted/);
});
