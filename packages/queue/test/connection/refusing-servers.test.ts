/** Servers that cannot be used as they are: each is recognised, said in words, and used once it can be. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { durations } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { redisFailures } from '../../src/redis/redis-failures.ts';
import { sealer } from '../sample-mail.ts';

const server = new RedisProcess();
beforeAll(() => server.start());
afterAll(() => server.stop());

/** A caller's and a worker's connection. */
async function connect(url: string) {
  const log: [event: string, fields: Readonly<Record<string, string | number>>][] = [];
  const report = (...entry: (typeof log)[number]) => void log.push(entry);
  const requests = new RequestConnection(url, sealer, durations, report);
  const worker = new WorkerConnection(url, sealer, durations, report);
  await Promise.all([requests.start(), worker.start()]);
  return { requests, worker, log, stop: () => Promise.all([requests.stop(), worker.stop()]) };
}

/** Recorded from Redis 5.0.7, as in https://github.com/redis/rueidis/issues/88: HELLO came with version 6. It repeats the command as it was sent. */
const unknownHello = '-ERR unknown command `hello`, with args beginning with: `3`, \r\n';

it('Redis 5, which knows no HELLO, is too old', async () => {
  const old = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (piece) => piece.includes('hello') && socket.write(unknownHello));
  }).listen(0, '127.0.0.1');
  await once(old, 'listening');
  const { requests, log, stop } = await connect(`redis://127.0.0.1:${(old.address() as AddressInfo).port}`);
  await expect.poll(() => requests.state()).toBe('too-old');
  const { meaning, fix } = redisFailures['too-old'];
  await expect.poll(() => log).toEqual(Array(2).fill([meaning, { fix }]));
  await stop();
  old.close();
});

it('one with as many connections as maxclients allows is used as soon as it takes one more', async () => {
  const first = await connect(server.url);
  await expect.poll(() => first.requests.state()).toBe('ok');
  await first.worker.whenReady();
  await server.cli('CONFIG', 'SET', 'maxclients', '2');
  const { requests, log, stop } = await connect(server.url);
  await expect.poll(() => requests.state()).toBe('too-many-clients');
  const { meaning, fix } = redisFailures['too-many-clients'];
  await expect.poll(() => log).toEqual(Array(2).fill([meaning, { fix }]));
  await first.requests.handles.redis.config('SET', 'maxclients', '100');
  await expect.poll(() => requests.state()).toBe('ok');
  await expect.poll(() => log.slice(2)).toEqual(Array(2).fill(['Redis connected again', {}]));
  await Promise.all([stop(), first.stop()]);
});

it('one that wants a password says that the login is refused, and is used with the password', async () => {
  await server.cli('CONFIG', 'SET', 'requirepass', 'secret');
  const { requests, log, stop } = await connect(server.url);
  await expect.poll(() => requests.state()).toBe('login-refused');
  await expect.poll(() => log).toHaveLength(2);
  expect(log[0]).toEqual([redisFailures['login-refused'].meaning, { error: expect.stringContaining('NOAUTH'), fix: expect.any(String) }]);
  await stop();
  const withPassword = new RequestConnection(server.url, sealer, durations, () => undefined, { password: 'secret' });
  await withPassword.start();
  await expect.poll(() => withPassword.state()).toBe('ok');
  await withPassword.handles.redis.config('SET', 'requirepass', '');
  await withPassword.stop();
});
