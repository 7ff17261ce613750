import { endFunctions } from './end-functions.ts';

/**
 * queued | scheduled | retrying, and sending before the gate → cancelled; or sent, where some recipients were accepted.
 * KEYS: record, open mails. ARGV: now, id, ms to keep. Answers whether it changed anything, and the state.
 */
export const cancel = `${endFunctions}
local state, messageStartedAt = unpack(redis.call('HMGET', KEYS[1], 'state', 'messageStartedAt'))
if not state then return {'0', 'missing'} end
if messageStartedAt or (state ~= 'queued' and state ~= 'scheduled' and state ~= 'retrying' and state ~= 'sending') then return {'0', state} end
local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
refusePending(recipients, 'cancelled', ARGV[1])
local ended = deriveState(recipients, 'cancelled')
endMail(ended, ARGV[2], ARGV[1], ARGV[3], ARGV[3])
return {'1', ended}`;
