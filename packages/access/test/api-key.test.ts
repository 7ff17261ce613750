import { expect, it } from 'vitest';
import { createApiKey, hashApiKey, parseKeyHashes } from '../src/api-key.ts';

it('keys are long, different each time, and known by their SHA-256', () => {
  const key = createApiKey();
  expect(key).toMatch(/^ph_[\w-]{43}$/);
  expect(createApiKey()).not.toBe(key);
  expect(hashApiKey('ph_test')).toBe('9d1656fb6765f77d4ecae86868ce1d822fca3b0ae75a54975be431b37f9115cf');
});

const hash = 'ab'.repeat(32);

it('API_KEYS gives the holder of each hash', () => {
  const other = 'cd'.repeat(32);
  expect(parseKeyHashes(`a:${hash}, b.c:${other},`)).toEqual(
    new Map([
      [hash, 'a'],
      [other, 'b.c'],
    ]),
  );
});

it.each([`a:${hash.slice(1)}`, hash, `a b:${hash}`, `a:${hash}:x`])('API_KEYS cannot be %s', (list) => {
  expect(() => parseKeyHashes(list)).toThrow(/^must be name:sha256hex.*; entry 1 is not$/);
});

it('an error of API_KEYS names the entry by its number and quotes nothing of it', () => {
  expect(() => parseKeyHashes(`a:${hash},,planted`)).toThrow(
    'must be name:sha256hex,… as printed by `npm run keys -- <name>`; entry 3 is not',
  );
});
