/** Who asks: a bearer key whose SHA-256 is in the configuration. */
import { hashApiKey } from '@posthouse/access';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the API key that the request came with. */
    apiKey: string;
  }
}

/**
 * Looks a key up by its digest: an attacker who measures the lookup learns of digests, never of keys.
 * @throws Problem 401
 */
export function authenticate(keys: ReadonlyMap<string, string>, request: FastifyRequest): string {
  const key = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1];
  const name = key === undefined ? undefined : keys.get(hashApiKey(key));
  if (name === undefined) {
    const detail = key === undefined ? 'Send the header `Authorization: Bearer <key>`.' : 'This key is not in API_KEYS.';
    throw new Problem('unauthorized', `${detail} Make a key with \`npm run keys -- <name>\`.`);
  }
  return name;
}
