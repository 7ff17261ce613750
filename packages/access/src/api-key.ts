/**
 * API keys: 256 random bits with a prefix that a secret scanner can find. Configuration holds only the
 * SHA-256; a key with that much entropy needs no slow hash, and the lookup costs one digest a request.
 */
import { createHash, randomBytes } from 'node:crypto';

/** A new key. It is shown once; only its hash is kept. */
export function createApiKey(): string {
  return `ph_${randomBytes(32).toString('base64url')}`;
}

/** The form of a key that configuration holds: SHA-256 in hex. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Parses the value of API_KEYS.
 *
 * @param list `name:sha256hex,…`: who holds each key, and the key's hash
 * @returns the holders' names by hash
 * @throws Error whose message completes a sentence that starts with the variable's name
 */
export function parseKeyHashes(list: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const entry of list.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [, name, hash] = /^([A-Za-z0-9._-]{1,64}):([0-9a-f]{64})$/.exec(entry) ?? [];
    if (name === undefined || hash === undefined) throw new Error('must be name:sha256hex,… as printed by `npm run keys -- <name>`');
    names.set(hash, name);
  }
  return names;
}
