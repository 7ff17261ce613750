import { ending } from './ending.ts';

/**
 * uncertain → sent | queued. A person has found out whether it arrived.
 * KEYS: record, open mails. ARGV: now, id, 'delivered' or 'sendAgain', ms to keep. Answers whether it changed anything, and the state.
 */
export const resolve = `${ending}
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'uncertain' then return {'0', state or 'missing'} end
if ARGV[3] == 'delivered' then
  local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
  for _, recipient in ipairs(recipients) do
    if recipient.state == 'pending' then recipient.state, recipient.reason, recipient.at = 'accepted', 'resolved', tonumber(ARGV[1]) end
  end
  redis.call('HSET', KEYS[1], 'recipients', cjson.encode(recipients))
  finish('sent', ARGV[2], ARGV[1], ARGV[4], ARGV[4])
  return {'1', 'sent'}
end
redis.call('HSET', KEYS[1], 'state', 'queued', 'nextAttemptAt', ARGV[1], 'scheduleFrom', redis.call('HGET', KEYS[1], 'attemptCount'))
redis.call('HDEL', KEYS[1], 'endedAt')
redis.call('PERSIST', KEYS[1])
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[2])
return {'1', 'queued'}`;
