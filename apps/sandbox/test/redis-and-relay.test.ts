import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { PrivateRedis } from '../src/processes/redis-and-relay.ts';

let redis: PrivateRedis;

afterEach(() => redis.stop());

test('an unexpected exit is logged once, and a closed connection is not taken for an exit', async () => {
  const logged: string[] = [];
  const exitLogged = new Promise<void>((resolve) => {
    redis = new PrivateRedis((line) => {
      logged.push(line);
      resolve();
    });
  });
  await redis.start();
  while ((await redis.cli('CLIENT', 'KILL', 'TYPE', 'normal')) === '0'); // until our connection was there to be closed
  while (!(await redis.cli('INFO', 'clients')).includes('connected_clients:2')); // until it is back, next to the one of redis-cli
  expect(logged).toEqual([]);
  await redis.kill('SIGKILL');
  await exitLogged;
  expect(logged).toEqual(['✗ Redis has exited. Start the sandbox again.']);
});

test('a stop is not logged', async () => {
  const logged: string[] = [];
  redis = new PrivateRedis((line) => logged.push(line));
  await redis.start();
  const { port } = redis;
  await redis.stop();
  // A reconnect of ours would have been refused before this one.
  await expect(once(connect(port), 'connect')).rejects.toThrow('ECONNREFUSED');
  expect(logged).toEqual([]);
});
