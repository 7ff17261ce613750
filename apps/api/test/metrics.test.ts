/** `/metrics` and `/scale` of the API: what they count, and who may read them. */
import { createApiKey, hashApiKey, parseKeyRights } from '@posthouse/access';
import { parseMetrics } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

const samples = async () => parseMetrics((await api.get('/metrics')).body);

it('count what was accepted, once for each Idempotency-Key, and every answer by route and status', async () => {
  const once = { 'idempotency-key': 'signup:1' };
  const literal = { to: good.to, content: { subject: 'Hi', text: 'Hi' } };
  const { id } = (await api.post('/v1/mails', good, once)).json();
  for (const [url, body, headers] of [
    ['/v1/mails', good, once],
    ['/v1/mails', literal, {}],
    ['/v1/mails/batch', { mails: [good, good, literal] }, { 'idempotency-key': 'batch:1' }],
    ['/v1/mails/batch', { mails: [good, good, literal] }, { 'idempotency-key': 'batch:1' }],
    ['/v1/mails', { ...good, template: 'nope' }, {}],
    [`/v1/mails/${id}/cancel`, {}, {}],
    [`/v1/mails/${id}/cancel`, {}, {}],
    ['/nowhere', {}, {}],
  ] as const)
    await api.post(url, body, headers);
  const counted = [...(await samples())].filter(([name]) => /^posthouse_(mails_accepted|mail_actions|http_requests)_total/.test(name));
  expect(Object.fromEntries(counted)).toEqual({
    'posthouse_mails_accepted_total{template="signup"}': 3,
    'posthouse_mails_accepted_total{template="literal"}': 2,
    'posthouse_mail_actions_total{action="cancel"}': 1,
    'posthouse_http_requests_total{method="POST",route="/v1/mails",status="202"}': 3,
    'posthouse_http_requests_total{method="POST",route="/v1/mails",status="422"}': 1,
    'posthouse_http_requests_total{method="POST",route="/v1/mails/batch",status="202"}': 2,
    'posthouse_http_requests_total{method="POST",route="/v1/mails/:id/cancel",status="200"}': 2,
    'posthouse_http_requests_total{method="POST",route="unknown",status="404"}': 1,
  });
  expect((await api.get('/scale')).json()).toEqual({ mails: 4, due: 4, inProgress: 0, workers: 0, paused: false });
});

it('need a key with the right, and no other right gives it', async () => {
  const withRights = (rights: string) => {
    const key = createApiKey();
    api.keys.set(hashApiKey(key), { name: rights, rights: parseKeyRights(rights) });
    return { authorization: `Bearer ${key}` };
  };
  for (const url of ['/metrics', '/scale']) {
    const status = async (headers: Record<string, string>) => (await api.app.inject({ url, headers })).statusCode;
    expect(await status({})).toBe(401);
    expect(await status(withRights('send+read-all+content+act-all'))).toBe(403);
    expect(await status(withRights('metrics'))).toBe(200);
  }
});
