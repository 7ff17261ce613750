/**
 * Idempotency keys: the second request with the same key gets the answer to the first, and never causes a second mail.
 *
 * The key is claimed together with the mails' ids before anything is accepted, and its answer is stored once the mails are
 * accepted. A claim whose acceptance was interrupted is taken over with the same ids, so that a mail that was accepted
 * already is not accepted again.
 */
import type { Redis } from 'ioredis';
import { runScript } from '../redis/script.ts';
import { claimScript } from './claim-script.ts';

/** The result of a claim: accept under these ids, answered before, in progress, or used with another request. */
export type Claim =
  | { status: 'claimed'; ids: string[] }
  | { status: 'replay'; answer: string }
  | { status: 'busy' }
  | { status: 'mismatch' };

/** What a key was answered with, or that it was used with another request; undefined when it is free or in progress. */
export async function answered(redis: Redis, key: string, bodyHash: string): Promise<Claim | undefined> {
  const [body, answer] = await redis.hmget(key, 'body', 'answer');
  if (body != null && body !== bodyHash) return { status: 'mismatch' };
  return answer == null ? undefined : { status: 'replay', answer };
}

/** @param ms `acceptanceTimeout`: until an unanswered claim can be taken over; `keep`: that the claim is kept */
export async function claimIds(
  redis: Redis,
  key: string,
  bodyHash: string,
  ids: readonly string[],
  ms: { acceptanceTimeout: number; keep: number },
): Promise<Claim> {
  const args = { now: Date.now(), body: bodyHash, ids: JSON.stringify(ids), ...ms };
  const [status, detail = ''] = await runScript(redis, claimScript, { claim: key }, args);
  if (status === 'claimed') return { status, ids: JSON.parse(detail) };
  return status === 'replay' ? { status, answer: detail } : { status: status as 'busy' | 'mismatch' };
}
