import { expect, it } from 'vitest';
import { createApiKey, hashApiKey, parseApiKeys } from '../src/api-key.ts';
import { defaultRights, parseKeyRights } from '../src/key-rights.ts';

it('keys are long, different each time, and known by their SHA-256', () => {
  const key = createApiKey();
  expect(key).toMatch(/^ph_[0-9A-Za-z]{49}$/);
  expect(createApiKey()).not.toBe(key);
  expect(hashApiKey('ph_test')).toBe('9d1656fb6765f77d4ecae86868ce1d822fca3b0ae75a54975be431b37f9115cf');
});

const hash = 'ab'.repeat(32);

it('API_KEYS gives the name and the rights of each hash; without rights a key has the default', () => {
  const other = 'cd'.repeat(32);
  expect(parseApiKeys(`a:${hash}, b.c:${other}:read-all+content,`)).toEqual(
    new Map([
      [hash, { name: 'a', rights: parseKeyRights(defaultRights) }],
      [other, { name: 'b.c', rights: parseKeyRights('read-all+content') }],
    ]),
  );
});

it.each([`a:${hash.slice(1)}`, hash, `a b:${hash}`, `a:${hash}:send:x`])('API_KEYS cannot be %s', (list) => {
  expect(() => parseApiKeys(list)).toThrow(/^must be name:sha256hex.*; entry 1 is not$/);
});

it('an error of API_KEYS names every entry by its number and quotes no name or hash', () => {
  expect(() => parseApiKeys(`a:${hash},,planted,b:${'cd'.repeat(32)}:content`)).toThrow(
    'must be name:sha256hex[:rights],… as printed by `npm run keys -- <name>`; entry 3 is not; entry 4: The rights contain content without read-own or read-all',
  );
});
