import { script } from '../redis/script.ts';

/**
 * Claims an idempotency key for the ids of mails that are about to be accepted.
 *
 * `body`: hash of the request. `ids`: JSON. `acceptanceTimeout`: ms until a claim without an answer can be taken over. `keep`: ms.
 * Returns 'claimed' or, when an earlier request has not ended, 'reclaimed', and the ids to accept (those of the first claim); or 'replay' and the answer; or 'busy'; or 'mismatch'
 * when the key was used with another request.
 */
export const claimScript = script({
  name: 'claim',
  keys: ['claim'],
  readsClock: true,
  args: { body: 'text', ids: 'text', acceptanceTimeout: 'number', keep: 'number' },
  returns: 'texts',
  lua: `
local claimedBody, claimedIds, answer, claimedAt = unpack(redis.call('HMGET', claim, 'body', 'ids', 'answer', 'at'))
if claimedBody and claimedBody ~= body then return {'mismatch'} end
if answer then return {'replay', answer} end
if claimedAt and now - tonumber(claimedAt) < acceptanceTimeout then return {'busy'} end
redis.call('HSET', claim, 'body', body, 'ids', claimedIds or ids, 'at', now)
redis.call('PEXPIRE', claim, keep)
return {claimedIds and 'reclaimed' or 'claimed', claimedIds or ids}`,
});
