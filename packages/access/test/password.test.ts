import { expect, it } from 'vitest';
import { hashPassword, isPasswordHash, verifyPassword } from '../src/password.ts';

it('a password is known by its hash, and no other is', async () => {
  const hash = await hashPassword('correct horse');
  expect(await verifyPassword('correct horse', hash)).toBe(true);
  expect(await verifyPassword('correct horsf', hash)).toBe(false);
  expect(await verifyPassword('', hash)).toBe(false);
});

it('is the same password on a keyboard that composes its letters otherwise', async () => {
  expect(
    await verifyPassword(
      '우리 동네 우체국에서 만나요'.normalize('NFD'),
      await hashPassword('우리 동네 우체국에서 만나요'.normalize('NFC')),
    ),
  ).toBe(true);
});

it('the same password has another hash each time, which can stand in any list', async () => {
  const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  expect(one).not.toBe(other);
  expect(one).toMatch(/^[\w.-]+$/);
  expect(isPasswordHash(one)).toBe(true);
});

it.each(['', 'scrypt', 'scrypt.15.8.1.a.b', `scrypt.31.8.1.${'a'.repeat(22)}.${'a'.repeat(43)}`, `$2b$10$${'a'.repeat(53)}`])(
  'nothing is the password of %s',
  async (hash) => {
    expect(isPasswordHash(hash)).toBe(false);
    expect(await verifyPassword('correct horse', hash)).toBe(false);
  },
);

it('has 12 to 256 characters', async () => {
  await expect(hashPassword('a'.repeat(11))).rejects.toThrow('12 to 256');
  await expect(hashPassword('a'.repeat(257))).rejects.toThrow(RangeError);
  expect(await verifyPassword('a'.repeat(257), await hashPassword('a'.repeat(256)))).toBe(false);
});
