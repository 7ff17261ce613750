import { indexFunctions } from './index-functions.ts';

/**
 * What ends and new beginnings of a mail have in common, as Lua functions that other scripts carry, with those of `placing`.
 *
 * - `deriveState` derives the state from the recipients: any pending → retrying; else any accepted → sent; else the given word.
 * - `endMail` writes an end down: how long the record is kept, and whether its content goes at once (a failed or uncertain
 *   mail keeps it for a retry). The sweeper forgets it then; should no worker run for so long, it goes by itself after twice the time,
 *   and leaves its place in the indexes behind.
 * - `refusePending` gives up on those who are still pending.
 * - `requeue` begins the schedule anew; a mail that expired in the meantime gets as long again as it had.
 */
export const endFunctions = `${indexFunctions}
local function deriveState(recipients, otherwise)
  local pending, accepted = false, false
  for _, recipient in ipairs(recipients) do
    pending = pending or recipient.state == 'pending'
    accepted = accepted or recipient.state == 'accepted'
  end
  return pending and 'retrying' or (accepted and 'sent' or otherwise)
end
local function endMail(state, id, now, keepSent, keepFailed)
  redis.call('HSET', KEYS[1], 'state', state, 'endedAt', now)
  redis.call('HDEL', KEYS[1], 'messageStartedAt', 'runs', 'run', 'nextAttemptAt')
  redis.call('ZREM', KEYS[2], id)
  local keepsContent = state == 'failed' or state == 'uncertain'
  if not keepsContent then redis.call('HDEL', KEYS[1], 'content') end
  local keep = tonumber(keepsContent and keepFailed or keepSent)
  expireAt(id, now + keep)
  redis.call('PEXPIRE', KEYS[1], keep * 2)
  if state == 'sent' or state == 'failed' then count(state, now) end
  reindexMail(id, now)
end
local function requeue(id, now)
  local dueAt, expiresAt, attempts = unpack(redis.call('HMGET', KEYS[1], 'dueAt', 'expiresAt', 'attemptCount'))
  if tonumber(expiresAt) <= tonumber(now) then
    expiresAt = string.format('%.0f', tonumber(now) + tonumber(expiresAt) - tonumber(dueAt))
  end
  redis.call('HSET', KEYS[1], 'state', 'queued', 'scheduleFrom', attempts, 'nextAttemptAt', now, 'expiresAt', expiresAt)
  redis.call('HDEL', KEYS[1], 'endedAt', 'runs')
  redis.call('PERSIST', KEYS[1])
  redis.call('ZADD', KEYS[2], now, id)
  cancelExpiry(id)
  reindexMail(id, now)
end
local function refusePending(recipients, reason, now)
  for _, recipient in ipairs(recipients) do
    if recipient.state == 'pending' then
      recipient.state, recipient.reason, recipient.at = 'refused', reason, tonumber(now)
      recipient.code, recipient.enhancedCode = nil, nil
    end
  end
  redis.call('HSET', KEYS[1], 'recipients', cjson.encode(recipients))
end`;
