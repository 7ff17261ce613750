import { endFunctions } from './end-functions.ts';

/**
 * sending → sent | failed | retrying | uncertain. An attempt reached a verdict.
 *
 * A known 250 always wins, in every state and whoever brings it. All else counts only from the run that has the mail:
 * another may have begun since. Where nobody knows the outcome and the mail is to be held, it becomes uncertain.
 * The same run may conclude twice, because a command that was not answered is sent again: the second changes nothing.
 *
 * KEYS: record, open mails. ARGV: now, id, outcomes (JSON by recipient index), sealed attempt, sealed receipt or '', provider,
 *       verdict, reason, rendered hash, next attempt at, ms to keep when sent, ms to keep when failed, attempts to keep,
 *       '1' when an unknown outcome is to be held, the run's token
 * Answers the state, or 'superseded' when another run has the mail, and when it is tried next.
 */
export const recordAttempt = `${endFunctions}
local now, id, next, token = ARGV[1], ARGV[2], ARGV[10], ARGV[15]
local before, run, expiresAt, concluded, due = unpack(redis.call('HMGET', KEYS[1], 'state', 'run', 'expiresAt', 'recordedBy', 'nextAttemptAt'))
if not before then return {'missing'} end
if concluded == token then return {before, due or ''} end
local ours = before == 'sending' and run == token
local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
for _, outcome in ipairs(cjson.decode(ARGV[3])) do
  local index = outcome.index + 1
  local recipient = recipients[index]
  local wins = outcome.state == 'accepted' or (ours and recipient.state == 'pending')
  if recipient.state ~= 'accepted' and wins then
    outcome.index, outcome.kind = nil, recipient.kind
    recipients[index] = outcome
  end
end
local number = redis.call('HINCRBY', KEYS[1], 'attemptCount', 1)
redis.call('HSET', KEYS[1], 'recipients', cjson.encode(recipients), 'attempt:' .. number, ARGV[4], 'recordedBy', token,
  'provider', ARGV[6], 'verdict', ARGV[7], 'reason', ARGV[8])
redis.call('HDEL', KEYS[1], 'attempt:' .. (number - tonumber(ARGV[13])))
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'receipt', ARGV[5]) end
if ARGV[9] ~= '' then redis.call('HSET', KEYS[1], 'renderedHash', ARGV[9]) end
local state = deriveState(recipients, ours and 'failed' or before)
if state == 'sent' and before ~= 'sent' or (ours and state == 'failed') then
  endMail(state, id, now, ARGV[11], ARGV[12])
  return {state}
end
if not ours then
  reindexMail(id, now)
  local isOpen = before == 'sending' or before == 'retrying' or before == 'queued' or before == 'scheduled'
  return {isOpen and 'superseded' or before}
end
if ARGV[14] == '1' then
  endMail('uncertain', id, now, ARGV[11], ARGV[12])
  return {'uncertain'}
end
if expiresAt and tonumber(expiresAt) < tonumber(next) then next = expiresAt end
redis.call('HSET', KEYS[1], 'state', state, 'nextAttemptAt', next)
redis.call('HDEL', KEYS[1], 'messageStartedAt', 'runs')
redis.call('ZADD', KEYS[2], next, id)
reindexMail(id, now)
return {state, next}`;
