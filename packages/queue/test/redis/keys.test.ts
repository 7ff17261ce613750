import { afterAll, beforeEach, expect, it, vi } from 'vitest';

let keys: typeof import('../../src/redis/keys.ts');

// As in a process of its own.
beforeEach(async () => {
  vi.resetModules();
  keys = await import('../../src/redis/keys.ts');
});
// The next file in this process would have the keys of another queue.
afterAll(() => vi.resetModules());

/** What does not begin with the name of the queue. */
const others = ['queueName', 'jobName', 'classPrefix', 'defaultPrefix'];

it.each(['news', 'posthouse'])('every key carries the hash tag of the queue %s', (name) => {
  keys.usePrefix(name);
  // The bindings as they are after that.
  const all = Object.entries({ ...keys }).filter(([each]) => !others.includes(each) && each !== 'usePrefix');
  const made = all.flatMap(([, key]) => (typeof key === 'function' ? (key as (...parts: string[]) => unknown)('a', 'b') : key));
  const texts = made
    .flatMap((key) => (typeof key === 'object' ? Object.values(key as object) : key))
    .filter((key) => typeof key === 'string');
  expect(texts.length).toBeGreaterThan(60);
  expect(texts.filter((key) => !key.startsWith(`{${name}}`))).toEqual([]);
});

it('a process works on one queue only', () => {
  keys.usePrefix('news');
  keys.usePrefix('news');
  expect(() => keys.usePrefix()).toThrow('This process works on the queue "news". Start another process with QUEUE_PREFIX=posthouse');
  expect(keys.recordKey('1')).toBe('{news}:record:1');
});
