import { endFunctions } from './end-functions.ts';

/**
 * Any state but an end → failed. The record cannot be read, so nothing can be sent. It is kept, with the reason.
 * KEYS: record, open mails. ARGV: now, id, reason, ms to keep
 */
export const failUnreadable = `${endFunctions}
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'sent' or state == 'expired' or state == 'cancelled' or state == 'failed' then return 0 end
redis.call('HSET', KEYS[1], 'verdict', 'FAIL', 'reason', ARGV[3])
endMail('failed', ARGV[2], ARGV[1], ARGV[4], ARGV[4])
return 1`;
