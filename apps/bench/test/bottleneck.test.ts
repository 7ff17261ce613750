import { expect, it } from 'vitest';
import { describeBottleneck } from '../src/measurements/bottleneck.ts';

const cost = { way: 'Posthouse', mailsPerSecond: 1000, process: 0.9, mainThread: 0.7, redis: 0.4, smtp: 0.1, commands: 50 };

it.each([
  ['waiting for replies', {}, 2],
  ['the main thread of the worker', { mainThread: 0.9 }, 8],
  ['Redis', { redis: 0.95 }, 8],
  ['the cores of this machine', { process: 1.3 }, 2],
])('names what limits the speed: %s', (limit, change, cores) => {
  expect(describeBottleneck({ ...cost, ...change }, cores)).toMatch(new RegExp(`^The limit of Posthouse was ${limit}: `));
});
