import { endFunctions } from './end-functions.ts';

/**
 * uncertain → sent | queued. A person has found out whether it arrived; recipients of whom that was never in doubt, and
 * who are still to be sent to, are sent to.
 * KEYS: record, open mails. ARGV: now, id, 'delivered' or 'sendAgain', ms to keep. Answers whether it changed anything, and the state.
 */
export const resolve = `${endFunctions}
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'uncertain' then return {'0', state or 'missing'} end
local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
for _, recipient in ipairs(recipients) do
  if recipient.uncertain then
    recipient.uncertain = nil
    if ARGV[3] == 'delivered' then recipient.state, recipient.reason, recipient.at = 'accepted', 'resolved', tonumber(ARGV[1]) end
  end
end
redis.call('HSET', KEYS[1], 'recipients', cjson.encode(recipients))
local ended = deriveState(recipients, 'failed')
if ended ~= 'retrying' then
  endMail(ended, ARGV[2], ARGV[1], ARGV[4], ARGV[4])
  return {'1', ended}
end
requeue(ARGV[2], ARGV[1])
return {'1', 'queued'}`;
