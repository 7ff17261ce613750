import { isOneOf, script } from '../redis/script.ts';
import { unfinishedStates } from './applicable-states.ts';
import { endFunctions, retentionKinds } from './end-functions.ts';
import { gateFields } from './gate.ts';

/**
 * sending → sent | failed | retrying | uncertain. An attempt reached a verdict.
 *
 * A known 250 always wins, in every state and from any run. All else counts only from the run that has the mail: another
 * may have begun since. With `hold`, an unknown outcome makes the mail uncertain. `unanswered`: see DeliveryAttempt.
 * A run may record the same attempt twice, because a command without an answer is sent again: the second changes nothing.
 *
 * `outcomes`: JSON, by recipient index. `number`: of the attempt, for which it is sealed. `attempt`, `receipt`: sealed; `receipt`, `provider` and `renderedHash` may be ''.
 * `kept`: what is kept of the content once all recipients were accepted, sealed, or ''; it takes the place of the content in the same step.
 * `keptState`: the content's state then. `keepContent`: ms, at most as long as the record; 0 for as long as the record.
 * `cause`: a digest of what the server said about the gravest outcome, or ''; see `replyPattern`.
 * `wait`: ms until it is tried again. `maxAttempts`: attempts kept in the record. `run`: names the calling run.
 * Returns the state, or 'superseded' when another run has the mail, or 'missing'; and when it is tried next. Or 'renumber' and the number
 * that the attempt has to be sealed for, having changed nothing.
 */
export const recordAttempt = script({
  name: 'recordAttempt',
  keys: ['record', 'unfinished', 'content'],
  readsClock: true,
  args: {
    id: 'text',
    run: 'text',
    outcomes: 'text',
    number: 'number',
    attempt: 'bytes',
    receipt: 'bytes',
    provider: 'text',
    verdict: 'text',
    reason: 'text',
    cause: 'text',
    renderedHash: 'text',
    kept: 'bytes',
    keptState: 'text',
    keepContent: 'number',
    wait: 'number',
    hold: 'flag',
    unanswered: 'flag',
    maxAttempts: 'number',
    ...retentionKinds,
  },
  returns: 'texts',
  lua: `${endFunctions}
local before, currentRun, expiresAt, recordedBy, due, attempts, unansweredBefore, recipientsBefore, causeBefore = unpack(redis.call('HMGET', record,
  'state', 'run', 'expiresAt', 'recordedBy', 'nextAttemptAt', 'attemptCount', 'unansweredCount', 'recipients', 'cause'))
if not before then return {'missing'} end
if recordedBy == run then return {before, due or ''} end
local free = numberIn(attempts, 0) + 1
if number ~= free then return {'renumber', string.format('%d', free)} end
local ours = before == 'sending' and currentRun == run
local recipients = cjson.decode(longIn(record, 'recipients', recipientsBefore))
for _, outcome in ipairs(cjson.decode(outcomes)) do
  local index = outcome.index + 1
  local recipient = recipients[index]
  local wins = outcome.state == 'accepted' or (ours and recipient.state == 'pending')
  if recipient.state ~= 'accepted' and wins then
    outcome.index, outcome.kind = nil, recipient.kind
    recipients[index] = outcome
  end
end
local fields = {'recordedBy', run, 'attemptCount', number, 'provider', provider, 'verdict', verdict, 'reason', reason}
addLong(fields, 'recipients', cjson.encode(recipients))
addLong(fields, 'attempt:' .. number, attempt)
local function set(name, value) fields[#fields + 1], fields[#fields + 2] = name, value end
if receipt ~= '' then addLong(fields, 'receipt', receipt) end
if unanswered and ours then set('unansweredCount', numberIn(unansweredBefore, 0) + 1) end
if cause ~= '' then set('cause', cause) elseif causeBefore then redis.call('HDEL', record, 'cause') end
if renderedHash ~= '' then set('renderedHash', renderedHash) end
if number > maxAttempts then deleteLong('attempt:' .. (number - maxAttempts)) end
local state, isPartial = deriveState(recipients, ours and 'failed' or before)
if state == 'sent' and before ~= 'sent' or (ours and state == 'failed') then
  local deletesContent = endMail(state, id, now, keepSent, keepFailed, keepTraffic, isPartial, fields)
  if deletesContent and kept ~= '' then
    local keep = keepContent > 0 and math.min(keepContent, keepSent) or keepSent
    -- The sweeper deletes what is kept as long as the record, as Redis expires it with the record.
    redis.call('SET', content, kept, 'PX', string.format('%.0f', keepContent > 0 and keep or keep * 2))
    redis.call('HSET', record, 'contentState', keptState, 'contentUntil', string.format('%.0f', now + keep))
  end
  return {state}
end
if not ours then
  redis.call('HSET', record, unpack(fields))
  -- The last recipient of a partly sent mail was accepted after all.
  if state == 'sent' and not isPartial then
    deleteContent()
    redis.call('HDEL', record, 'rejected')
  end
  reindexMail(id, now)
  return {${isOneOf('before', unfinishedStates)} and 'superseded' or before}
end
if hold then
  endMail('uncertain', id, now, keepSent, keepFailed, keepTraffic, false, fields)
  return {'uncertain'}
end
local nextAt = math.min(now + wait, tonumber(expiresAt) or now + wait)
redis.call('HSET', record, 'state', state, 'nextAttemptAt', nextAt, unpack(fields))
redis.call('HDEL', record, ${gateFields}, 'runs')
redis.call('ZADD', unfinished, nextAt, id)
reindexMail(id, now)
return {state, string.format('%.17g', nextAt)}`,
});
