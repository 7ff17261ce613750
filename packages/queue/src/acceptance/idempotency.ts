/**
 * Idempotency keys: the second request with the same key gets the first one's answer, and never a second mail.
 *
 * The key is claimed together with the mails' ids before anything is accepted, and answered in the transaction that
 * accepts. A claim whose acceptance broke off is taken over with the same ids, so that what had been accepted already
 * is not accepted again.
 */
import type { Redis } from 'ioredis';

/** KEYS: claim. ARGV: now, body hash, ids (JSON), ms that an acceptance may take, ms to keep. */
const claim = `
local body, ids, answer, at = unpack(redis.call('HMGET', KEYS[1], 'body', 'ids', 'answer', 'at'))
if body and body ~= ARGV[2] then return {'mismatch'} end
if answer then return {'replay', answer} end
if at and tonumber(ARGV[1]) - tonumber(at) < tonumber(ARGV[4]) then return {'busy'} end
redis.call('HSET', KEYS[1], 'body', ARGV[2], 'ids', ids or ARGV[3], 'at', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {'claimed', ids or ARGV[3]}`;

/** What a claim came to: ours to accept under these ids, answered before, in progress, or of another body. */
export type Claim =
  | { status: 'claimed'; ids: string[] }
  | { status: 'replay'; answer: string }
  | { status: 'busy' }
  | { status: 'mismatch' };

/** What a key has been answered with, or that it was used with another body; undefined when it is free or in progress. */
export async function answered(redis: Redis, key: string, bodyHash: string): Promise<Claim | undefined> {
  const [body, answer] = await redis.hmget(key, 'body', 'answer');
  if (body != null && body !== bodyHash) return { status: 'mismatch' };
  return answer == null ? undefined : { status: 'replay', answer };
}

/** @param waits ms that an acceptance may take, and that the claim is kept */
export async function claimIds(
  redis: Redis,
  key: string,
  bodyHash: string,
  ids: readonly string[],
  timings: { claim: number; keep: number },
): Promise<Claim> {
  if (!('posthouse:claim' in redis)) redis.defineCommand('posthouse:claim', { numberOfKeys: 1, lua: claim });
  const run = (redis as unknown as Record<string, (...args: (string | number)[]) => Promise<[Claim['status'], string]>>)['posthouse:claim'];
  const [status, detail] = await (run as NonNullable<typeof run>).call(
    redis,
    key,
    Date.now(),
    bodyHash,
    JSON.stringify(ids),
    timings.claim,
    timings.keep,
  );
  if (status === 'claimed') return { status, ids: JSON.parse(detail) };
  return status === 'replay' ? { status, answer: detail } : { status };
}
