/** Faults while mails are accepted: the API killed, requests repeated, large mails. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type Mail, Posthouse } from '@posthouse/client';
import { freePort } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, secrets, signUp, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

const megabyte = 1024 * 1024;

it('a batch of 1,000 with the API killed midway, repeated with the same key, is 1,000 mails', async () => {
  const text = 'All of it arrives, and once. '.repeat(300);
  const mails = Array.from({ length: 1000 }, (_, n) => ({ to: `reader-${n}@example.net`, content: { subject: `No. ${n}`, text } }));
  const key = randomUUID();
  let isCommitted = false;
  let parts = 0;
  // After the commit 200 mails at a time get their jobs. The first of these commands has the whole script, and may come in two parts.
  const killed = await fixture.startApiKilledAt((piece) => {
    if (isCommitted && piece.length > 10_000) parts++;
    isCommitted ||= isCommit(piece);
    return parts === 4;
  });
  const unanswered = fixture.run('/v1/mails/batch', { mails }, { 'idempotency-key': key }).catch((error: Error) => error);
  await killed();
  expect(await unanswered).toBeInstanceOf(Error);
  expect(await accepted()).toBeGreaterThan(0);
  expect(await accepted()).toBeLessThan(1000);

  await fixture.startApi();
  await fixture.post(mails, key);
  expect(await accepted()).toBe(1000);
  expect(new Set(fixture.acknowledged).size).toBe(1000);
  await fixture.startWorker();
  expect(await census(fixture, 'batch of 1,000, API killed midway', 120_000)).toMatchObject({ mails: 1000, sent: 1000, doubled: 0 });
  expect(fixture.smtp.arrivals.size).toBe(1000);
});

it('1,000 requests at a time with the API killed midway, repeated with the same keys, are 1,000 mails', {
  timeout: 400_000,
}, async () => {
  const numbers = Array.from({ length: 1000 }, (_, n) => n);
  const ids = new Map<number, string>();
  const request = async (n: number) => {
    const { status, body } = await fixture.run('/v1/mails', signUp(n), { 'idempotency-key': `signup:${n}` });
    const { id } = body as { id: string };
    // A request that was answered before has the same answer.
    if (status === 202) expect(id).toBe(ids.get(n) ?? id);
    if (status === 202) ids.set(n, id);
  };
  // A busy API may be late with a mail and says so, and the claim of a killed one without an answer is busy for a while.
  const repeat = async (some: number[]) => {
    await Promise.all(some.filter((n) => !ids.has(n)).map(request));
    return some.filter((n) => !ids.has(n)).length;
  };
  const proxy = await fixture.startApiBehindProxy();
  const first = numbers.slice(0, 10);
  await expect.poll(() => repeat(first)).toBe(0);
  // From here on Redis accepts what it gets, and the API gets no reply. At most 256 mails are in progress.
  proxy.stallAt({ when: (piece) => piece.includes('envelope'), side: 'reply' });
  let isKilled = false;
  const flood = async () => {
    for (let some = numbers.slice(10); !isKilled; some = some.slice(0, 100)) await Promise.all(some.map((n) => request(n).catch(() => 0)));
  };
  const requests = flood();
  await expect.poll(accepted, { timeout: 120_000 }).toBeGreaterThan(10);
  isKilled = true;
  fixture.api.kill('SIGKILL');
  await requests;
  expect(new Set(ids.keys())).toEqual(new Set(first));
  expect(await accepted()).toBeLessThan(1000);

  await fixture.startApi();
  fixture.begunAt = Date.now();
  await Promise.all(first.map(request));
  await expect.poll(() => repeat(numbers), { timeout: 120_000 }).toBe(0);
  expect(new Set(ids.values()).size).toBe(1000);
  expect(await accepted()).toBe(1000);
  expect(await fixture.redis.cli('ZCARD', '{posthouse}:mail:prioritized')).toBe('1000');
  if (!atFullSize) return;
  fixture.acknowledged.push(...ids.values());
  await fixture.startWorker();
  expect(await census(fixture, '1,000 requests at a time, API killed midway', 120_000)).toMatchObject({
    mails: 1000,
    sent: 1000,
    doubled: 0,
  });
});

it('a client whose API is killed again and again sends each mail once', { timeout: 180_000 }, async () => {
  const { count, kills } = atFullSize ? { count: 1000, kills: 10 } : { count: 60, kills: 2 };
  const port = await freePort();
  const env = { API_PORT: String(port) };
  await fixture.startApi(env);
  // On a machine that runs other things besides, an API may need longer than the client's 8 seconds to start.
  const patience = { timeoutMs: 150_000, ...(!atFullSize && { tryTimeoutMs: 60_000 }) };
  const { mails } = new Posthouse({ url: `http://127.0.0.1:${port}`, key: secrets.apiKey, ...patience });
  fixture.begunAt = Date.now();
  let restarts = Promise.resolve();
  const restart = async () => {
    fixture.api.kill('SIGKILL');
    await fixture.api.exit;
    await fixture.startApi(env);
  };
  const ids: string[] = [];
  const numbers = Array.from({ length: count }).keys();
  const sendSome = async () => {
    for (const n of numbers) {
      ids.push((await mails.send(signUp(n) as Mail)).id);
      // In the midst of the others.
      if (ids.length % Math.floor(count / (kills + 1)) === 0 && ids.length < count) restarts = restarts.then(restart);
    }
  };
  await Promise.all(Array.from({ length: 16 }, sendSome));
  await restarts;
  expect(new Set(ids).size).toBe(count);
  expect(await accepted()).toBe(count);
  if (!atFullSize) return;
  fixture.acknowledged.push(...ids);
  await fixture.startWorker();
  const row = await census(fixture, '1,000 sends of a client, API killed ten times', 120_000);
  expect(row).toMatchObject({ mails: count, sent: count, doubled: 0 });
});

it('sent mails that are retried three times send nothing', async () => {
  await fixture.startWorker();
  const ids = await fixture.post(signUps(50));
  for (const id of ids) await fixture.reaches(id, 'sent');
  for (let round = 0; round < 3; round++) {
    for (const id of ids)
      expect(await fixture.run(`/v1/mails/${id}/retry`, undefined)).toMatchObject({ status: 409, body: { code: 'already-sent' } });
  }
  expect(await fixture.redis.cli('ZCARD', '{posthouse}:unfinished')).toBe('0');
  expect(await census(fixture, 'sent mails retried, three times each')).toMatchObject({ sent: 50, doubled: 0 });
});

it('attachments of 20 MB need bounded memory, and a mail over the limit is refused', async () => {
  const concurrency = 2;
  const worker = await fixture.startProcess({ WORKER_CONCURRENCY: String(concurrency) }, { ...scaled, smtp: {}, queue: {} });
  const before = rss(worker.pid);
  const mail = (bytes: number) =>
    signUp(1, { attachments: [{ filename: 'film.bin', content: Buffer.alloc(bytes, 'posthouse').toString('base64') }] });
  expect(await fixture.run('/v1/mails', mail(26 * megabyte))).toMatchObject({ status: 413 });

  const max = { rss: before };
  const watch = setInterval(() => {
    max.rss = Math.max(max.rss, rss(worker.pid));
  }, 50);
  const large = mail(20 * megabyte);
  for (let sent = 0; sent < (atFullSize ? 12 : 4); sent++) await fixture.post([large]);
  const { sent, doubled, mails } = await census(fixture, 'attachments of 20 MB', 120_000);
  clearInterval(watch);
  expect({ sent, doubled }).toEqual({ sent: mails, doubled: 0 });
  const grown = (max.rss - before) / megabyte;
  expect(grown, 'MB more than at rest').toBeLessThan(concurrency * 300);
});

/** A new connection sends the whole script. */
function isCommit(piece: Buffer): boolean {
  return piece.includes("redis.call('HSET', batch, 'state', 'committed')");
}

/** Mails that were accepted and have not ended. */
async function accepted(): Promise<number> {
  return Number(await fixture.redis.cli('ZCARD', '{posthouse}:unfinished'));
}

/** Resident memory of a process, in bytes. */
function rss(pid: number | undefined): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}
