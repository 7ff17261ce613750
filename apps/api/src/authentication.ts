/** Authenticates a request by its bearer key: API_KEYS holds the key's SHA-256. */
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
 * Looks a key up by its hash, so that the time of the lookup reveals nothing about the keys themselves.
 *
 * @param keys names of API keys by the keys' SHA-256 in hex
 * @returns the name of the key
 * @throws Problem 401
 */
export function authenticate(keys: ReadonlyMap<string, string>, request: FastifyRequest): string {
  const key = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1];
  const name = key === undefined ? undefined : keys.get(hashApiKey(key));
  if (name === undefined) {
    const detail = key === undefined ? 'Send the header `Authorization: Bearer <key>`.' : 'API_KEYS does not contain this key.';
    throw new Problem('unauthorized', `${detail} Create a key with \`npm run keys -- <name>\`.`);
  }
  return name;
}
