import { ending } from './ending.ts';

/**
 * sending → sent | failed | retrying | uncertain. An attempt reached a verdict.
 *
 * Refusals count only while the mail is sending; a known 250 always wins, in every state. Where nobody knows the outcome
 * and the mail is to be held, it becomes uncertain.
 *
 * KEYS: record, open mails. ARGV: now, id, outcomes (JSON by recipient index), sealed attempt, sealed receipt or '', provider,
 *       verdict, reason, rendered hash, next attempt at, ms to keep when sent, ms to keep when failed, attempts to keep,
 *       '1' when an unknown outcome is to be held
 */
export const conclude = `${ending}
local now, id, next = ARGV[1], ARGV[2], ARGV[10]
local before, expiresAt = unpack(redis.call('HMGET', KEYS[1], 'state', 'expiresAt'))
if not before then return {'missing'} end
local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
for _, outcome in ipairs(cjson.decode(ARGV[3])) do
  local index = outcome.index + 1
  local recipient = recipients[index]
  local wins = outcome.state == 'accepted' or (before == 'sending' and recipient.state == 'pending')
  if recipient.state ~= 'accepted' and wins then
    outcome.index, outcome.kind = nil, recipient.kind
    recipients[index] = outcome
  end
end
local number = redis.call('HINCRBY', KEYS[1], 'attemptCount', 1)
redis.call('HSET', KEYS[1], 'recipients', cjson.encode(recipients), 'attempt:' .. number, ARGV[4],
  'provider', ARGV[6], 'verdict', ARGV[7], 'reason', ARGV[8])
redis.call('HDEL', KEYS[1], 'attempt:' .. (number - tonumber(ARGV[13])), 'dotAt', 'runs')
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'receipt', ARGV[5]) end
if ARGV[9] ~= '' then redis.call('HSET', KEYS[1], 'renderedHash', ARGV[9]) end
local state = settled(recipients, before == 'sending' and 'failed' or before)
if state ~= 'retrying' then
  if before == 'sending' or state == 'sent' then finish(state, id, now, ARGV[11], ARGV[12]) end
elseif ARGV[14] == '1' then
  state = 'uncertain'
  finish(state, id, now, ARGV[11], ARGV[12])
else
  if expiresAt and tonumber(expiresAt) < tonumber(next) then next = expiresAt end
  redis.call('HSET', KEYS[1], 'state', state, 'nextAttemptAt', next)
  redis.call('ZADD', KEYS[2], next, id)
end
return {state, next}`;
