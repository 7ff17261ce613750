/**
 * API keys: 256 random bits with a prefix that secret scanners can find. The configuration holds only the SHA-256 of a key: random bits of
 * this length need no slow hash, and the lookup costs one digest for each request.
 */
import { createHash, randomBytes } from 'node:crypto';
import { isValidName } from './identity.ts';

/** Returns a new key. It is shown once; only its hash is stored. */
export function createApiKey(): string {
  return `ph_${randomBytes(32).toString('base64url')}`;
}

/** The SHA-256 of a key in hex, as the configuration holds it. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Parses the value of API_KEYS.
 *
 * @param list `name:sha256hex,…`
 * @returns the names of the keys by hash
 * @throws Error whose message completes a sentence that starts with the variable's name
 */
export function parseKeyHashes(list: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const entries = list.split(',').map((part) => part.trim());
  for (const [index, entry] of entries.entries()) {
    if (entry === '') continue;
    const [name = '', hash = '', ...more] = entry.split(':');
    if (!isValidName(name) || !/^[0-9a-f]{64}$/.test(hash) || more.length > 0)
      throw new Error(`must be name:sha256hex,… as printed by \`npm run keys -- <name>\`; entry ${index + 1} is not`);
    names.set(hash, name);
  }
  return names;
}
