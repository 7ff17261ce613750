import { createApiKey, hashApiKey, parseKeyRights } from '@posthouse/access';
import { AuditLog } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, good, key } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

const unknown = '0190a0b0-0000-7000-8000-000000000001';

async function accepted(change: object = {}): Promise<string> {
  return (await api.post('/v1/mails', { ...good, ...change })).json().id;
}

/** A record in a state as a worker leaves it. */
async function inState(state: string): Promise<string> {
  const id = await accepted();
  await api.redis.cli('HSET', `{posthouse}:record:${id}`, 'state', state);
  if (state === 'failed') {
    await api.redis.cli('HSET', `{posthouse}:record:${id}`, 'recipients', '[{"kind":"to","state":"rejected","reason":"550 5.1.1"}]');
  }
  if (state === 'uncertain') {
    await api.redis.cli('HSET', `{posthouse}:record:${id}`, 'recipients', '[{"kind":"to","state":"pending","uncertain":true}]');
  }
  return id;
}

describe('cancel', () => {
  it('cancels a queued or scheduled mail with its job, and may be repeated', async () => {
    for (const id of [await accepted(), await accepted({ scheduledAt: new Date(Date.now() + 60_000).toISOString() })]) {
      expect((await api.post(`/v1/mails/${id}/cancel`, {})).json()).toEqual({ id, state: 'cancelled' });
      expect((await api.post(`/v1/mails/${id}/cancel`, {})).json()).toEqual({ id, state: 'cancelled' });
      expect(await api.redis.cli('EXISTS', `{posthouse}:mail:${id}`)).toBe('0');
      const shown = (await api.get(`/v1/mails/${id}?content=true`)).json();
      expect(shown).toMatchObject({ state: 'cancelled', recipients: [{ state: 'rejected', reason: 'cancelled' }] });
      expect(shown).not.toHaveProperty('content');
    }
  });

  it.each(['sent', 'failed', 'expired', 'uncertain'])('is a conflict for a mail that is %s', async (state) => {
    const response = await api.post(`/v1/mails/${await inState(state)}/cancel`, {});
    expect(response.json()).toMatchObject({ status: 409, code: 'mail-state-conflict', detail: expect.stringContaining(state) });
  });
});

describe('retry', () => {
  it('queues a failed mail again with a job, and changes nothing when repeated', async () => {
    const id = await inState('failed');
    for (let n = 0; n < 3; n++) expect((await api.post(`/v1/mails/${id}/retry`, {})).json()).toEqual({ id, state: 'queued' });
    expect(await api.redis.cli('ZSCORE', '{posthouse}:mail:prioritized', id)).not.toBe('');
    expect((await api.get(`/v1/mails/${id}`)).json().recipients).toMatchObject([{ state: 'pending' }]);
  });

  it('is refused for a sent mail, which stays as it is', async () => {
    const id = await inState('sent');
    const before = (await api.get(`/v1/mails/${id}`)).json();
    expect((await api.post(`/v1/mails/${id}/retry`, {})).json()).toMatchObject({ status: 409, code: 'already-sent' });
    expect((await api.get(`/v1/mails/${id}`)).json()).toEqual(before);
  });

  it('queues the rejected recipients of a partly sent mail again', async () => {
    const id = await inState('sent');
    await api.redis.cli('HSET', `{posthouse}:record:${id}`, 'recipients', '[{"kind":"to","state":"rejected","reason":"550 5.1.1"}]');
    for (let n = 0; n < 2; n++) expect((await api.post(`/v1/mails/${id}/retry`, {})).json()).toEqual({ id, state: 'queued' });
  });

  it('creates the missing job of a mail whose retry was interrupted', async () => {
    const id = await inState('failed');
    await api.post(`/v1/mails/${id}/retry`, {});
    await api.redis.cli('ZREM', '{posthouse}:mail:prioritized', id);
    await api.redis.cli('DEL', `{posthouse}:mail:${id}`);
    expect((await api.post(`/v1/mails/${id}/retry`, {})).json()).toEqual({ id, state: 'queued' });
    expect(await api.redis.cli('ZSCORE', '{posthouse}:mail:prioritized', id)).not.toBe('');
  });

  it.each(['cancelled', 'expired', 'uncertain'])('is a conflict for a mail that is %s', async (state) => {
    const response = await api.post(`/v1/mails/${await inState(state)}/retry`, {});
    expect(response.json()).toMatchObject({ status: 409, code: 'mail-state-conflict' });
  });
});

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

