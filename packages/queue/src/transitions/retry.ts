import { endFunctions } from './end-functions.ts';

/**
 * failed → queued. The recipients that were refused are pending again, the schedule begins anew, the history stays.
 * KEYS: record, open mails. ARGV: now, id. Answers whether it changed anything, and the state.
 */
export const retry = `${endFunctions}
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'0', 'missing'} end
if state ~= 'failed' or redis.call('HEXISTS', KEYS[1], 'content') == 0 then return {'0', state} end
local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
for _, recipient in ipairs(recipients) do
  if recipient.state == 'refused' then recipient.state = 'pending' end
end
redis.call('HSET', KEYS[1], 'recipients', cjson.encode(recipients))
requeue(ARGV[2], ARGV[1])
return {'1', 'queued'}`;
