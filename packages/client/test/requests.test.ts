/** The client against HTTP servers that answer as a test says. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { Posthouse, PosthouseError, type PosthouseOptions } from '../src/client.ts';

interface Received {
  request: string;
  key: string | undefined;
  body: unknown;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that gives these answers in turn, the last one again and again, and a client of it. */
async function scripted(answers: Answer[], options: PosthouseOptions = {}) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = answers[Math.min(received.length, answers.length - 1)] as Answer;
    const { method, url, headers } = request;
    received.push({ request: `${method} ${url}`, key: headers['idempotency-key'] as string, body: body && JSON.parse(body) });
    answer(response, request);
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  // Long enough for a machine that is busy: only tests that wait for an end shorten them.
  return { received, posthouse: new Posthouse({ url, key: 'ph_test', tryTimeoutMs: 30_000, timeoutMs: 60_000, ...options }) };
}

const json =
  (status: number, body: object, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Answer =>
  json(
    status,
    { type: `https://posthouse.example/errors/${code}`, title: 'T', status, code, detail: 'D.', requestId: 'r-1', ...more },
    headers,
  );
const accepted = json(202, { id: '1', state: 'queued' });
const cut: Answer = (response) => response.destroy();
const silent: Answer = () => undefined;

const mail = { to: 'anne@example.net', template: 'signup', data: { nickname: 'Anne' } };
const errorOf = async (promise: Promise<unknown>): Promise<PosthouseError> => {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(PosthouseError);
  return error;
};

describe('a request that accepts mail', () => {
  it.each([
    ['a connection that is cut', cut],
    ['408', problem(408, 'request-timeout')],
    ['409 in progress', problem(409, 'request-in-progress')],
    ['429', problem(429, 'rate-limited', {}, { 'retry-after': '0' })],
    ['502 of a proxy', (response) => response.writeHead(502).end('<html>')],
    ['503', problem(503, 'unavailable')],
    ['504', (response) => response.writeHead(504).end()],
  ] satisfies [string, Answer][])('is repeated after %s, with the key of its own', async (_, answer) => {
    const { posthouse, received } = await scripted([answer, answer, accepted]);
    expect(await posthouse.mails.send(mail)).toEqual({ id: '1', state: 'queued' });
    expect(received).toHaveLength(3);
    expect(received[0]).toEqual({ request: 'POST /v1/mails', key: expect.stringMatching(/^[0-9a-f-]{36}$/), body: mail });
    expect(received[1]).toEqual(received[0]);
    expect(received[2]).toEqual(received[0]);
    await posthouse.mails.send(mail);
    expect(received[3]?.key).not.toBe(received[0]?.key);
  });

  it('is repeated when a try gets no answer in time', async () => {
    const { posthouse, received } = await scripted([silent, accepted], { tryTimeoutMs: 300 });
    expect(await posthouse.mails.send(mail, { idempotencyKey: 'signup:1' })).toMatchObject({ id: '1' });
    expect(received.length).toBeGreaterThan(1);
    expect(new Set(received.map(({ key }) => key))).toEqual(new Set(['signup:1']));
  });

  it.each([400, 401, 403, 404, 409, 413, 415, 422, 431, 500])('is not repeated after %s', async (status) => {
    const issues = [{ pointer: '/to', code: 'missing', message: 'is missing' }];
    const { posthouse, received } = await scripted([problem(status, 'some-code', { issues })]);
    const error = await errorOf(posthouse.mails.send(mail, { idempotencyKey: 'k' }));
    expect(received).toHaveLength(1);
    expect({ ...error }).toEqual({
      name: 'PosthouseError',
      ...{ status, code: 'some-code', type: 'https://posthouse.example/errors/some-code', title: 'T', detail: 'D.', issues },
      ...{ retryable: false, mayHaveBeenAccepted: status === 500, requestId: 'r-1', idempotencyKey: 'k', retryAfterMs: undefined },
    });
    expect(error.message).toBe(`T (${status}): D. /to is missing`);
  });

  it('ends at once when the API asks for a longer wait than is left', async () => {
    const { posthouse, received } = await scripted([problem(429, 'rate-limited', {}, { 'retry-after': '86400' })]);
    expect(await errorOf(posthouse.mails.send(mail))).toMatchObject({
      retryable: true,
      retryAfterMs: 86_400_000,
      mayHaveBeenAccepted: false,
    });
    expect(received).toHaveLength(1);
  });

  it.each([
    ['seconds', () => '2', 2000],
    ['a date', () => new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
  ])('is not repeated before the time that Retry-After names as %s', async (_, value, ms) => {
    const busy: Answer = (...args) => problem(503, 'overloaded', {}, { 'retry-after': value() })(...args);
    const { posthouse, received } = await scripted([busy], { timeoutMs: 2000 });
    const { retryAfterMs = 0 } = await errorOf(posthouse.mails.send(mail));
    expect(Math.abs(retryAfterMs - ms)).toBeLessThan(60_000);
    expect(received).toHaveLength(1);
  });
});

describe('an error', () => {
  it('of time says that the mail may have been accepted', async () => {
    const { posthouse } = await scripted([silent], { tryTimeoutMs: 50, timeoutMs: 300 });
    const error = await errorOf(posthouse.mails.send(mail));
    expect(error).toMatchObject({ code: 'timeout', retryable: true, mayHaveBeenAccepted: true, status: undefined });
    expect(error.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('of a port where nothing listens says that it was not', async () => {
    const { posthouse } = await scripted([accepted]);
    const [server] = servers.splice(0) as [Server];
    await once(server.close(), 'close');
    const error = await errorOf(posthouse.mails.send(mail, { timeoutMs: 1000 }));
    expect(error).toMatchObject({ code: 'no-answer', retryable: true, mayHaveBeenAccepted: false });
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('after an unknown outcome stays unknown, whatever the last try was answered', async () => {
    const { posthouse } = await scripted([cut, problem(401, 'unauthorized')]);
    expect(await errorOf(posthouse.mails.send(mail))).toMatchObject({ status: 401, mayHaveBeenAccepted: true });
  });

  it.each([
    ['a page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), 'does not come from Posthouse', 200],
    [
      'a redirect',
      (response) => response.writeHead(301, { location: 'https://mail.example.com/' }).end(),
      'https://mail.example.com/',
      301,
    ],
  ] satisfies [string, Answer, string, number][])('about %s says what to change', async (_, answer, advice, status) => {
    const { posthouse, received } = await scripted([answer]);
    const error = await errorOf(posthouse.mails.send(mail));
    expect(error).toMatchObject({ status, code: 'unexpected-answer', detail: expect.stringContaining(advice) });
    expect(received).toHaveLength(1);
  });

  it('of a request that reads never says that mail was accepted', async () => {
    const { posthouse, received } = await scripted([cut, problem(503, 'unavailable'), problem(500, 'internal')]);
    expect(await errorOf(posthouse.mails.get('1'))).toMatchObject({ status: 500, mayHaveBeenAccepted: false });
    expect(received).toHaveLength(3);
  });

  it('is returned by trySend, also for what is no JSON', async () => {
    const { posthouse } = await scripted([problem(422, 'invalid-mail')]);
    expect(await posthouse.mails.trySend(mail)).toMatchObject({ ok: false, error: { code: 'invalid-mail' } });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const data of [circular, { n: 1n }]) {
      expect(await posthouse.mails.trySend({ ...mail, data })).toMatchObject({ ok: false, error: { code: 'invalid-request' } });
    }
    expect(await (await scripted([accepted])).posthouse.mails.trySend(mail)).toEqual({ ok: true, mail: { id: '1', state: 'queued' } });
  });
});

describe('a signal', () => {
  it('ends a try, a wait between two tries, and what has not begun', async () => {
    for (const answer of [silent, problem(503, 'unavailable', {}, { 'retry-after': '30' })]) {
      const controller = new AbortController();
      const requests = new EventEmitter();
      const { posthouse, received } = await scripted([
        (...args) => {
          answer(...args);
          requests.emit('arrived');
        },
      ]);
      const arrived = once(requests, 'arrived');
      const sent = errorOf(posthouse.mails.send(mail, { signal: controller.signal }));
      await arrived;
      controller.abort(new Error('no longer needed'));
      expect(await sent).toMatchObject({ code: 'aborted', mayHaveBeenAccepted: true, retryable: false });
      expect(await errorOf(posthouse.mails.send(mail, { signal: controller.signal }))).toMatchObject({
        ...{ code: 'aborted', retryable: false, mayHaveBeenAccepted: false },
        cause: new Error('no longer needed'),
      });
      expect(received).toHaveLength(1);
    }
  });
});

describe('the client', () => {
  it('requests what each method stands for', async () => {
    const { posthouse, received } = await scripted([json(200, { id: '1', state: 'queued', results: [], mails: [] })]);
    const { mails } = posthouse;
    await mails.sendBatch([mail], { idempotencyKey: 'b' });
    await mails.get('a/b', { content: true });
    await mails.cancel('1');
    await mails.retry('1');
    await mails.resolve('1', 'sendAgain');
    await mails.sendNow('1');
    await mails.reschedule('1', new Date('2030-01-01T00:00:00Z'));
    await mails.copy('1', { to: 'bo@example.net', idempotencyKey: 'c' });
    await posthouse.templates.list();
    expect(received.map(({ request, key, body }) => [request, key, body].filter((part) => part))).toEqual([
      ['POST /v1/mails/batch', 'b', { mails: [mail] }],
      ['GET /v1/mails/a%2Fb?content=true'],
      ['POST /v1/mails/1/cancel', {}],
      ['POST /v1/mails/1/retry', {}],
      ['POST /v1/mails/1/resolve', { outcome: 'sendAgain' }],
      ['POST /v1/mails/1/send-now', {}],
      ['PATCH /v1/mails/1', { scheduledAt: '2030-01-01T00:00:00.000Z' }],
      ['POST /v1/mails/1/copy', 'c', { to: 'bo@example.net' }],
      ['GET /v1/templates'],
    ]);
  });

  it('lists mails page by page, as they are needed', async () => {
    const page = (ids: string[], next?: string) => json(200, { mails: ids.map((id) => ({ id })), next });
    const { posthouse, received } = await scripted([page(['3', '2'], 'c1'), page([], 'c2'), page(['1'])]);
    const filter = { state: ['sent', 'failed'], from: new Date(0), partial: false, pageSize: 2, tag: undefined } as const;
    const ids: string[] = [];
    for await (const { id } of posthouse.mails.list(filter as never)) {
      if (ids.push(id) === 1) expect(received).toHaveLength(1);
    }
    expect(ids).toEqual(['3', '2', '1']);
    const query = '/v1/mails?state=sent%2Cfailed&from=1970-01-01T00%3A00%3A00.000Z&partial=false&limit=2';
    expect(received.map(({ request }) => request)).toEqual(['', '&cursor=c1', '&cursor=c2'].map((cursor) => `GET ${query}${cursor}`));
  });

  it('takes URL and key from the environment, and says what is missing', async () => {
    const { POSTHOUSE_URL, POSTHOUSE_KEY } = process.env;
    try {
      delete process.env['POSTHOUSE_KEY'];
      process.env['POSTHOUSE_URL'] = 'https://mail.example.com/posthouse/';
      expect(() => new Posthouse()).toThrow('POSTHOUSE_KEY');
      expect(() => new Posthouse({ key: 'with a blank' })).toThrow('POSTHOUSE_KEY');
      expect(() => new Posthouse({ url: 'mail.example.com', key: 'k' })).toThrow('POSTHOUSE_URL');
      process.env['POSTHOUSE_KEY'] = 'ph_1';
      const requests: unknown[] = [];
      const fetch = async (url: unknown, init?: RequestInit) => {
        requests.push([url, new Headers(init?.headers).get('authorization')]);
        return Response.json({ id: '1', state: 'queued' });
      };
      await new Posthouse({ fetch: fetch as typeof globalThis.fetch }).mails.send(mail);
      expect(requests).toEqual([['https://mail.example.com/posthouse/v1/mails', 'Bearer ph_1']]);
    } finally {
      Object.assign(process.env, { POSTHOUSE_URL, POSTHOUSE_KEY });
      for (const [name, value] of Object.entries({ POSTHOUSE_URL, POSTHOUSE_KEY })) if (value === undefined) delete process.env[name];
    }
  });

  it('ends a try although a fetch of the caller ignores the signal', async () => {
    const fetch = () => new Promise<never>(() => undefined);
    const posthouse = new Posthouse({ url: 'http://127.0.0.1', key: 'k', fetch, tryTimeoutMs: 20, timeoutMs: 100 });
    expect(await errorOf(posthouse.mails.send(mail))).toMatchObject({ code: 'timeout' });
  });
});
