import { expect, it } from 'vitest';
import { createApiKey, hashApiKey } from '../src/api-key.ts';

it('keys are long, different each time, and known by their SHA-256', () => {
  const key = createApiKey();
  expect(key).toMatch(/^ph_[\w-]{43}$/);
  expect(createApiKey()).not.toBe(key);
  expect(hashApiKey('ph_test')).toBe('9d1656fb6765f77d4ecae86868ce1d822fca3b0ae75a54975be431b37f9115cf');
});
