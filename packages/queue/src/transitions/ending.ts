/**
 * What every end of a mail has in common, as a Lua function that other scripts carry. `settled` derives the state from
 * the recipients: any pending → retrying; else any accepted → sent; else the given word. `finish` writes it down: how
 * long the record is kept, and whether its content goes at once (a failed or uncertain mail keeps it for a retry).
 */
export const ending = `
local function settled(recipients, otherwise)
  local pending, accepted = false, false
  for _, recipient in ipairs(recipients) do
    pending = pending or recipient.state == 'pending'
    accepted = accepted or recipient.state == 'accepted'
  end
  return pending and 'retrying' or (accepted and 'sent' or otherwise)
end
local function finish(state, id, now, keepSent, keepFailed)
  redis.call('HSET', KEYS[1], 'state', state, 'endedAt', now)
  redis.call('HDEL', KEYS[1], 'dotAt', 'runs', 'nextAttemptAt')
  redis.call('ZREM', KEYS[2], id)
  local keepsContent = state == 'failed' or state == 'uncertain'
  if not keepsContent then redis.call('HDEL', KEYS[1], 'content') end
  redis.call('PEXPIRE', KEYS[1], keepsContent and keepFailed or keepSent)
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
