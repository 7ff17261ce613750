/** What API keys may do: every route × rights × owner of the mail, through the API and a real Redis. */
import { createApiKey, formatKeyRights, hashApiKey, type KeyRights, parseKeyRights } from '@posthouse/access';
import { assert, asyncProperty, constantFrom, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, key as apiKey, good } from './api-fixture.ts';

/** Every combination of send, read, content and act that does not contradict itself, each by a key of the name `own`. */
const combinations = [false, true].flatMap((send) =>
  (['none', 'own', 'all'] as const).flatMap((read) =>
    (read === 'none' ? [false] : [false, true]).flatMap((content) =>
      (['none', 'own', 'all'] as const).map((act): KeyRights => ({ send, read, content, act, metrics: false })),
    ),
  ),
);
const limited = ['send+from=example.org', 'send+template=signup', 'send+from=example.com+template=receipt+template=signup'].map(
  parseKeyRights,
);
const allRights = new Map([...combinations, ...limited].map((rights) => [formatKeyRights(rights), rights]));
const keys = new Map([...allRights.keys()].map((text) => [text, createApiKey()]));
const otherKey = createApiKey();

const api = new ApiFixture();
const unknown = '0190a0b0-0000-7000-8000-000000000001';
const ids = { own: new Set<string>(), other: new Set<string>() };

beforeAll(async () => {
  await api.start();
  for (const [text, rights] of allRights) api.keys.set(hashApiKey(keys.get(text) as string), { name: 'own', rights });
  api.keys.set(hashApiKey(otherKey), { name: 'other', rights: parseKeyRights('send') });
});
afterAll(() => api.stop());

/** A new mail of one of the two names. */
async function newMail(owner: 'own' | 'other'): Promise<string> {
  const key = owner === 'own' ? (keys.get('send') as string) : otherKey;
  const { id } = (await request(key, 'POST', '/v1/mails', good)).json();
  ids[owner].add(id);
  return id;
}

