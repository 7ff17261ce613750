/**
 * sending → retrying. The provider could not take the mail; no attempt is used.
 * KEYS: record, open mails. ARGV: id, sealed deferral, provider, reason, next attempt at
 */
export const defer = `
local state, expiresAt = unpack(redis.call('HMGET', KEYS[1], 'state', 'expiresAt'))
if not state then return {'missing'} end
if state ~= 'sending' then return {state} end
local next = ARGV[5]
if expiresAt and tonumber(expiresAt) < tonumber(next) then next = expiresAt end
redis.call('HINCRBY', KEYS[1], 'deferralCount', 1)
redis.call('HSET', KEYS[1], 'state', 'retrying', 'deferral', ARGV[2], 'provider', ARGV[3], 'verdict', 'DEFER', 'reason', ARGV[4], 'nextAttemptAt', next)
redis.call('HDEL', KEYS[1], 'dotAt', 'runs')
redis.call('ZADD', KEYS[2], next, ARGV[1])
return {'retrying', next}`;
