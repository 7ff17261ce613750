import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { PrivateRedis } from '../src/private-redis.ts';

let redis: PrivateRedis;

afterEach(() => redis.stop());

test('its end is told once, and a connection that was closed is not its end', async () => {
  const told: string[] = [];
  const heard = new Promise<void>((resolve) => {
    redis = new PrivateRedis((line) => {
      told.push(line);
      resolve();
    });
  });
  await redis.start();
  while ((await redis.cli('CLIENT', 'KILL', 'TYPE', 'normal')) === '0'); // until ours was there to be closed
  while (!(await redis.cli('INFO', 'clients')).includes('connected_clients:2')); // until it is there again, beside this one
  expect(told).toEqual([]);
  await redis.kill('SIGKILL');
  await heard;
  expect(told).toEqual(['✗ Redis has ended. Start the sandbox again.']);
});

test('a stop is no end to tell of', async () => {
  const told: string[] = [];
  redis = new PrivateRedis((line) => told.push(line));
  await redis.start();
  const { port } = redis;
  await redis.stop();
  // By the time that somebody else was refused, it would have been, too.
  await expect(once(connect(port), 'connect')).rejects.toThrow('ECONNREFUSED');
  expect(told).toEqual([]);
});