function request(key: string, method: 'GET' | 'POST' | 'PATCH', url: string, body?: object) {
  // One id for all: answers are compared byte for byte.
  const headers = {
    authorization: `Bearer ${key}`,
    'x-request-id': 'same',
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  return api.app.inject({ method, url, headers, ...(body !== undefined && { payload: JSON.stringify(body) }) });
}

/** What is known of a mail. */
const stored = async (id: string) => (await request(apiKey, 'GET', `/v1/mails/${id}`)).body;
const bodies = { cancel: {}, retry: {}, 'send-now': {}, resolve: { outcome: 'delivered' } };
const laterTime = { scheduledAt: new Date(Date.now() + 3_600_000).toISOString() };

/** What a request is answered with. */
type Outcome = 'allowed' | 'not found' | `missing ${string}`;

/** What it should be answered with, by the rights alone. */
function expected(scope: KeyRights['read'], right: string, owner: string): Outcome {
  if (scope === 'none') return `missing ${right}-own`;
  return owner === 'own' || (owner === 'other' && scope === 'all') ? 'allowed' : 'not found';
}

/** A conflict with the state of the mail is an answer to those who may act on it. */
function outcomeOf({ statusCode, json }: Awaited<ReturnType<typeof request>>): Outcome {
  if (statusCode === 403) {
    expect(json()).toMatchObject({ code: 'right-missing', status: 403 });
    return `missing ${/`([a-z-]+)`/.exec(json().detail)?.[1]}`;
  }
  if (statusCode === 404) return 'not found';
  expect([200, 202, 409]).toContain(statusCode);
  return 'allowed';
}

/** All ids that a key lists, page by page; undefined where it may not list. */
async function listed(key: string): Promise<string[] | undefined> {
  const found: string[] = [];
  let cursor = '';
  do {
    const response = await request(key, 'GET', `/v1/mails?template=signup&limit=50${cursor}`);
    if (response.statusCode === 403) return undefined;
    const { mails, next } = response.json();
    found.push(...mails.map(({ id }: { id: string }) => id));
    cursor = next === undefined ? '' : `&cursor=${next}`;
  } while (cursor !== '');
  return found.sort();
}

it('nothing is allowed that is not granted, and nothing refused that is', async () => {
  const scenario = record({ rights: constantFrom(...combinations), owner: constantFrom('own', 'other', 'unknown') });
  await assert(
    asyncProperty(scenario, async ({ rights, owner }) => {
      const key = keys.get(formatKeyRights(rights)) as string;
      const id = owner === 'unknown' ? unknown : await newMail(owner as 'own' | 'other');

      for (const [url, body] of [
        ['/v1/mails', good],
        ['/v1/mails/batch', { mails: [good, good] }],
      ] as const) {
        const response = await request(key, 'POST', url, body);
        expect(outcomeOf(response)).toBe(rights.send ? 'allowed' : 'missing send');
        if (rights.send) for (const { id } of response.json().results ?? [response.json()]) ids.own.add(id);
      }
      expect(outcomeOf(await request(key, 'GET', '/v1/templates'))).toBe('allowed');
      expect(await listed(key)).toEqual({ none: undefined, own: [...ids.own].sort(), all: [...ids.own, ...ids.other].sort() }[rights.read]);

      const read = await request(key, 'GET', `/v1/mails/${id}`);
      expect(outcomeOf(read)).toBe(expected(rights.read, 'read', owner));
      const content = await request(key, 'GET', `/v1/mails/${id}?content=true`);
      expect(outcomeOf(content)).toBe(rights.read === 'none' || rights.content ? expected(rights.read, 'read', owner) : 'missing content');
      if (read.statusCode === 200) expect(read.json()).not.toHaveProperty('content');
      if (content.statusCode === 200) expect(content.json()).toHaveProperty('content');

      const copy = await request(key, 'POST', `/v1/mails/${id}/copy`);
      const lacking = rights.act === 'none' || (rights.send && rights.content) ? undefined : rights.send ? 'content' : 'send';
      expect(outcomeOf(copy)).toBe(lacking === undefined ? expected(rights.act, 'act', owner) : `missing ${lacking}`);
      if (copy.statusCode === 202) ids.own.add(copy.json().id);

      const reschedule = await request(key, 'PATCH', `/v1/mails/${id}`, laterTime);
      expect(outcomeOf(reschedule)).toBe(expected(rights.act, 'act', owner));
      for (const url of ['/metrics', '/scale']) expect(outcomeOf(await request(key, 'GET', url))).toBe('missing metrics');

      for (const action of ['send-now', 'retry', 'resolve', 'cancel'] as const) {
        const before = await stored(id);
        const response = await request(key, 'POST', `/v1/mails/${id}/${action}`, bodies[action]);
        expect(outcomeOf(response)).toBe(expected(rights.act, 'act', owner));
        expect((await stored(id)) !== before).toBe(action === 'cancel' && response.statusCode === 200);
      }
    }),
    { numRuns: 40 },
  );
});

it('the routes are those that the test above has requested', async () => {
  const { paths } = (await request(apiKey, 'GET', '/openapi.json')).json();
  const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods as object).map((method) => `${method} ${path}`));
  expect(routes.filter((route) => !/ \/(livez|readyz)$/.test(route)).sort()).toEqual([
    ...['get /metrics', 'get /scale', 'get /v1/mails', 'get /v1/mails/{id}', 'get /v1/templates', 'patch /v1/mails/{id}', 'post /v1/mails'],
    ...['post /v1/mails/batch', 'post /v1/mails/{id}/cancel', 'post /v1/mails/{id}/copy', 'post /v1/mails/{id}/resolve'],
    ...['post /v1/mails/{id}/retry', 'post /v1/mails/{id}/send-now'],
  ]);
});

