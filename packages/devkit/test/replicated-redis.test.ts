/** A failover as clients see it: the former primary refuses to write on the connections that it keeps, and new ones reach the new primary. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ReplicatedRedis } from '../src/replicated-redis.ts';

const redis = new ReplicatedRedis();
beforeAll(() => redis.start());
afterAll(() => redis.stop());

function connected(): Socket {
  return connect(redis.endpoint.port, '127.0.0.1').setEncoding('utf8');
}

async function reply(socket: Socket, command: string): Promise<string> {
  socket.write(`${command}\r\n`);
  const [answer] = await once(socket, 'data');
  return answer;
}

it('keeps the connections to the former primary, which refuses to write, and leads new ones to the new primary', async () => {
  const before = connected();
  expect(await reply(before, 'SET mail kept')).toBe('+OK\r\n');
  const { primary, replica } = redis;
  await redis.failOver();
  expect([redis.primary, redis.replica]).toEqual([replica, primary]);
  expect(await reply(before, 'SET mail again')).toMatch(/^-READONLY/);
  expect(await reply(before, 'GET mail')).toContain('kept');
  const after = connected();
  expect(await reply(after, 'SET mail again')).toBe('+OK\r\n');
  before.destroy();
  after.destroy();
});

it('fails back, with the endpoint moved later', async () => {
  const { primary } = redis;
  await redis.failOver({ moveEndpoint: false });
  const early = connected();
  expect(await reply(early, 'SET mail early')).toMatch(/^-READONLY/);
  redis.moveEndpoint();
  const late = connected();
  expect(await reply(late, 'GET mail')).toContain('again');
  expect(await reply(late, 'SET mail late')).toBe('+OK\r\n');
  expect(redis.replica).toBe(primary);
  early.destroy();
  late.destroy();
});
