import { endFunctions } from './end-functions.ts';

/**
 * queued | scheduled | retrying | sending → sending; or retrying, expired, sent, failed. A run takes the mail.
 *
 * - Not due yet: left alone; its job came early, because a crash lost the delay. A queued mail is due, whatever the clocks say.
 * - Left sending by a run that died behind the gate: nobody knows whether it arrived. While that run might still be
 *   waiting for its reply the mail is left alone; then this run is told, and concludes it.
 * - Left sending by a run that died before the gate: it, or a neighbour, may have killed its process. It is put back with
 *   a wait that grows, and fails when too many runs ended so.
 * - Past its expiry: not sent any more.
 *
 * KEYS: record, open mails. ARGV: now, id, ms that a reply may be on its way, ms for a suspect, runs at the most,
 *       ms until overdue, ms to keep when sent, ms to keep when failed, the run's token
 * Answers what was found, and for `ready` and `outcome-unknown` the fields that a run needs: all but the attempts.
 */
export const begin = `${endFunctions}
local now, id = tonumber(ARGV[1]), ARGV[2]
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'missing'} end
if state ~= 'queued' and state ~= 'scheduled' and state ~= 'retrying' and state ~= 'sending' then return {state} end
local due, messageStartedAt, expiresAt = unpack(redis.call('HMGET', KEYS[1], 'nextAttemptAt', 'messageStartedAt', 'expiresAt'))
local answer = 'ready'
local function leave(at)
  redis.call('ZADD', KEYS[2], at, id)
  return {'not-due', tostring(at)}
end
if (state == 'scheduled' or state == 'retrying') and due and tonumber(due) > now then return leave(due) end
if messageStartedAt then
  local known = tonumber(messageStartedAt) + tonumber(ARGV[3])
  if known > now then return leave(string.format('%.0f', known)) end
  answer = 'outcome-unknown'
elseif expiresAt and tonumber(expiresAt) <= now then
  local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
  refusePending(recipients, 'expired', ARGV[1])
  local ended = deriveState(recipients, 'expired')
  endMail(ended, id, ARGV[1], ARGV[7], ARGV[8])
  return {ended}
else
  local runs = tonumber(redis.call('HGET', KEYS[1], 'runs') or '0')
  if runs >= tonumber(ARGV[5]) then
    local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
    refusePending(recipients, 'no-verdict', ARGV[1])
    redis.call('HSET', KEYS[1], 'verdict', 'FAIL', 'reason', 'no-verdict')
    local ended = deriveState(recipients, 'failed')
    endMail(ended, id, ARGV[1], ARGV[7], ARGV[8])
    return {ended}
  end
  if state == 'sending' then
    local again = string.format('%.0f', now + tonumber(ARGV[4]) * 2 ^ math.max(runs - 1, 0))
    redis.call('HSET', KEYS[1], 'state', 'retrying', 'nextAttemptAt', again)
    reindexMail(id, ARGV[1])
    return leave(again)
  end
  redis.call('HINCRBY', KEYS[1], 'runs', 1)
end
redis.call('HSET', KEYS[1], 'state', 'sending', 'run', ARGV[9])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[6]), id)
reindexMail(id, ARGV[1])
local fields = {}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(name, 1, 8) ~= 'attempt:' then
    table.insert(fields, name)
    table.insert(fields, redis.call('HGET', KEYS[1], name))
  end
end
return {answer, fields}`;
