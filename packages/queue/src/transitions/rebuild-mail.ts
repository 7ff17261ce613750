import { indexFunctions } from './index-functions.ts';

/**
 * Any state → the same. Puts a mail into all indexes that fit it, whatever they held: the rebuilding of indexes that were
 * lost, and records that were written with a past.
 * KEYS: record, open mails. ARGV: id, names that it is found by (JSON) or '' for those that it has, ms to keep when sent, ms to keep when failed
 */
export const rebuildMail = `${indexFunctions}
local state, createdAt, endedAt, nextAttemptAt = unpack(redis.call('HMGET', KEYS[1], 'state', 'createdAt', 'endedAt', 'nextAttemptAt'))
if not state then return 0 end
if ARGV[2] == '' then redis.call('HSETNX', KEYS[1], 'fixedIndexes', '["all"]') else redis.call('HSET', KEYS[1], 'fixedIndexes', ARGV[2]) end
redis.call('HDEL', KEYS[1], 'stateIndexes')
indexFixed(ARGV[1])
reindexMail(ARGV[1], endedAt or createdAt)
if not endedAt then
  redis.call('ZADD', KEYS[2], 'NX', nextAttemptAt or createdAt, ARGV[1])
  return 1
end
local keep = (state == 'failed' or state == 'uncertain') and ARGV[4] or ARGV[3]
expireAt(ARGV[1], endedAt + keep)
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', endedAt + keep * 2))
return 1`;
