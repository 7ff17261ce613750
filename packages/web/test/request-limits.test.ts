/** The limits on what requests occupy at a time, over real connections. */
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { limits, timings } from '@posthouse/contract';
import { addRequestLimits } from '@posthouse/runtime';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';

let app: FastifyInstance;
let http: { bodyProgress: number } & typeof timings.http;
let sockets: Socket[];
let answered: number;
/** `working` when a request to `/waits` is worked on, which ends with `proceed`. */
const events = new EventEmitter();

beforeEach(async () => {
  sockets = [];
  answered = 0;
  app = fastify({ bodyLimit: 10_000 });
  http = { ...timings.http, bodyProgress: 60_000 };
  addRequestLimits(app, http, { bytes: 1000, reserve: 300, small: 100 });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onSend', async () => void answered++);
  app.get('/', async () => 'page');
  app.post('/', async ({ body }) => `${String(body).length}`);
  app.post('/waits', async ({ body }) => {
    const ended = once(events, 'proceed');
    events.emit('working');
    await ended;
    return `${String(body).length}`;
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await app.close();
});

/** A connection that sends these bytes. `until` resolves with all that has come, when it matches or the connection has ended. */
function open(sent: string): { socket: Socket; until: (pattern?: RegExp) => Promise<string> } {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(sent));
  sockets.push(socket);
  let received = '';
  socket.on('data', (piece) => {
    received += piece;
  });
  socket.on('error', () => undefined);
  const until = async (pattern?: RegExp) => {
    while (!socket.closed && !pattern?.test(received)) await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    return received;
  };
  return { socket, until };
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (length: number, body: string, path = '/') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nContent-Length: ${length}\r\n\r\n${body}`;
const chunked = (...chunks: string[]) =>
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}`;
const whole = (body: string, path?: string) => post(body.length, body, path);

it('requests one after the other share a connection', async () => {
  const { socket, until } = open(get);
  expect(await until(/page/)).toContain('200 OK');
  socket.write(whole('abc'));
  expect(await until(/\r\n\r\n3$/)).toContain('200 OK');
  socket.write(get);
  expect(await until(/page[\s\S]*page/)).toMatch(/^(HTTP\/1.1 200 OK[\s\S]*){3}$/);
});

it('a request before the answer to the one before closes the connection, and is not carried out', async () => {
  expect(await open(get.repeat(1000)).until()).not.toMatch(/page[\s\S]*page/);
  expect(answered).toBeLessThanOrEqual(1);
});

it('a body over the budget is refused before it has come, and the connection stays usable', async () => {
  const working = once(events, 'working');
  const first = open(whole('a'.repeat(600), '/waits'));
  await working;
  const second = open(post(200, ''));
  expect(await second.until(/\r\n\r\n\{.*\}/)).toContain('503 Service Unavailable');
  second.socket.write('a'.repeat(200) + get);
  expect(await second.until(/page/)).toMatch(/503[\s\S]*200 OK/);
  // What is kept for small bodies is not used up.
  expect(await open(whole('a'.repeat(100))).until(/\r\n\r\n100$/)).toContain('200 OK');
  events.emit('proceed');
  expect(await first.until(/\r\n\r\n600$/)).toContain('200 OK');
  second.socket.write(whole('a'.repeat(700)));
  expect(await second.until(/\r\n\r\n700$/)).toContain('200 OK');
});

it('a body that no request may have is refused before it has come, and the connection stays open for the client that still sends it', async () => {
  const { socket, until } = open(post(limits.requestBytes + 1, 'abc'));
  const answer = await until(/\r\n\r\n.+/);
  expect(answer).toContain('413 Payload Too Large');
  expect(answer).not.toMatch(/connection: close/i);
  socket.write('x'.repeat(limits.requestBytes - 2) + get);
  expect(await until(/page/)).toContain('200 OK');
});

it('a body of unknown length is counted as it comes', async () => {
  const within = open(chunked('a'.repeat(600), 'a'.repeat(100), ''));
  expect(await within.until(/\r\n\r\n700$/)).toContain('200 OK');
  const over = open(chunked('a'.repeat(600), 'a'.repeat(101), ''));
  expect(await over.until(/\r\n\r\n\{.*\}/)).toContain('503 Service Unavailable');
  expect(await open(whole('a'.repeat(700))).until(/\r\n\r\n700$/)).toContain('200 OK');
});

it('a refused body that stops ends its connection', async () => {
  http.bodyProgress = 100;
  expect(await open(post(800, 'a')).until()).toContain('503 Service Unavailable');
});

it.each([
  ['stops', post(700, 'a'.repeat(500))],
  ['of unknown length stops', chunked('a'.repeat(500))],
])('a body that %s ends with 408, and gives its bytes back', async (_which, sent) => {
  http.bodyProgress = 100;
  expect(await open(sent).until()).toMatch(/408 Request Timeout[\s\S]*connection: close/i);
  expect(await open(whole('a'.repeat(700))).until(/\r\n\r\n700$/)).toContain('200 OK');
});

it('the bytes of a body are free again when its connection has broken off, and not before the work on it has ended', async () => {
  const ended = new Promise((resolve) => app.server.once('connection', (socket) => socket.once('close', resolve)));
  const part = open(post(700, 'a'));
  part.socket.once('connect', () => part.socket.resetAndDestroy());
  await ended;
  const working = once(events, 'working');
  const closed = new Promise((resolve) => app.server.once('connection', (socket) => socket.once('close', resolve)));
  const { socket } = open(whole('a'.repeat(700), '/waits'));
  await working;
  socket.destroy();
  await closed;
  const other = open(whole('a'.repeat(700)));
  expect(await other.until(/\r\n\r\n\{.*\}/)).toContain('503 Service Unavailable');
  events.emit('proceed');
  other.socket.write(whole('a'.repeat(700)));
  expect(await other.until(/\r\n\r\n700$/)).toContain('200 OK');
});
