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
