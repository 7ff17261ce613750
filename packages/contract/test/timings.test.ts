import { expect, it } from 'vitest';
import { timings } from '../src/timings.ts';

it('the retry schedule takes about a day in ten attempts', () => {
  const hours = timings.retry.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
  expect(timings.retry).toHaveLength(9);
  expect(hours).toBeGreaterThan(23);
  expect(hours).toBeLessThan(25);
});

it('a revoked API key is refused within 2 s', () => {
  const { poll, confirmed } = timings.apiKeys;
  expect(poll).toBeLessThan(confirmed);
  expect(confirmed).toBeLessThan(2000);
});

it('timings are frozen at every level', () => {
  expect(() => Object.assign(timings.smtp, { idle: 1 })).toThrow(TypeError);
  expect(() => (timings.retry as number[]).push(1)).toThrow(TypeError);
});
