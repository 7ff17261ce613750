/** A small app of the package's parts: headers, forms, errors, assets, flash messages and event streams. */
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import cookie from '@fastify/cookie';
import { timings } from '@posthouse/contract';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { assetRoutes, consumeFlash, createWebApp, errorHandler, HttpError, sendEvents, sendPage, setFlash } from '../src/web.ts';

let app: FastifyInstance;
let failures: string[];

beforeEach(async () => {
  failures = [];
  app = await createWebApp({
    maxFormBytes: 1000,
    timings: timings.http,
    errorHandler: errorHandler({
      explain: ({ statusCode = 500, message }) => new HttpError(statusCode, message, 'Try again.'),
      render: ({ statusCode, message, advice }) => `${statusCode} ${message} ${advice}`,
      onFailure: (error, shown) => void failures.push(`${shown.statusCode} ${error.message}`),
    }),
  });
  await app.register(cookie);
  await app.register(assetRoutes({ folder: new URL('.', import.meta.url), packaged: { 'the-manifest.json': manifest } }));
});
afterEach(() => app.close());

const manifest = new URL('../package.json', import.meta.url).pathname;

it('lets a page load only our own files, and cannot be framed by another site', async () => {
  const policy = String((await app.inject('/')).headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https:|\*/);
});

it('answers every error with a page, and reports those of the server', async () => {
  app.get('/unavailable', () => {
    throw new HttpError(503, 'Redis does not respond');
  });
  app.get('/bug', () => {
    throw new Error('a bug');
  });
  expect((await app.inject('/nothing')).body).toBe('404 Not Found ');
  expect((await app.inject('/%')).statusCode).toBe(400);
  const unavailable = await app.inject('/unavailable');
  expect([unavailable.statusCode, unavailable.headers['retry-after'], unavailable.headers['cache-control']]).toEqual([
    503,
    '5',
    'no-store',
  ]);
  expect((await app.inject('/bug')).statusCode).toBe(500);
  expect(failures).toEqual(['503 Redis does not respond', '500 a bug']);
});

it('reads forms up to the limit, and nothing else', async () => {
  app.post('/', ({ body }) => body);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await app.inject({ method: 'POST', url: '/', headers: form, payload: 'a=1' })).json()).toEqual({ a: '1' });
  expect((await app.inject({ method: 'POST', url: '/', headers: form, payload: 'a'.repeat(1001) })).statusCode).toBe(413);
  expect((await app.inject({ method: 'POST', url: '/', payload: { a: 1 } })).statusCode).toBe(415);
});

it('serves the files of the package, of the app and of npm packages, and no other file', async () => {
  expect((await app.inject('/assets/tokens.css')).body).toContain('--background');
  expect((await app.inject('/assets/web-app.test.ts')).body).toContain('serves the files');
  expect((await app.inject('/assets/the-manifest.json')).json()).toMatchObject({ name: '@posthouse/web' });
  for (const path of ['', '../package.json', '..%2fpackage.json', 'package.json'])
    expect((await app.inject(`/assets/${path}`)).body).not.toContain('"@posthouse/web"');
});

it('shows a flash message once, on its page only', async () => {
  app.post('/mails/1', (request, reply) => {
    setFlash(request, reply, { path: '/mails/1', message: 'retry:true', lifetimeMs: 60_000 });
    return reply.redirect('/mails/1', 303);
  });
  app.get('/mails/1', (request, reply) => sendPage(reply, consumeFlash(request, reply, '/mails/1') ?? 'none'));
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const [flash] = (await app.inject({ method: 'POST', url: '/mails/1', headers: form, payload: '' })).cookies;
  expect(flash).toMatchObject({ path: '/mails/1', httpOnly: true, sameSite: 'Strict', maxAge: 60 });
  const shown = await app.inject({ url: '/mails/1', cookies: { [flash?.name ?? '']: flash?.value ?? '' } });
  expect(shown.body).toBe('retry:true');
  expect(shown.cookies[0]).toMatchObject({ name: flash?.name, value: '', path: '/mails/1' });
  expect((await app.inject('/mails/1')).body).toBe('none');
});

it.each([
  ['splits at LF', 'one\ntwo\n', 'data: one\ndata: two\ndata: \n\n'],
  ['splits at CR', 'one\rtwo', 'data: one\ndata: two\n\n'],
  ['splits at CRLF', 'one\r\ntwo', 'data: one\ndata: two\n\n'],
  ['does not split at U+2028', 'one\u2028two', 'data: one\u2028two\n\n'],
])('%s: the data of an event', async (_name, data, expected) => {
  app.get('/events', (_request, reply) =>
    sendEvents(
      reply,
      async function* () {
        yield { data };
      },
      () => undefined,
    ),
  );
  expect((await app.inject('/events')).body).toBe(expected);
});

it('streams events line by line, and ends the stream when they fail', async () => {
  app.get('/events', (_request, reply) =>
    sendEvents(
      reply,
      async function* () {
        yield { data: '<p>\none\n</p>' };
        yield { event: 'end', data: 'done' };
        throw new Error('Redis went down');
      },
      ({ message }) => failures.push(message),
    ),
  );
  const { body, headers } = await app.inject('/events');
  expect(headers['content-type']).toBe('text/event-stream');
  expect(body).toBe('data: <p>\ndata: one\ndata: </p>\n\nevent: end\ndata: done\n\n');
  expect(failures).toEqual(['Redis went down']);
});

it('aborts the signal when the connection has closed', async () => {
  const closed = new Promise<void>((resolve) => {
    app.get('/events', (_request, reply) =>
      sendEvents(
        reply,
        async function* (signal) {
          signal.addEventListener('abort', () => resolve());
          yield { data: 'first' };
          await once(signal, 'abort');
          signal.throwIfAborted();
        },
        ({ message }) => failures.push(message),
      ),
    );
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const reader = (await fetch(`${url}/events`)).body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await closed;
  expect(failures).toEqual([]);
});

it('answers in plain words what is no HTTP, also where the client has closed its half of the connection', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1', () => socket.end('hello'));
  expect(await text(socket)).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/plain[\s\S]*\r\n\r\nThis is not a valid HTTP request\.\n$/,
  );
});
