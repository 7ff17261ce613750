/**
 * API keys: 256 random bits with a prefix and a checksum, by which secret scanners find them. Only the SHA-256 of a key is stored: random
 * bits of this length need no slow hash, and the lookup costs one digest for each request.
 */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isValidName } from './identity.ts';
import { defaultRights, type KeyRights, parseKeyRights } from './key-rights.ts';

/** What a request is allowed by its key. */
export interface ApiKey {
  /** Mails, idempotency keys and rate belong to the name; several keys may have it, one after the other. */
  name: string;
  rights: KeyRights;
}

const prefix = 'ph_';
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62 to the power of 43 is just over 2 to the power of 256. */
const randomDigits = 43;
const checksumDigits = 6;

/** Returns a new key: the prefix, 43 random digits of base 62, and their checksum. It is shown once; only its hash is stored. */
export function createApiKey(): string {
  let random = '';
  // Bytes from 248 on would make the first digits more frequent than the others.
  while (random.length < randomDigits) random += [...randomBytes(64)].flatMap((byte) => (byte < 248 ? [digits[byte % 62]] : [])).join('');
  const body = prefix + random.slice(0, randomDigits);
  return body + checksumOf(body);
}

/** Whether a text has the form of a key and the right checksum: most of what is mistyped, cut off or made up has not. */
export function isApiKey(text: string): boolean {
  const body = text.slice(0, prefix.length + randomDigits);
  return /^ph_[0-9A-Za-z]{49}$/.test(text) && text === body + checksumOf(body);
}

/** CRC-32 in base 62. It is no secret: with it secret scanners do not mistake a similar text for a key. */
function checksumOf(body: string): string {
  let rest = crc32(body);
  let checksum = '';
  for (let n = 0; n < checksumDigits; n++) {
    checksum = (digits[rest % 62] as string) + checksum;
    rest = Math.floor(rest / 62);
  }
  return checksum;
}

/** The SHA-256 of a key in hex, as the configuration holds it. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Parses the value of API_KEYS.
 *
 * @param list `name:sha256hex[:rights],…`; without rights a key has `defaultRights`
 * @returns the keys by hash
 * @throws Error whose message completes a sentence that starts with the variable's name, and lists each invalid entry by its number, without
 *   its name, which may be a key in the wrong place
 */
export function parseApiKeys(list: string): ReadonlyMap<string, ApiKey> {
  const keys = new Map<string, ApiKey>();
  const issues: string[] = [];
  const entries = list.split(',').map((part) => part.trim());
  for (const [index, entry] of entries.entries()) {
    if (entry === '') continue;
    const [name = '', hash = '', rights = defaultRights, ...more] = entry.split(':');
    const found = [
      ...(entry.split(':').some(isApiKey) ? ['has a key itself; its SHA-256 belongs there'] : []),
      ...(isValidName(name) ? [] : ['has no name of 1 to 64 letters, digits, dots, dashes or underscores']),
      ...(/^[0-9a-f]{64}$/.test(hash) ? [] : ['has no hash of 64 digits from 0 to 9 and a to f after the name']),
      ...(more.length === 0 ? [] : ['has more than name, hash and rights']),
      ...(keys.has(hash) ? ['has the hash of another entry'] : []),
    ];
    try {
      const parsed = parseKeyRights(rights);
      if (found.length === 0) keys.set(hash, { name, rights: parsed });
    } catch (error) {
      found.push((error as Error).message);
    }
    if (found.length > 0) issues.push(`entry ${index + 1}: ${found.join(', ')}`);
  }
  if (issues.length > 0)
    throw new Error(`must be name:sha256hex[:rights],… as printed by \`npm run keys -- <name>\`; ${issues.join('; ')}`);
  return keys;
}
