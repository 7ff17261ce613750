/** The access tokens that three workers share, with a real Redis and a token endpoint over TLS. */
import { durations, timings } from '@posthouse/contract';
import { CertificateAuthority, RedisProcess, TokenEndpoint } from '@posthouse/devkit';
import { Sealer, SharedToken, sealKeys, WorkerConnection } from '@posthouse/queue';
import { createLogger } from '@posthouse/runtime';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ProviderTokens } from '../src/oauth/provider-tokens.ts';

const redis = new RedisProcess();
const connections: WorkerConnection[] = [];
const log = createLogger('test', 'silent');
const oauth = { ...timings.oauth, poll: 20 };
/** Redis may take as long as in production, except in the test that waits for the end of that time. */
const queue = { ...timings.queue };
let ca: CertificateAuthority;
let endpoint: TokenEndpoint;

beforeAll(async () => {
  ca = await CertificateAuthority.create();
  await redis.start();
  for (let count = 0; count < 3; count++) {
    const sealer = new Sealer(sealKeys('a'.repeat(64)));
    const connection = new WorkerConnection(redis.url, sealer, { ...durations, timings: { ...timings, queue } }, () => undefined);
    connections.push(connection);
    await connection.start();
  }
});
beforeEach(async () => {
  await redis.cli('FLUSHALL');
  endpoint = new TokenEndpoint({ ca, delayMs: 50 });
  await endpoint.start();
  return () => endpoint.stop();
});
afterAll(async () => {
  for (const connection of connections) await connection.stop();
  await redis.stop();
});

/** One for each worker, before any has a token. */
function workers(change: Partial<typeof oauth> = {}): ProviderTokens[] {
  const client = { kind: 'secret', secret: () => 'secret' } as const;
  const source = { tokenUrl: endpoint.url, clientId: 'app', scope: undefined, client, ca: ca.caPem };
  return connections.map((connection) => {
    const shared = new SharedToken(connection, { name: 'm365', account: 'account' });
    return new ProviderTokens('m365', source, shared, { ...oauth, ...change }, log);
  });
}

/** Of a token that is valid for an hour. */
async function beginLastQuarter(): Promise<void> {
  await redis.cli('EVAL', "for _, key in ipairs(redis.call('KEYS', '*:token:*')) do redis.call('PEXPIRE', key, 600000) end", '0');
}

/** Many logins at once on every worker. */
const logins = (tokens: readonly ProviderTokens[]) =>
  Promise.all([...tokens, ...tokens, ...tokens, ...tokens].map((each) => each.current()));

it('many logins at once on three workers: one request', async () => {
  expect(new Set(await logins(workers()))).toEqual(new Set(endpoint.tokens));
  expect(endpoint.requests).toHaveLength(1);
});

it('a token that is about to end is renewed once, and used until the next one is there', async () => {
  const tokens = workers({ renewBefore: 3_600_000 });
  const [first = ''] = await logins(tokens);
  await beginLastQuarter();
  await expect.poll(async () => await tokens[0]?.current()).not.toBe(first);
  expect(new Set(await logins(tokens))).toEqual(new Set([endpoint.tokens[1]]));
  expect(endpoint.requests).toHaveLength(2);
});

it('an endpoint that is down when a token is about to end is asked once in a lease, and the token is used', async () => {
  const tokens = workers({ renewBefore: 3_600_000, lease: 3_600_000 });
  const [first] = await logins(tokens);
  await beginLastQuarter();
  endpoint.answerWith({ status: 503, body: 'out of order' });
  expect(new Set(await logins(tokens))).toEqual(new Set([first]));
  await expect.poll(() => endpoint.requests.length).toBe(2);
  for (let round = 0; round < 20; round++) expect(new Set(await logins(tokens))).toEqual(new Set([first]));
  expect(endpoint.requests).toHaveLength(2);
});

it('a token that is refused on three workers is replaced once; the next one not at all', async () => {
  const tokens = workers();
  const [refused = ''] = await logins(tokens);
  const next = await Promise.all(tokens.map((each) => each.replace(refused)));
  expect(next).toEqual([endpoint.tokens[1], endpoint.tokens[1], endpoint.tokens[1]]);
  expect(await Promise.all(tokens.map((each) => each.replace(next[0] ?? '')))).toEqual([undefined, undefined, undefined]);
  expect(endpoint.requests).toHaveLength(2);
});

it('an endpoint that refuses is asked once by each worker, and none waits for the lease of another', async () => {
  endpoint.answerWith({ status: 400, body: '{"error":"invalid_client","error_description":"AADSTS7000215"}' });
  const results = await Promise.allSettled(workers({ lease: 60_000 }).map((each) => each.current()));
  for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'token-secret-wrong' } });
  expect(endpoint.requests).toHaveLength(3);
});

it('while Redis is down a worker goes on with its last token; one without a token says so', async () => {
  const tokens = workers();
  const last = await tokens[0]?.current();
  await redis.kill('SIGSTOP');
  queue.gate = 100;
  expect(await tokens[0]?.current()).toBe(last);
  await expect(tokens[1]?.current()).rejects.toMatchObject({ code: 'token-unknown' });
  expect(await tokens[0]?.replace(last ?? '')).toBeUndefined();
  await redis.kill('SIGCONT');
});
