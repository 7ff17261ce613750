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

it.each([
  [`a:${hash.slice(1)}`, 'has no hash of 64 digits from 0 to 9 and a to f after the name'],
  [`a:${hash.toUpperCase()}`, 'has no hash of 64 digits from 0 to 9 and a to f after the name'],
  [hash, 'has no hash of 64 digits from 0 to 9 and a to f after the name'],
  [`a b:${hash}`, 'has no name of 1 to 64 letters, digits, dots, dashes or underscores'],
  [`a:${hash}:send:x`, 'has more than name, hash and rights'],
  [`a:${createApiKey()}`, 'has a key itself; its SHA-256 belongs there, has no hash of 64 digits from 0 to 9 and a to f after the name'],
])('API_KEYS cannot be %s', (list, why) => {
  expect(() => parseApiKeys(list)).toThrow(
    new Error(`must be name:sha256hex[:rights],… as printed by \`npm run keys -- <name>\`; entry 1: ${why}`),
  );
});

it('an error of API_KEYS names every entry by its number and quotes no name or hash', () => {
  expect(() => parseApiKeys(`a:${hash},,planted,b:${'cd'.repeat(32)}:content,c:${hash}`)).toThrow(
    'must be name:sha256hex[:rights],… as printed by `npm run keys -- <name>`; entry 3: has no hash of 64 digits from 0 to 9 and a to f after the name; ' +
      'entry 4: The rights contain content without read-own or read-all; entry 5: has the hash of another entry',
  );
});
