/**
 * API keys: 256 random bits with a prefix that secret scanners can find. Only the SHA-256 of a key is stored: random bits of this length
 * need no slow hash, and the lookup costs one digest for each request.
 */
import { createHash, randomBytes } from 'node:crypto';
import { isValidName } from './identity.ts';
import { defaultRights, type KeyRights, parseKeyRights } from './key-rights.ts';

/** What a request is allowed by its key. */
export interface ApiKey {
  /** Mails, idempotency keys and rate belong to the name; several keys may have it, one after the other. */
  name: string;
  rights: KeyRights;
}

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
 * @param list `name:sha256hex[:rights],…`; without rights a key has `defaultRights`
 * @returns the keys by hash
 * @throws Error whose message completes a sentence that starts with the variable's name
 */
export function parseApiKeys(list: string): ReadonlyMap<string, ApiKey> {
  const keys = new Map<string, ApiKey>();
  const issues: string[] = [];
  const entries = list.split(',').map((part) => part.trim());
  for (const [index, entry] of entries.entries()) {
    if (entry === '') continue;
    const [name = '', hash = '', rights = defaultRights, ...more] = entry.split(':');
    const isEntry = isValidName(name) && /^[0-9a-f]{64}$/.test(hash) && more.length === 0;
    try {
      if (isEntry) keys.set(hash, { name, rights: parseKeyRights(rights) });
      else issues.push(`entry ${index + 1} is not`);
    } catch (error) {
      issues.push(`entry ${index + 1}: ${(error as Error).message}`);
    }
  }
  if (issues.length > 0)
    throw new Error(`must be name:sha256hex[:rights],… as printed by \`npm run keys -- <name>\`; ${issues.join('; ')}`);
  return keys;
}