describe('send-now', () => {
  it('queues a scheduled mail with a job that is due, and may be repeated', async () => {
    const id = await accepted({ scheduledAt: inAnHour() });
    for (let n = 0; n < 2; n++) expect((await api.post(`/v1/mails/${id}/send-now`, {})).json()).toEqual({ id, state: 'queued' });
    expect(await api.redis.cli('ZSCORE', '{posthouse}:mail:prioritized', id)).not.toBe('');
  });

  it.each(['failed', 'cancelled', 'uncertain'])('is a conflict for a mail that is %s', async (state) => {
    expect((await api.post(`/v1/mails/${await inState(state)}/send-now`, {})).json()).toMatchObject({ code: 'mail-state-conflict' });
  });
});

describe('a scheduled mail', () => {
  const reschedule = (id: string, scheduledAt: unknown, apiKey = key) =>
    api.app.inject({
      method: 'PATCH',
      url: `/v1/mails/${id}`,
      payload: { scheduledAt },
      headers: { authorization: `Bearer ${apiKey}` },
    });
  const jobDueAt = async (id: string) => Number(await api.redis.cli('ZSCORE', '{posthouse}:mail:delayed', id)) / 4096;

  it('is sent at another time, with its job, and expires as long after it as before', async () => {
    const id = await accepted({ scheduledAt: inAnHour() });
    const at = Date.now() + 7_200_000;
    expect((await reschedule(id, new Date(at).toISOString())).json()).toEqual({ id, state: 'scheduled' });
    const shown = (await api.get(`/v1/mails/${id}`)).json();
    expect([shown.dueAt, shown.nextAttemptAt]).toEqual([at, at].map((ms) => new Date(ms).toISOString()));
    expect(Date.parse(shown.expiresAt) - at).toBe(72 * 3_600_000);
    expect(Math.abs((await jobDueAt(id)) - at)).toBeLessThan(60_000);
    for (let times = 0; times < 2; times++) expect((await reschedule(id, '2020-01-01T00:00:00Z')).json()).toEqual({ id, state: 'queued' });
    expect(await api.redis.cli('ZSCORE', '{posthouse}:mail:prioritized', id)).not.toBe('');
    expect((await reschedule(id, inAnHour())).json()).toMatchObject({ status: 409, code: 'mail-state-conflict' });
    const { entries } = await new AuditLog(api.connection).page(20, undefined, 'api-keys');
    expect(entries.filter(({ target }) => target === id).map(({ action, detail }) => [action, detail?.slice(0, 13)])).toEqual([
      ['reschedule', 'now queued, a'],
      ['reschedule', 'now scheduled'],
    ]);
  });

  it('keeps an expiresAt of its own, and is not sent after that', async () => {
    const expiresAt = new Date(Date.now() + 7_200_000).toISOString();
    const id = await accepted({ scheduledAt: inAnHour(), expiresAt });
    const late = await reschedule(id, expiresAt);
    expect(late.json()).toMatchObject({ status: 422, issues: [{ pointer: '/scheduledAt', code: 'out-of-range' }] });
    expect((await reschedule(id, new Date(Date.now() + 60_000).toISOString())).statusCode).toBe(200);
    expect((await api.get(`/v1/mails/${id}`)).json().expiresAt).toBe(expiresAt);
  });

  it('of another key, or at no time, is not changed', async () => {
    const id = await accepted({ scheduledAt: inAnHour() });
    const other = createApiKey();
    api.keys.set(hashApiKey(other), { name: 'other', rights: parseKeyRights('send+act-own') });
    for (const at of ['tomorrow', undefined, new Date(Date.now() + 400 * 86_400_000).toISOString()])
      expect((await reschedule(id, at)).json().issues).toMatchObject([{ pointer: '/scheduledAt' }]);
    expect((await reschedule(id, inAnHour(), other)).statusCode).toBe(404);
    const sendNow = { method: 'POST', url: `/v1/mails/${id}/send-now`, headers: { authorization: `Bearer ${other}` } } as const;
    expect((await api.app.inject(sendNow)).statusCode).toBe(404);
    expect((await api.get(`/v1/mails/${id}`)).json().state).toBe('scheduled');
  });
});