describe("somebody else's mail", () => {
  it('is answered like one that does not exist, byte for byte, whatever its state', async () => {
    const key = keys.get('send+read-own+content+act-own') as string;
    const other = await newMail('other');
    for (const state of ['queued', 'staged', 'failed', 'no such state']) {
      await api.redis.cli('HSET', `{posthouse}:record:${other}`, 'state', state);
      for (const [method, path, body] of [
        ['GET', ''],
        ['GET', '?content=true'],
        ['POST', '/cancel', {}],
        ['POST', '/retry', {}],
        ['POST', '/resolve', { outcome: 'sendAgain' }],
        ['POST', '/send-now', {}],
        ['POST', '/copy', {}],
        ['PATCH', '', laterTime],
      ] as const) {
        const [theirs, none] = await Promise.all([other, unknown].map((id) => request(key, method, `/v1/mails/${id}${path}`, body)));
        expect(theirs?.statusCode).toBe(404);
        expect(theirs?.body).toBe(none?.body);
      }
    }
    await api.redis.cli('DEL', `{posthouse}:record:${other}`);
    ids.other.delete(other);
  });

  it('is in no list, by no filter, and no cursor names it', async () => {
    const other = await newMail('other');
    const key = keys.get('read-own') as string;
    for (const query of ['apiKey=other', 'recipient=anne@example.net&apiKey=other', `state=queued&limit=1`]) {
      const page = (await request(key, 'GET', `/v1/mails?${query}`)).body;
      for (const id of ids.other) expect(page).not.toContain(id);
    }
    const all = keys.get('read-all') as string;
    const listed = (await request(all, 'GET', '/v1/mails?apiKey=other')).json().mails;
    expect(listed.map(({ id }: { id: string }) => id).sort()).toEqual([...ids.other].sort());
    expect(ids.other).toContain(other);
  });

  it('does not answer an Idempotency-Key of its sender', async () => {
    const send = (key: string) =>
      api.app.inject({
        method: 'POST',
        url: '/v1/mails',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'signup:1' },
        payload: JSON.stringify(good),
      });
    const [theirs, own] = [await send(otherKey), await send(keys.get('send') as string)];
    expect(own.headers).not.toHaveProperty('idempotent-replayed');
    expect(own.json().id).not.toBe(theirs.json().id);
  });
});

describe('limits of what a key sends', () => {
  const mail = (change: object) => ({ ...good, ...change });

  it.each([
    ['send+from=example.org', mail({ from: 'a@example.org' }), 202],
    ['send+from=example.org', mail({ from: 'a@example.com' }), '/from'],
    ['send+from=example.org', good, '/from'],
    ['send+template=signup', good, 202],
    ['send+template=signup', mail({ template: 'receipt' }), '/template'],
    ['send+template=signup', { to: good.to, content: { subject: 'Hi', text: 'Hi' } }, '/content'],
  ])('%s', async (rights, sent, result) => {
    const key = keys.get(rights) as string;
    for (const [url, body, at] of [
      ['/v1/mails', sent, ''],
      ['/v1/mails/batch', { mails: [sent, sent] }, '/mails/1'],
    ] as const) {
      const response = await request(key, 'POST', url, body);
      if (typeof result === 'string') {
        expect(response.statusCode).toBe(422);
        expect(response.json().issues).toContainEqual({
          pointer: `${at}${result}`,
          code: 'not-allowed',
          message: expect.stringContaining('this API key'),
        });
      } else expect(response.statusCode).toBe(result);
    }
  });

  it('are named where they leave nothing to send, and it says whom to ask', async () => {
    const key = createApiKey();
    api.keys.set(hashApiKey(key), { name: 'own', rights: parseKeyRights('send+from=gmail.com+template=nope') });
    const messages = async (sent: object) => (await request(key, 'POST', '/v1/mails', sent)).json().issues as { message: string }[];
    const none = [
      { pointer: '/from', message: expect.stringMatching(/ MAIL_FROM_DOMAINS has none of its domains; ask an administrator /) },
      { pointer: '/template', message: expect.stringMatching(/ may send no template that exists; ask an administrator /) },
    ];
    expect(await messages(good)).toMatchObject(none);
    expect(await messages(mail({ template: 'nope', from: 'a@gmail.com' }))).toMatchObject(none);
    expect(await messages({ to: good.to, content: { subject: 'Hi', text: 'Hi' } })).toMatchObject([
      none[0],
      { ...none[1], pointer: '/content' },
    ]);
  });

  it('GET /v1/templates lists the templates that the key may send', async () => {
    const names = async (rights: string) =>
      (await request(keys.get(rights) as string, 'GET', '/v1/templates')).json().templates.map(({ name }: { name: string }) => name);
    expect(await names('send+template=signup')).toEqual(['signup']);
    expect((await names('send')).length).toBeGreaterThan(1);
  });
});
