/**
 * sending → sending, with `messageStartedAt`: the last moment before the message's bytes go out. Opens only for the run that
 * holds the job's lock, and only while the mail is still to be sent.
 * KEYS: record, the job's lock. ARGV: now, the lock's token.
 */
export const gate = `
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 'lease-lost' end
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'sending' then return state or 'missing' end
redis.call('HSET', KEYS[1], 'messageStartedAt', ARGV[1])
return 'open'`;
