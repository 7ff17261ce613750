/** Authenticates a request by its bearer key, and checks that the key has the right that the route requires. */
import { type ApiKey, hashApiKey, isApiKey } from '@posthouse/access';
import type { ApiKeyRegistry } from '@posthouse/queue';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';
import { keyAdvice } from './request-advice.ts';

/** What a route can require; every key may use a route that requires `none`. */
type RequiredRight = 'send' | 'read' | 'act' | 'metrics' | 'none';

declare module 'fastify' {
  interface FastifyRequest {
    /** The API key that the request came with. */
    apiKey: ApiKey;
    /** Its SHA-256 in hex; '' where the request has no text of the form of a key. */
    apiKeyHash: string;
  }
  interface FastifyContextConfig {
    /** The right that the route requires. */
    right?: RequiredRight;
  }
}

/** Adds the hooks that authenticate every request. A route that does not state a right cannot be registered afterwards. */
export function requireRights(app: FastifyInstance, keys: ApiKeyRegistry): void {
  app.decorateRequest('apiKey');
  app.decorateRequest('apiKeyHash', '');
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.right === undefined) throw new Error(`The route ${method} ${url} does not say which right it requires`);
  });
  app.addHook('onRequest', async (request) => {
    const key = keyOf(request);
    if (key !== undefined && isApiKey(key)) request.apiKeyHash = hashApiKey(key);
    await admit(keys, request);
  });
  app.addHook('preHandler', async (request) => {
    // The key may have been revoked while the body arrived.
    if (request.body !== undefined) await admit(keys, request);
  });
}

async function admit(keys: ApiKeyRegistry, request: FastifyRequest): Promise<void> {
  request.apiKey = await authenticate(keys, request);
  const { right = 'none' } = request.routeOptions.config;
  const { rights } = request.apiKey;
  if ((right === 'send' || right === 'metrics') && !rights[right]) throw rightMissing(right);
  if ((right === 'read' || right === 'act') && rights[right] === 'none') throw rightMissing(`${right}-own`);
}

/** The owner whose mails alone the key may read or act on; undefined where it may do so with all. */
export function ownerOf({ name, rights }: ApiKey, right: 'read' | 'act'): string | undefined {
  return rights[right] === 'all' ? undefined : name;
}

/** The problem of a key that lacks a right. */
export function rightMissing(right: string): Problem {
  return new Problem('right-missing', `This API key does not have the right \`${right}\`. An administrator of Posthouse can give it.`);
}

/**
 * Looks a key up by its hash, so that the time of the lookup reveals nothing about the keys themselves.
 * @throws Problem 401
 */
async function authenticate(keys: ApiKeyRegistry, request: FastifyRequest): Promise<ApiKey> {
  const { apiKeyHash } = request;
  const known = apiKeyHash === '' ? undefined : await keys.find(apiKeyHash);
  if (known === undefined) {
    const detail = keyAdvice(request, keyOf(request));
    throw new Problem('unauthorized', `${detail} Create a key with \`npm run keys -- create <name>\`.`);
  }
  return known;
}

/** The text of a bearer key; undefined where there is none. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,256})$/i.exec(headers.authorization ?? '')?.[1];
}
