/**
 * Idempotency keys: the second request with the same key gets the answer to the first, and never causes a second mail.
 *
 * The key is claimed together with the mails' ids before anything is accepted, and its answer is stored once the mails are
 * accepted. A claim whose acceptance was interrupted is taken over with the same ids, so that a mail that was accepted
 * already is not accepted again.
 */
import type { KeyRate } from '@posthouse/access';
import type { Redis } from 'ioredis';
import { keyRateKey } from '../redis/keys.ts';
import { redisTime } from '../redis/redis-time.ts';
import { runScript } from '../redis/script.ts';
import { claimScript } from './claim-script.ts';
import { type RateUse, rateArgs, rateUse } from './key-rate.ts';

/** What is known of an idempotency key. */
export type Claim =
  /** Accept under these ids. `isRepeat`: an earlier request had the same, and its outcome is not known. */
  | { status: 'claimed'; ids: string[]; isRepeat: boolean; rate?: RateUse }
  /** Nothing was claimed, because the rate of the API key allows no more mails now. */
  | { status: 'limited'; rate: RateUse }
  | { status: 'replay'; answer: string }
  /** The first request is in progress. */
  | { status: 'busy' }
  /** The key was used with another request. */
  | { status: 'mismatch' };

/**
 * What is known of a key before it is claimed; undefined when it is free.
 * @param acceptanceTimeout ms until an unanswered claim can be taken over
 */
export async function findClaim(redis: Redis, key: string, bodyHash: string, acceptanceTimeout: number): Promise<Claim | undefined> {
  const [[body, ids, answer, claimedAt], now] = await Promise.all([redis.hmget(key, 'body', 'ids', 'answer', 'at'), redisTime(redis)]);
  if (body == null || ids == null) return undefined;
  if (body !== bodyHash) return { status: 'mismatch' };
  if (answer != null) return { status: 'replay', answer };
  return now - Number(claimedAt) < acceptanceTimeout ? { status: 'busy' } : { status: 'claimed', ids: JSON.parse(ids), isRepeat: true };
}

/**
 * @param apiKey whose rate, if it has one, a new claim takes its mails from
 * @param ms `acceptanceTimeout`: until an unanswered claim can be taken over; `keep`: that the claim is kept
 */
export async function claimIds(
  redis: Redis,
  key: string,
  bodyHash: string,
  ids: readonly string[],
  apiKey: { name: string; rate: KeyRate | undefined },
  ms: { acceptanceTimeout: number; keep: number },
): Promise<Claim> {
  const args = { body: bodyHash, ids: JSON.stringify(ids), ...ms, ...rateArgs(apiKey.rate, ids.length) };
  const keys = { claim: key, rate: keyRateKey(apiKey.name) };
  const [status, detail = '', ...use] = await runScript(redis, claimScript, keys, args);
  const rate = rateUse(use.map(Number));
  if (status === 'limited') return { status, rate };
  if (status === 'claimed' || status === 'reclaimed') {
    return { status: 'claimed', ids: JSON.parse(detail), isRepeat: status === 'reclaimed', ...(use.length > 0 && { rate }) };
  }
  return status === 'replay' ? { status, answer: detail } : { status: status as 'busy' | 'mismatch' };
}
