/** What a mail takes in Redis: its record and its job stay in the compact encoding, and a mail takes few commands. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { fromParts, inParts, maxParts, partBytes } from '../../src/record/field-parts.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { recordKey } from '../../src/redis/keys.ts';
import { attemptResult, RecordsFixture, replyWithinMs } from '../records-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const fixture = new RecordsFixture();
let queue: MailQueue;

beforeAll(async () => {
  await fixture.start();
  queue = new MailQueue(await fixture.requestConnection());
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.redis.flushdb());

const jobKey = (id: string) => `{posthouse}:mail:${id}`;
const encoding = (key: string) => fixture.redis.object('ENCODING', key);
const bytes = async (key: string) => Number(await fixture.redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0'));

it('a waiting mail and its job are compact', async () => {
  const record = newRecord(newMailId(), sampleMail(), Date.now());
  await queue.accept([record]);
  expect(await Promise.all([recordKey(record.id), jobKey(record.id)].map(encoding))).toEqual(['listpack', 'listpack']);
  expect(await bytes(recordKey(record.id))).toBeLessThan(800);
  expect(await bytes(jobKey(record.id))).toBeLessThan(400);
  expect(await queue.read(record.id, true)).toEqual({ ...record, contentState: 'complete' });
});

it('a sent mail is compact, also one whose content was large', async () => {
  for (const text of ['short', 'long '.repeat(5000)]) {
    const { id } = await fixture.mailPastGate({ content: { literal: { subject: 'x', text }, attachments: [], headers: {} } });
    expect(await encoding(recordKey(id))).toBe(text === 'short' ? 'listpack' : 'hashtable');
    const transcript = [{ atMs: 1, command: '.', reply: '250 2.0.0 Ok: queued as '.padEnd(300, '4YkQx13nhgz9wQd') }];
    const { attempt, ...result } = attemptResult('accepted');
    const { reply } = transcript[0] as { reply: string };
    const [outcome, receipt] = [
      {
        address: 'anne@planted-address.example',
        verdict: 'ACCEPT' as const,
        reason: '250 2.0.0' as const,
        code: 250,
        enhancedCode: '2.0.0',
        reply,
      },
      { at: 3, provider: 'ses', response: reply, accepted: ['anne@planted-address.example'] },
    ];
    await fixture.leased(id).recordAttempt({ ...result, receipt, attempt: { ...attempt, steps: transcript, outcomes: [outcome] } });
    expect(await encoding(recordKey(id))).toBe('listpack');
    expect(await fixture.records.read(id, true)).toMatchObject({
      state: 'sent',
      contentState: 'deleted',
      attempts: [{ steps: transcript, outcomes: [outcome] }],
      receipt,
    });
    // The reply, which is in three of them, is stored once.
    expect(await bytes(recordKey(id))).toBeLessThan(1700);
    expect((await fixture.redis.hkeys(recordKey(id))).filter((name) => name.startsWith('content'))).toEqual([]);
    expect(await fixture.redis.pttl(recordKey(id))).toBeGreaterThan(0);
  }
});

it('a mail takes few commands', async () => {
  const commands = async () => {
    const info = await fixture.redis.info('commandstats');
    return [...info.matchAll(/cmdstat_(?!info|hello|client)[^:]+:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  };
  await fixture.recordAttempt(await fixture.mailPastGate(), 'accepted');
  const before = await commands();
  const record = await fixture.mailPastGate();
  expect(await fixture.leased(record.id).gate(replyWithinMs)).toEqual({ kind: 'open' });
  await fixture.recordAttempt(record, 'accepted');
  expect((await commands()) - before).toBeLessThan(72);
});

it('a value of any length is read from its parts', () => {
  for (let length = 0; length < (maxParts + 2) * partBytes; length++) {
    const value = Buffer.alloc(length, 'abcdefg');
    const list = inParts('envelope', value);
    const fields = new Map<string, Buffer>();
    for (let n = 0; n < list.length; n += 2) fields.set(String(list[n]), list[n + 1] as Buffer);
    // What an edit leaves behind changes nothing.
    if (length % partBytes !== 0) fields.set(`envelope.${fields.size}`, Buffer.from('left'));
    expect(fromParts('envelope', fields)?.equals(value)).toBe(true);
  }
});
