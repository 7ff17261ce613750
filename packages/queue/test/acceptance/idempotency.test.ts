import { retention, timings } from '@posthouse/contract';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const server = new RedisProcess();
const patient = patientDurations();
const queueTimings = patient.timings.queue;
let connection: RequestConnection;
let queue: MailQueue;

beforeAll(async () => {
  await server.start();
  connection = new RequestConnection(server.url, sealer, patient, () => undefined);
  queue = new MailQueue(connection);
  await connection.start();
  while (!(await queue.isReady())) await new Promise((resolve) => setImmediate(resolve));
});
afterAll(async () => {
  await connection.stop();
  await server.stop();
});

const key = (name: string, request = 'body', apiKey = 'app') => ({ apiKey, key: name, request });

it('a key is claimed once and then answered; the same key of another caller is separate', async () => {
  expect(await queue.findClaim(key('k'))).toBeUndefined();
  expect(await queue.claim(key('k'), ['1', '2'])).toEqual({ status: 'claimed', ids: ['1', '2'], isRepeat: false });
  expect(await queue.findClaim(key('k'))).toEqual({ status: 'busy' });
  await queue.accept([newRecord('mail-1', sampleMail(), Date.now())]);
  await queue.completeClaim(key('k'), '{"id":"1"}');
  expect(await queue.findClaim(key('k'))).toEqual({ status: 'replay', answer: '{"id":"1"}' });
  expect(await queue.claim(key('k'), ['3'])).toEqual({ status: 'replay', answer: '{"id":"1"}' });
  expect(await queue.findClaim(key('k', 'other body'))).toEqual({ status: 'mismatch' });
  expect(await queue.claim(key('k', 'body', 'other app'), ['3'])).toEqual({ status: 'claimed', ids: ['3'], isRepeat: false });
});

it('the claim of an interrupted acceptance is taken over with the same ids: at once when it was released, else after the time limit', async () => {
  await queue.claim(key('broken'), ['1', '2']);
  expect(await queue.claim(key('broken'), ['9'])).toEqual({ status: 'busy' });
  queueTimings.claim = 1;
  await expect.poll(() => queue.claim(key('broken'), ['9'])).toEqual({ status: 'claimed', ids: ['1', '2'], isRepeat: true });
  queueTimings.claim = timings.queue.claim;
  expect(await queue.claim(key('broken'), ['9'])).toEqual({ status: 'busy' });
  await queue.releaseClaim(key('broken'), ['9']);
  expect(await queue.findClaim(key('broken'))).toEqual({ status: 'busy' });
  await queue.releaseClaim(key('broken'), ['1', '2']);
  expect(await queue.findClaim(key('broken'))).toEqual({ status: 'claimed', ids: ['1', '2'], isRepeat: true });
  expect(await queue.claim(key('broken'), ['9'])).toEqual({ status: 'claimed', ids: ['1', '2'], isRepeat: true });
});

it('a mail is accepted once for a key: in one step with its claim and its answer', async () => {
  const record = newRecord(newMailId(), sampleMail(), Date.now());
  const other = newRecord(newMailId(), sampleMail(), Date.now());
  expect(await queue.acceptOnce(record, key('once'), '"first"')).toEqual({ status: 'claimed', ids: [record.id], isRepeat: false });
  // The same attempt, whose reply was lost.
  expect(await queue.acceptOnce(record, key('once'), '"first"')).toMatchObject({ status: 'claimed', isRepeat: false });
  expect(await queue.acceptOnce(other, key('once'), '"second"')).toEqual({ status: 'replay', answer: '"first"' });
  expect(await queue.acceptOnce(other, key('once', 'other body'), '"second"')).toEqual({ status: 'mismatch' });
  await queue.releaseClaim(key('once'), [other.id]);
  expect(await queue.findClaim(key('once'))).toEqual({ status: 'replay', answer: '"first"' });
  await queue.releaseClaim(key('once'), [record.id]);
  expect(await queue.acceptOnce(other, key('once'), '"second"')).toEqual({ status: 'claimed', ids: [record.id], isRepeat: true });
  expect(await queue.read(other.id)).toBeUndefined();
  for (const set of ['prioritized', 'delayed']) {
    expect(await server.cli('ZRANGE', `{posthouse}:mail:${set}`, '0', '-1')).not.toContain(other.id);
  }
  expect((await queue.read(record.id))?.state).toBe('queued');
});

it('a claim is kept for a day, and contains neither the key nor the body', async () => {
  await queue.claim(key('planted-key', 'planted-body'), ['1']);
  const keys = (await server.cli('KEYS', '{posthouse}:idempotency:*')).split('\n');
  for (const name of keys) {
    expect(Number(await server.cli('PTTL', name))).toBeGreaterThan(retention.idempotency - 60_000);
    expect(`${name} ${await server.cli('HGETALL', name)}`).not.toContain('planted');
  }
});
