/**
 * failed → queued. The recipients that were refused are pending again, the schedule begins anew, the history stays.
 * A mail that expired while it had failed gets as long again as it had.
 * KEYS: record, open mails. ARGV: now, id. Answers whether it changed anything, and the state.
 */
export const retry = `
local state, dueAt, expiresAt, attempts = unpack(redis.call('HMGET', KEYS[1], 'state', 'dueAt', 'expiresAt', 'attemptCount'))
if not state then return {'0', 'missing'} end
if state ~= 'failed' or redis.call('HEXISTS', KEYS[1], 'content') == 0 then return {'0', state} end
local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
for _, recipient in ipairs(recipients) do
  if recipient.state == 'refused' then recipient.state = 'pending' end
end
if tonumber(expiresAt) <= tonumber(ARGV[1]) then
  expiresAt = string.format('%.0f', tonumber(ARGV[1]) + tonumber(expiresAt) - tonumber(dueAt))
end
redis.call('HSET', KEYS[1], 'state', 'queued', 'recipients', cjson.encode(recipients), 'scheduleFrom', attempts, 'nextAttemptAt', ARGV[1], 'expiresAt', expiresAt)
redis.call('HDEL', KEYS[1], 'endedAt', 'runs')
redis.call('PERSIST', KEYS[1])
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[2])
return {'1', 'queued'}`;
