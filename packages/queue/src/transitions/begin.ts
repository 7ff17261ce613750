import { workerPrefix } from '../redis/keys.ts';
import { isOneOf, reasonLiteral, script } from '../redis/script.ts';
import { unfinishedStates } from './applicable-states.ts';
import { endFunctions, retentionKinds } from './end-functions.ts';
import { fieldsWithout } from './read.ts';

/**
 * queued | scheduled | retrying | sending → sending; or retrying, expired, sent, failed. A run takes the mail.
 *
 * - Staged, its batch being accepted: unchanged. Only a refused transaction creates its job early.
 * - Not due yet: unchanged. Its job came early because a crash lost the delay. A queued mail is due whatever the clocks say.
 * - Left sending by a run behind the gate: unchanged while that run may still be waiting for its reply. That is until the
 *   deadline that the gate stored, as long as the worker sends heartbeats, and else until `replyTimeout` after the message
 *   started. After that the outcome is unknown, and the calling run records it.
 * - Left sending by a run that died before the gate: this mail, or another one in the same process, may have killed it. The mail
 *   waits, longer each time, and fails after `maxRuns` such runs.
 * - Past its expiry: not sent any more.
 *
 * `run`: names the calling run. `replyTimeout`: ms after the message started. `heartbeatExpiry`: ms after which a worker that died
 * has no heartbeat. `crashBackoff`: ms after the first crash. `overdueAfter`: ms until the sweeper looks at the mail.
 * Returns the outcome: 'ready' or 'outcome-unknown' with the fields that a run needs (all but the attempts); 'not-due' with when
 * it is due (ms since the epoch); else the mail's state, with its template ('' for none) where this run ended it, or 'missing'. Among the fields is `stateBefore`: the state that the run found.
 */
export const begin = script({
  name: 'begin',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: {
    id: 'text',
    run: 'text',
    replyTimeout: 'number',
    heartbeatExpiry: 'number',
    crashBackoff: 'number',
    maxRuns: 'number',
    overdueAfter: 'number',
    ...retentionKinds,
  },
  returns: 'bytes',
  lua: `${endFunctions}${fieldsWithout}
local state, due, messageStartedAt, messageStartedBy, replyBy, expiresAt, runs, attempts = unpack(redis.call('HMGET', record,
  'state', 'nextAttemptAt', 'messageStartedAt', 'messageStartedBy', 'replyBy', 'expiresAt', 'runs', 'attemptCount'))
if not state then return {'missing'} end
if state == 'staged' then return {'not-due', string.format('%.0f', now + overdueAfter)} end
if not ${isOneOf('state', unfinishedStates)} then return {state} end
runs = numberIn(runs, 0)
local outcome = 'ready'
local function notBefore(at)
  redis.call('ZADD', unfinished, at, id)
  return {'not-due', string.format('%.0f', at)}
end
local function giveUp(reason, otherwise)
  local recipients = cjson.decode(readLong('recipients'))
  rejectPending(recipients, reason, now)
  local ended, isPartial = deriveState(recipients, otherwise)
  endMail(ended, id, now, keepSent, keepFailed, keepTraffic, isPartial)
  return {ended, redis.call('HGET', record, 'template') or ''}
end
if (state == 'scheduled' or state == 'retrying') and due and tonumber(due) > now then return notBefore(tonumber(due)) end
if messageStartedAt then
  local freeAt = tonumber(messageStartedAt) + replyTimeout
  if messageStartedBy and redis.call('EXISTS', '${workerPrefix}' .. messageStartedBy) == 1 then
    -- The worker may die at any time: it is looked for again.
    freeAt = math.max(freeAt, math.min(numberIn(replyBy, now), now + heartbeatExpiry))
  end
  if freeAt > now then return notBefore(freeAt) end
  outcome = 'outcome-unknown'
elseif expiresAt and tonumber(expiresAt) <= now then
  return giveUp(${reasonLiteral('expired')}, 'expired')
else
  if runs >= maxRuns then
    redis.call('HSET', record, 'verdict', 'FAIL', 'reason', ${reasonLiteral('no-verdict')})
    return giveUp(${reasonLiteral('no-verdict')}, 'failed')
  end
  if state == 'sending' then
    local again = now + crashBackoff * 2 ^ math.max(runs - 1, 0)
    redis.call('HSET', record, 'state', 'retrying', 'nextAttemptAt', again)
    reindexMail(id, now)
    return notBefore(again)
  end
  runs = runs + 1
end
-- Read before anything is written: where Redis refuses to read, the mail stays as it is.
local fields = (not attempts or attempts == '0') and redis.call('HGETALL', record) or fieldsWithout('^attempt:')
for n = 1, #fields, 2 do
  if fields[n] == 'state' then fields[n + 1] = 'sending' end
end
redis.call('ZADD', unfinished, now + overdueAfter, id)
redis.call('HSET', record, 'state', 'sending', 'run', run, 'runs', runs)
reindexMail(id, now)
return {outcome, 'stateBefore', state, unpack(fields)}`,
});
