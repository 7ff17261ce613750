import { indexFunctions } from './index-functions.ts';

/**
 * (none) → queued | scheduled. A record that exists is left as it is, so that an acceptance can be repeated.
 * KEYS: record, open mails. ARGV: id, due at, now, then the record's fields.
 */
export const accept = `${indexFunctions}
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
indexFixed(ARGV[1])
reindexMail(ARGV[1], ARGV[3])
count('accepted', ARGV[3])
return 1`;
