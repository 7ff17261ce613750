import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

const keyed = (key: string, body: object = good, url = '/v1/mails') => api.post(url, body, { 'idempotency-key': key });

describe('Idempotency-Key', () => {
  it('repeats the first response to the same request, marks it as replayed, and accepts nothing twice', async () => {
    const before = await api.jobs();
    const first = await keyed('signup:1');
    const again = await keyed('signup:1');
    expect([first.statusCode, again.statusCode]).toEqual([202, 202]);
    expect(again.json()).toEqual(first.json());
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await api.jobs()).toBe(before + 1);
  });

  it('takes the same fields in another order for the same request', async () => {
    const first = await keyed('signup:order', { ...good, tags: ['a', 'b'] });
    const { data, ...rest } = good;
    const reordered = { tags: ['a', 'b'], data: { email: data.email, nickname: data.nickname }, ...rest };
    expect((await keyed('signup:order', reordered)).json()).toEqual(first.json());
    expect((await keyed('signup:order', { ...reordered, tags: ['b', 'a'] })).statusCode).toBe(422);
  });

  it('rejects the same key with another body or path, and an invalid key', async () => {
    await keyed('signup:2');
    for (const response of [
      await keyed('signup:2', { ...good, locale: 'en' }),
      await keyed('signup:2', { mails: [good] }, '/v1/mails/batch'),
    ]) {
      expect(response.json()).toMatchObject({ status: 422, code: 'idempotency-key-mismatch' });
    }
    for (const key of ['', 'a b', 'x'.repeat(256), 'ü']) {
      const issues = [{ pointer: '/idempotency-key', message: expect.stringContaining('without spaces') }];
      expect((await keyed(key)).json()).toMatchObject({ status: 400, code: 'malformed-request', issues });
    }
  });

  it('leaves no job of a repeated request, whatever its answer', async () => {
    const before = await api.jobs();
    await keyed('signup:7');
    await keyed('signup:7');
    expect((await keyed('signup:7', { ...good, locale: 'en' })).statusCode).toBe(422);
    expect(await api.jobs()).toBe(before + 1);
  });

  it('takes an acceptance over that has ended without an answer, and accepts nothing twice', async () => {
    const before = await api.jobs();
    const first = await keyed('signup:8');
    const names = (await api.redis.cli('KEYS', '{posthouse}:idempotency:*')).split('\n');
    const ids = JSON.stringify([first.json().id]);
    for (const name of names) if ((await api.redis.cli('HGET', name, 'ids')) === ids) await api.redis.cli('HDEL', name, 'answer');
    // As long as the first request may still be in progress.
    expect((await keyed('signup:8')).json()).toMatchObject({ status: 409, code: 'request-in-progress' });
    for (const name of names) if ((await api.redis.cli('HGET', name, 'ids')) === ids) await api.redis.cli('HSET', name, 'at', '0');
    const again = await keyed('signup:8');
    expect(again.json()).toEqual(first.json());
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await api.jobs()).toBe(before + 1);
  });

  it('accepts one of many concurrent requests; the others must wait or get its response', async () => {
    const before = await api.jobs();
    const answers = await Promise.all(Array.from({ length: 20 }, () => keyed('signup:3')));
    const ids = new Set(answers.filter(({ statusCode }) => statusCode === 202).map((answer) => answer.json().id));
    expect(ids.size).toBe(1);
    for (const answer of answers.filter(({ statusCode }) => statusCode !== 202)) {
      expect(answer.json()).toMatchObject({ status: 409, code: 'request-in-progress' });
      expect(answer.headers['retry-after']).toBe('5');
    }
    expect(await api.jobs()).toBe(before + 1);
  });

  it('repeats the first response even when the mail has become invalid since', async () => {
    const mail = { ...good, from: 'hello@example.org' };
    const first = await keyed('signup:5', mail);
    expect(first.statusCode).toBe(202);
    api.fromDomains.pop();
    const [other, again] = [await keyed('signup:6', mail), await keyed('signup:5', mail)];
    api.fromDomains.push('example.org');
    expect(other.statusCode).toBe(422);
    expect(again.json()).toEqual(first.json());
    expect(again.headers['idempotent-replayed']).toBe('true');
  });

  it('covers a whole batch', async () => {
    const before = await api.jobs();
    const mails = Array.from({ length: 450 }, (_, n) => ({ ...good, to: `a${n}@example.net` }));
    const first = await keyed('batch:1', { mails }, '/v1/mails/batch');
    expect((await keyed('batch:1', { mails }, '/v1/mails/batch')).json()).toEqual(first.json());
    expect(await api.jobs()).toBe(before + 450);
  });

  it('can be used again after a request that was rejected', async () => {
    expect((await keyed('signup:4', { ...good, template: 'nope' })).statusCode).toBe(422);
    expect((await keyed('signup:4')).statusCode).toBe(202);
  });
});

describe('expiresAt', () => {
  it('is 72 hours after the mail is due, unless it is given', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const shown = async (change: object) =>
      (await api.get(`/v1/mails/${(await api.post('/v1/mails', { ...good, ...change })).json().id}`)).json();
    const plain = await shown({});
    expect(Date.parse(plain.expiresAt) - Date.parse(plain.dueAt)).toBe(72 * 3_600_000);
    const expiresAt = at(60_000);
    expect(await shown({ expiresAt, onUncertain: 'hold' })).toMatchObject({ expiresAt, onUncertain: 'hold' });
  });

  it('comes from the template when the mail has none', async () => {
    const data = { nickname: 'Anne', resetUrl: 'https://example.com/r', expiresInMinutes: 30 };
    const reset = await api.post('/v1/mails', { to: 'anne@example.net', template: 'password-reset', data });
    const shown = (await api.get(`/v1/mails/${reset.json().id}`)).json();
    expect(Math.round((Date.parse(shown.expiresAt) - Date.parse(shown.dueAt)) / 60_000)).toBe(60);
  });

  it('must be after the time at which the mail is due', async () => {
    const response = await api.post('/v1/mails', { ...good, expiresAt: new Date(Date.now() - 1000).toISOString() });
    expect(response.json()).toMatchObject({ status: 422, issues: [{ pointer: '/expiresAt' }] });
  });
});
