import { describe, expect, it } from 'vitest';
import { createPassword, hashPassword, isPasswordHash, verifyPassword } from '../src/password.ts';

/** Hashes of "correct horse": the first with the parameters of version 0.1.0, the second with the present ones. */
const older = 'scrypt.15.8.1.BwcHBwcHBwcHBwcHBwcHBw.DwyUzmUaiGFG9yz8ckTfVXofGXa5D5aJ1NY15rEoFJ0';
const present = 'scrypt.15.8.3.BwcHBwcHBwcHBwcHBwcHBw.NCYQs2e0Syrh3_-2WdK11HeV2VgP-3yEQLxJrYGGOqQ';

/** A hash with these parameters, of no known password. */
const hashWith = (parameters: string) => `scrypt.${parameters}.${'a'.repeat(22)}.${'a'.repeat(43)}`;

it('a password matches its hash, and no other does', async () => {
  const hash = await hashPassword('correct horse');
  expect(await verifyPassword('correct horse', hash)).toBe(true);
  expect(await verifyPassword('correct horsf', hash)).toBe(false);
  expect(await verifyPassword('', hash)).toBe(false);
});

it('matches in every Unicode form that a keyboard may produce', async () => {
  const hash = await hashPassword('우리 동네 우체국에서 만나요'.normalize('NFC'));
  expect(await verifyPassword('우리 동네 우체국에서 만나요'.normalize('NFD'), hash)).toBe(true);
});

it('two hashes of one password differ, and fit into any list', async () => {
  const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  expect(one).not.toBe(other);
  expect(one).toMatch(/^scrypt\.15\.8\.3\.[\w-]{22}\.[\w-]{43}$/);
  expect(isPasswordHash(one)).toBe(true);
});

it('has 12 to 256 characters', async () => {
  await expect(hashPassword('a'.repeat(11))).rejects.toThrow('12 to 256');
  await expect(hashPassword('a'.repeat(257))).rejects.toThrow(RangeError);
  expect(await verifyPassword('a'.repeat(257), await hashPassword('a'.repeat(256)))).toBe(false);
});

it('counts characters, not what they are encoded with', async () => {
  await expect(hashPassword('🐴'.repeat(11))).rejects.toThrow('12 to 256');
  await expect(hashPassword('e\u0301'.repeat(11))).rejects.toThrow('12 to 256');
  expect(await verifyPassword('🐴'.repeat(200), await hashPassword('🐴'.repeat(200)))).toBe(true);
});

it('is generated within these limits, each time another one', async () => {
  const [one, other] = [createPassword(), createPassword()];
  expect(one).toMatch(/^[\w-]{20}$/);
  expect(one).not.toBe(other);
});

describe('the parameters', () => {
  it.each([older, present])('are read from the hash: %s', async (hash) => {
    expect(isPasswordHash(hash)).toBe(true);
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword('correct horsf', hash)).toBe(false);
  });

  it.each(['17.8.1', '16.8.2', '14.8.5', '13.8.10', '15.8.12'])('%s are accepted, as OWASP lists them, and may be raised', (parameters) => {
    expect(isPasswordHash(hashWith(parameters))).toBe(true);
  });

  it.each([
    '31.8.1',
    '18.8.1',
    '20.8.3',
    '15.99.1',
    '15.8.13',
    '14.8.1',
    '10.8.1',
    '15.8.0',
    '015.8.1',
    '15.8',
    '5.99.83',
    '12.32.4',
    '17.4.1',
    '13.33.2',
    '13.8.17',
  ])('%s are out of bounds', (parameters) => {
    expect(isPasswordHash(hashWith(parameters))).toBe(false);
  });
});

it.each(['13.8.16', '17.8.3', '15.32.3'])('a password can be checked at the bounds: %s', async (parameters) => {
  expect(isPasswordHash(hashWith(parameters))).toBe(true);
  expect(await verifyPassword('correct horse', hashWith(parameters))).toBe(false);
});

it.each(['', 'scrypt.15.8.1.a.b', hashWith('31.8.1'), `$2b$10$${'a'.repeat(53)}`])('no password matches %s', async (hash) => {
  expect(isPasswordHash(hash)).toBe(false);
  expect(await verifyPassword('correct horse', hash)).toBe(false);
});

it('an unknown user and an older hash cost as much CPU time as a present one', async () => {
  const cpuTime = async (hash: string | undefined) => {
    const before = process.cpuUsage();
    await verifyPassword('correct horse', hash);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const hashes = [present, undefined, older];
  const least = hashes.map(() => Number.POSITIVE_INFINITY);
  // Beside other work one may cost much more than it does alone: the least of several counts.
  const ratios = async () => {
    for (const [n, hash] of hashes.entries()) least[n] = Math.min(least[n] as number, await cpuTime(hash));
    return least.map((cost) => cost / (least[0] as number));
  };
  await expect.poll(ratios).toSatisfy((all: number[]) => all.every((ratio) => ratio > 0.6 && ratio < 1.7));
});
