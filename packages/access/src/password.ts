/**
 * Passwords of people: hashed with scrypt (RFC 7914), slow and memory-hard, each with a salt of its own. A hash says how it
 * was made, and has no character that Compose, a shell or a comma-separated list would take for its own: `scrypt.15.8.1.<salt>.<key>`.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { limits } from '@posthouse/contract';

/** 32 MB of memory and near 100 ms for each try. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const scheme = 'scrypt.15.8.1';
const hashPattern = /^scrypt\.15\.8\.1\.([\w-]{22})\.([\w-]{43})$/;

/** The form of a password that configuration holds. @throws RangeError when it is too short or too long */
export async function hashPassword(password: string): Promise<string> {
  const { min, max } = limits.passwordLength;
  if (password.length < min || password.length > max) throw new RangeError(`A password has ${min} to ${max} characters.`);
  const salt = randomBytes(16);
  return [scheme, salt.toString('base64url'), (await derive(password, salt)).toString('base64url')].join('.');
}

/** Whether the password is the one that was hashed; false as well for what is no hash of ours. Takes as long whether it is or not. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, salt, key] = hashPattern.exec(hash) ?? [];
  if (salt === undefined || key === undefined || password.length > limits.passwordLength.max) return false;
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url')), Buffer.from(key, 'base64url'));
}

/** Whether this is what `hashPassword` returns. */
export function isPasswordHash(text: string): boolean {
  return hashPattern.test(text);
}

/** The same letters may be typed as different characters, by keyboard and system: NFKC makes them one (NIST SP 800-63B, 3.1.1.2). */
function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
