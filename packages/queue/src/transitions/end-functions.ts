/**
 * Lua functions for the end of a mail and for starting it again. Scripts carry them, together with those of index-functions;
 * they use the script's keys `record` and `unfinished`.
 *
 * - `deriveState` derives the state from the recipients: any pending → retrying; else any accepted → sent; else `otherwise`. Its second
 *   result is true when some of them were accepted and others rejected.
 * - `deleteContent` deletes the content, and returns true where there was any.
 * - `endMail` stores an end, with further `fields` where the script has some: how long the record is kept, and whether its content is deleted
 *   at once. A failed, uncertain or partly sent mail keeps it, for the recipients that have not got the mail. The sweeper deletes the record
 *   when its retention is over. If no worker runs for as long again, Redis expires it after twice the time, and its entries in the indexes
 *   stay. Returns true when it deleted content. A mail counts as sent once, however often its rejected recipients
 *   are retried.
 * - `giveUpKey` ends a mail whose key holds something else, so that it is purged like a failed one.
 * - `rejectPending` gives up on all pending recipients.
 * - `requeue` starts the retry schedule from the beginning. A mail that has expired in the meantime gets as much time as it had.
 */
import { partBytes } from '../record/field-parts.ts';
import { retentionKey } from '../redis/keys.ts';
import { isOneOf } from '../redis/script.ts';
import { contentKept } from './applicable-states.ts';
import { gateFields } from './gate.ts';
import { indexFunctions } from './index-functions.ts';

/** How long `endMail` keeps a record, and the counts of the hour, in ms. */
export const retentionKinds = { keepSent: 'number', keepFailed: 'number', keepTraffic: 'number' } as const;

/**
 * Lua for scripts of processes without a setting for how long records are kept: `keepSent` and `keepFailed` become those of the worker that
 * has sent a heartbeat last, so that all processes use the same. Until there was one they stay as they are.
 */
export const retentionOfWorkers = `
local sentOfWorkers, failedOfWorkers = unpack(redis.call('HMGET', '${retentionKey}', 'sent', 'failed'))
keepSent, keepFailed = tonumber(sentOfWorkers) or keepSent, tonumber(failedOfWorkers) or keepFailed`;

export const endFunctions = `${indexFunctions}
local function deriveState(recipients, otherwise)
  local pending, accepted, rejected = false, false, false
  for _, recipient in ipairs(recipients) do
    pending = pending or recipient.state == 'pending'
    accepted = accepted or recipient.state == 'accepted'
    rejected = rejected or recipient.state == 'rejected'
  end
  return pending and 'retrying' or (accepted and 'sent' or otherwise), accepted and rejected
end
local function deleteContent()
  local wasLarge = redis.call('HSTRLEN', record, 'content') > ${partBytes}
  local isDeleted = deleteLong('content')
  if wasLarge then
    -- A hash that has lost its compact encoding gets it again only when it is written as a new one.
    local fields = redis.call('HGETALL', record)
    redis.call('DEL', record)
    redis.call('HSET', record, unpack(fields))
  end
  return isDeleted
end
local function reasonOfRejected()
  for _, recipient in ipairs(cjson.decode(readLong('recipients'))) do
    if recipient.state == 'rejected' and recipient.reason then return recipient.reason end
  end
  return ''
end
local function endMail(state, id, now, keepSent, keepFailed, keepTraffic, isPartial, fields)
  redis.call('HSET', record, 'state', state, 'endedAt', now, unpack(fields or {}))
  redis.call('HDEL', record, ${gateFields}, 'runs', 'run', 'nextAttemptAt')
  redis.call('ZREM', unfinished, id)
  local keepsContent = isPartial or ${isOneOf('state', contentKept)}
  local deletesContent = not keepsContent and deleteContent()
  local keep = keepsContent and keepFailed or keepSent
  expireAt(id, now + keep)
  redis.call('PEXPIRE', record, keep * 2)
  if isPartial then redis.call('HSET', record, 'rejected', reasonOfRejected()) end
  local wasCounted = state == 'sent' and redis.call('HEXISTS', record, 'countedAsSent') == 1
  if (state == 'sent' or state == 'failed') and not wasCounted then count(state, now, keepTraffic) end
  reindexMail(id, now)
  return deletesContent
end
local function giveUpKey(id, now, keepFailed)
  redis.call('ZREM', unfinished, id)
  expireAt(id, now + keepFailed)
end
local function requeue(id, now)
  local dueAt, expiresAt, attempts = unpack(redis.call('HMGET', record, 'dueAt', 'expiresAt', 'attemptCount'))
  dueAt, expiresAt = numberIn(dueAt, now), numberIn(expiresAt, now)
  if expiresAt <= now then expiresAt = now + expiresAt - dueAt end
  redis.call('HSET', record, 'state', 'queued', 'scheduleFrom', attempts or 0, 'nextAttemptAt', now,
    'expiresAt', string.format('%.0f', expiresAt))
  redis.call('HDEL', record, 'endedAt', 'runs', 'unansweredCount', 'rejected')
  redis.call('PERSIST', record)
  redis.call('ZADD', unfinished, now, id)
  cancelExpiry(id)
  reindexMail(id, now)
end
local function rejectPending(recipients, reason, now)
  for _, recipient in ipairs(recipients) do
    if recipient.state == 'pending' then
      recipient.state, recipient.reason, recipient.at = 'rejected', reason, now
      recipient.code, recipient.enhancedCode = nil, nil
    end
  end
  setLong('recipients', cjson.encode(recipients))
end`;