describe('resolve', () => {
  it('ends an uncertain mail as delivered, or sends it again', async () => {
    const [delivered, lost] = [await inState('uncertain'), await inState('uncertain')];
    expect((await api.post(`/v1/mails/${delivered}/resolve`, { outcome: 'delivered' })).json()).toEqual({ id: delivered, state: 'sent' });
    expect((await api.post(`/v1/mails/${lost}/resolve`, { outcome: 'sendAgain' })).json()).toEqual({ id: lost, state: 'queued' });
  });

  it('accepts uncertain mails and two outcomes only', async () => {
    expect((await api.post(`/v1/mails/${await accepted()}/resolve`, { outcome: 'delivered' })).statusCode).toBe(409);
    expect((await api.post(`/v1/mails/${await accepted()}/resolve`, { outcome: 'lost' })).json().issues).toMatchObject([
      { pointer: '/outcome' },
    ]);
  });
});

it('each action that changed a mail is in its record and in the audit log, with the API key', async () => {
  const id = await inState('failed');
  for (const action of ['cancel', 'retry', 'retry', 'cancel']) await api.post(`/v1/mails/${id}/${action}`, {});
  const by = { who: 'signup-service', role: 'API key' };
  const recorded = JSON.parse(await api.redis.cli('HGET', `{posthouse}:record:${id}`, 'actions'));
  expect(recorded).toEqual(['retry', 'cancel'].map((action) => ({ ...by, action, at: expect.any(Number) })));
  const log = new AuditLog(api.connection);
  const { entries } = await log.page(10, undefined, 'api-keys');
  const own = entries.filter(({ target }) => target === id);
  expect(own).toMatchObject([
    { ...by, action: 'cancel', detail: 'now cancelled' },
    { ...by, action: 'retry', detail: 'now queued' },
  ]);
  expect((await log.page(10)).entries).toEqual([]);
  expect((await api.get(`/v1/mails/${id}`)).json()).not.toHaveProperty('actions');
});

it('keeps the newest actions, also where the field was edited by hand', async () => {
  const id = await inState('failed');
  const record = `{posthouse}:record:${id}`;
  const before = Array.from({ length: 20 }, (_, n) => ({ at: n, action: 'retry', who: 'anne' }));
  for (const actions of [JSON.stringify(before), 'no JSON']) {
    await api.redis.cli('HSET', record, 'state', 'failed', 'actions', actions);
    expect((await api.post(`/v1/mails/${id}/retry`, {})).statusCode).toBe(200);
    const kept = JSON.parse(await api.redis.cli('HGET', record, 'actions'));
    expect(kept).toHaveLength(actions === 'no JSON' ? 1 : 20);
    expect(kept.at(-1)).toMatchObject({ who: 'signup-service' });
  }
});

it.each(['cancel', 'retry', 'send-now', 'resolve'])('%s returns 404 for an unknown mail, and 401 without a key', async (action) => {
  expect((await api.post(`/v1/mails/${unknown}/${action}`, action === 'resolve' ? { outcome: 'delivered' } : {})).statusCode).toBe(404);
  expect((await api.app.inject({ method: 'POST', url: `/v1/mails/${unknown}/${action}` })).statusCode).toBe(401);
});
