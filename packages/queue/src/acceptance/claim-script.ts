import { script } from '../redis/script.ts';
import { rateFunction } from './key-rate.ts';

/**
 * Claims an idempotency key for the ids of mails that are about to be accepted.
 *
 * `body`: hash of the request. `ids`: JSON. `acceptanceTimeout`: ms until a claim without an answer can be taken over. `keep`: ms.
 * Returns 'claimed' or, when an earlier request has not ended, 'reclaimed', and the ids to accept (those of the first claim); or 'replay' and the answer; or 'busy'; or 'mismatch'
 * when the key was used with another request; or 'limited' where a new claim is more than the rate allows. A new claim under a rate takes its
 * mails from it, and what `takeMails` returns follows.
 */
export const claimScript = script({
  name: 'claim',
  keys: ['claim', 'rate'],
  readsClock: true,
  args: { body: 'text', ids: 'text', acceptanceTimeout: 'number', keep: 'number', mails: 'number', interval: 'number', quota: 'number' },
  returns: 'texts',
  lua: `${rateFunction}
local claimedBody, claimedIds, answer, claimedAt = unpack(redis.call('HMGET', claim, 'body', 'ids', 'answer', 'at'))
if claimedBody and claimedBody ~= body then return {'mismatch'} end
if answer then return {'replay', answer} end
if claimedAt and now - tonumber(claimedAt) < acceptanceTimeout then return {'busy'} end
local use = {}
if not claimedIds and quota > 0 then use = takeMails(rate, mails, interval, quota) end
if (use[1] or 0) > 0 then return {'limited', '', unpack(use)} end
redis.call('HSET', claim, 'body', body, 'ids', claimedIds or ids, 'at', now)
redis.call('PEXPIRE', claim, keep)
return {claimedIds and 'reclaimed' or 'claimed', claimedIds or ids, unpack(use)}`,
});

/**
 * Gives a claim up: the next request with the key takes it over at once. `ids`: JSON. The claim of another request stays as it is.
 * Returns 1, or 0 where it stays.
 */
export const releaseScript = script({
  name: 'releaseClaim',
  keys: ['claim'],
  args: { ids: 'text' },
  returns: 'number',
  lua: `
if redis.call('HGET', claim, 'ids') ~= ids then return 0 end
redis.call('HDEL', claim, 'answer')
redis.call('HSET', claim, 'at', 0)
return 1`,
});
