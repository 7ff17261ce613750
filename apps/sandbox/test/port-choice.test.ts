import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { freePort } from '@posthouse/devkit';
import { expect, test } from 'vitest';
import { choosePort, loopback } from '../src/port-choice.ts';

const silent = () => undefined;

test('takes the port that was asked for, whether it is free or not', async () => {
  expect(await choosePort({ who: 'the API', asked: 4000, usual: 3000, tell: silent })).toBe(4000);
  expect(await choosePort({ who: 'the API', asked: 0, usual: 3000, tell: silent })).toBe(0);
});

test('takes the usual port when it is free', async () => {
  const usual = await freePort();
  expect(await choosePort({ who: 'the API', asked: undefined, usual, tell: silent })).toBe(usual);
});

test('takes any port when the usual one is taken, and says so', async () => {
  const holder = createServer().listen(0, loopback);
  await once(holder, 'listening');
  const usual = (holder.address() as AddressInfo).port;
  const told: string[] = [];
  expect(await choosePort({ who: 'the API', asked: undefined, usual, tell: (line) => told.push(line) })).toBe(0);
  expect(told).toEqual([`! Port ${usual} is taken, so the API will be on another one.`]);
  holder.close();
  await once(holder, 'close');
});
