import { isOneOf, script } from '../redis/script.ts';
import { contentKept } from './applicable-states.ts';
import { retentionOfWorkers } from './end-functions.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * Any state → the same. Adds a mail to all indexes that match its record, whatever they hold: for indexes that were lost, and for
 * records that are imported.
 *
 * `fixedIndexes`: the names of its fixed indexes, or '' for those that the record lists.
 * Returns 1, or 0 where there is no record, or one of a batch that is not accepted yet.
 */
export const rebuildMail = script({
  name: 'rebuildMail',
  keys: ['record', 'unfinished'],
  args: { id: 'text', fixedIndexes: 'text', keepSent: 'number', keepFailed: 'number' },
  returns: 'number',
  lua: `${indexFunctions}${retentionOfWorkers}
local state, createdAt, endedAt, nextAttemptAt, dueAt =
  unpack(redis.call('HMGET', record, 'state', 'createdAt', 'endedAt', 'nextAttemptAt', 'dueAt'))
if not state or state == 'staged' then return 0 end
if fixedIndexes ~= '' then setLong('fixedIndexes', fixedIndexes) end
redis.call('HDEL', record, 'stateIndexes')
indexFixed(id)
reindexMail(id, endedAt or createdAt)
if not endedAt then
  redis.call('ZADD', unfinished, 'NX', numberIn(nextAttemptAt or dueAt, 0), id)
  return 1
end
endedAt = numberIn(endedAt, numberIn(createdAt, 0))
local keepsContent = ${isOneOf('state', contentKept)} or redis.call('HEXISTS', record, 'content') == 1
local keep = keepsContent and keepFailed or keepSent
expireAt(id, endedAt + keep)
redis.call('ZREM', unfinished, id)
redis.call('PEXPIREAT', record, string.format('%.0f', endedAt + keep * 2))
return 1`,
});
