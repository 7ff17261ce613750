import { expect, it } from 'vitest';
import { waits } from '../src/waits.ts';

it('the retry schedule takes about a day in ten attempts', () => {
  const hours = waits.retry.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
  expect(waits.retry).toHaveLength(9);
  expect(hours).toBeGreaterThan(23);
  expect(hours).toBeLessThan(25);
});

it('the waits cannot be changed, however deep', () => {
  expect(() => Object.assign(waits.smtp, { idle: 1 })).toThrow(TypeError);
  expect(() => (waits.retry as number[]).push(1)).toThrow(TypeError);
});
