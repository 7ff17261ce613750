/**
 * (none) → queued | scheduled. A record that exists is left as it is, so that an acceptance can be repeated.
 * KEYS: record, open mails. ARGV: id, due at, then the record's fields.
 */
export const accept = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1`;
