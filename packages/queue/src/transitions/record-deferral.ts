import { indexFunctions } from './index-functions.ts';

/**
 * sending → retrying. The provider could not take the mail; no attempt is used. Counts only from the run that has the mail.
 * KEYS: record, open mails. ARGV: id, sealed deferral, provider, reason, next attempt at, the run's token, now
 * Answers the state, or 'superseded' when another run has the mail, and when it is tried next.
 */
export const recordDeferral = `${indexFunctions}
local state, run, expiresAt, due = unpack(redis.call('HMGET', KEYS[1], 'state', 'run', 'expiresAt', 'nextAttemptAt'))
if not state then return {'missing'} end
if run == ARGV[6] and (state == 'retrying' or state == 'queued') then return {state, due} end
if run ~= ARGV[6] or state ~= 'sending' then
  local isOpen = state == 'sending' or state == 'retrying' or state == 'queued' or state == 'scheduled'
  return {isOpen and 'superseded' or state}
end
local next = ARGV[5]
if expiresAt and tonumber(expiresAt) < tonumber(next) then next = expiresAt end
redis.call('HINCRBY', KEYS[1], 'deferralCount', 1)
redis.call('HSET', KEYS[1], 'state', 'retrying', 'deferral', ARGV[2], 'provider', ARGV[3], 'verdict', 'DEFER', 'reason', ARGV[4], 'nextAttemptAt', next)
redis.call('HDEL', KEYS[1], 'messageStartedAt', 'runs')
redis.call('ZADD', KEYS[2], next, ARGV[1])
reindexMail(ARGV[1], ARGV[7])
return {'retrying', next}`;
