import { waits } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MailQueue } from '../src/mail-queue.ts';
import { newRecord } from '../src/new-record.ts';
import { sampleMail, sealer } from './sample-mail.ts';

const server = new RedisProcess();
let queue: MailQueue;

beforeAll(async () => {
  await server.start();
  queue = new MailQueue(server.url, sealer, { ...waits, queue: { ...waits.queue, claim: 60 } }, () => undefined);
  await queue.start();
  while (!(await queue.isReady())) await new Promise((resolve) => setImmediate(resolve));
});
afterAll(async () => {
  await queue.stop();
  await server.stop();
});

const claim = (key: string, body = 'body', ids = ['1', '2'], apiKey = 'app') => queue.claim(apiKey, key, body, ids);

it('a key is claimed once, answered from then on, and of another caller another key', async () => {
  expect(await claim('k')).toEqual({ fate: 'claimed', ids: ['1', '2'] });
  await queue.accept([newRecord('mail-1', sampleMail(), Date.now())], { apiKey: 'app', idempotencyKey: 'k', answer: '{"id":"1"}' });
  expect(await claim('k', 'body', ['3'])).toEqual({ fate: 'replay', answer: '{"id":"1"}' });
  expect(await claim('k', 'other body')).toEqual({ fate: 'mismatch' });
  expect(await claim('k', 'body', ['3'], 'other app')).toEqual({ fate: 'claimed', ids: ['3'] });
});

it('a claim whose acceptance broke off is taken over with the same ids, when it can no longer be in progress', async () => {
  await claim('broken');
  expect(await claim('broken', 'body', ['9'])).toEqual({ fate: 'busy' });
  await expect.poll(() => claim('broken', 'body', ['9'])).toEqual({ fate: 'claimed', ids: ['1', '2'] });
});

it('is kept for a day, and holds nothing of the key or the body', async () => {
  await claim('planted-key', 'hash');
  const keys = (await server.cli('KEYS', '{posthouse}:idempotency:*')).split('\n');
  for (const key of keys) expect(Number(await server.cli('PTTL', key))).toBeGreaterThan(waits.retention.idempotency - 60_000);
  expect(keys.join()).not.toContain('planted');
});
