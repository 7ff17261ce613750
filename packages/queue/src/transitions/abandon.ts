import { ending } from './ending.ts';

/**
 * sending → failed. The record cannot be read, so nothing can be sent. It is kept, with the reason.
 * KEYS: record, open mails. ARGV: now, id, reason, ms to keep
 */
export const abandon = `${ending}
if redis.call('HGET', KEYS[1], 'state') ~= 'sending' then return 0 end
redis.call('HSET', KEYS[1], 'verdict', 'FAIL', 'reason', ARGV[3])
finish('failed', ARGV[2], ARGV[1], ARGV[4], ARGV[4])
return 1`;
