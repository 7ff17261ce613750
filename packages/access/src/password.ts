/**
 * Passwords of users, hashed with scrypt (RFC 7914). A hash contains its parameters, so that they can be raised while older hashes stay
 * valid: `scrypt.<log2 N>.<r>.<p>.<salt>.<key>`. It has no character that Compose, a shell or a comma-separated list treats specially.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { limits } from '@posthouse/contract';

/** Parameters of scrypt: N is 2 to the power of `log2N`; `r` and `p` as in RFC 7914. */
interface Cost {
  log2N: number;
  r: number;
  p: number;
}

/** One of the minimum settings in OWASP's Password Storage Cheat Sheet: 32 MB of memory and about 0.3 s for each hash. */
const present: Cost = { log2N: 15, r: 8, p: 3 };

/**
 * The bounds of a hash that was stored: below them a password is too cheap to guess, above them a hash could exhaust the memory or the CPU of a process.
 * Each parameter has its own, because parameters far from the usual ones exceed the memory that `derive` allows scrypt.
 */
const bounds = {
  log2N: { min: 13, max: 17 },
  r: { min: 8, max: 32 },
  p: { min: 1, max: 16 },
  work: { min: work({ log2N: 15, r: 8, p: 1 }), max: 4 * work(present) },
  memory: { min: 0, max: 128 * 1024 * 1024 },
};

const pattern = /^scrypt\.([1-9]\d?)\.([1-9]\d?)\.([1-9]\d?)\.([\w-]{22})\.([\w-]{43})$/;

interface ParsedHash {
  cost: Cost;
  salt: Buffer;
  key: Buffer;
}

/** Hashes a password. @throws RangeError when it is too short or too long */
export async function hashPassword(password: string): Promise<string> {
  const { min, max } = limits.passwordLength;
  const length = lengthOf(password);
  if (length < min || length > max) throw new RangeError(`A password has ${min} to ${max} characters.`);
  const salt = randomBytes(16);
  const key = await derive(password, salt, present);
  return ['scrypt', present.log2N, present.r, present.p, salt.toString('base64url'), key.toString('base64url')].join('.');
}

/**
 * Checks a password. An unknown user, an older and cheaper hash and a wrong password all take as long as a correct one, so that the time
 * of a sign-in reveals nothing.
 *
 * @param hash of the user; undefined when there is no such user
 */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  if (lengthOf(password) > limits.passwordLength.max) return false;
  const parsed = hash === undefined ? undefined : parseHash(hash);
  const { cost, salt, key } = parsed ?? { cost: present, salt: randomBytes(16), key: randomBytes(32) };
  const derived = await derive(password, salt, cost);
  const missing = Math.ceil((work(present) - work(cost)) / work({ ...present, p: 1 }));
  if (missing > 0) await derive(password, salt, { ...present, p: missing });
  return timingSafeEqual(derived, key) && parsed !== undefined;
}

/** Returns a random password of 20 letters, digits, dashes and underscores: 120 bits. */
export function createPassword(): string {
  return randomBytes(15).toString('base64url');
}

/** In characters as NIST SP 800-63B, 3.1.1.2 counts them: code points after normalization. */
function lengthOf(password: string): number {
  return [...password.normalize('NFKC')].length;
}

/** Whether a text is a hash that `verifyPassword` accepts. */
export function isPasswordHash(text: string): boolean {
  return parseHash(text) !== undefined;
}

function parseHash(text: string): ParsedHash | undefined {
  const [, log2N, r, p, salt = '', key = ''] = pattern.exec(text) ?? [];
  if (log2N === undefined) return undefined;
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const measured = { ...cost, work: work(cost), memory: memory(cost) };
  const isWithinBounds = Object.entries(bounds).every(([name, { min, max }]) => {
    const value = measured[name as keyof typeof bounds];
    return value >= min && value <= max;
  });
  if (!isWithinBounds) return undefined;
  return { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
}

/** CPU time is proportional to it. */
function work({ log2N, r, p }: Cost): number {
  return 2 ** log2N * r * p;
}

/** Bytes, by RFC 7914, section 2. */
function memory({ log2N, r }: Cost): number {
  return 128 * 2 ** log2N * r;
}

/** NFKC, because keyboards and systems encode the same letters differently (NIST SP 800-63B, 3.1.1.2). */
function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  const { r, p } = cost;
  const options = { N: 2 ** cost.log2N, r, p, maxmem: 2 * memory(cost) };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
