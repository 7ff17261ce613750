/**
 * The steps by which a batch of mails is accepted completely or not at all (acceptance/mail-batch.ts).
 *
 * A batch is a hash: `ids` (JSON) and `state`, which is `open` or `committed`; without a state the batch is aborted. Aborting
 * removes a field and discarding deletes keys, because a full Redis still takes that.
 */
import { script } from '../redis/script.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * (none) | open → open. Returns the state of the batch: open, committed, or aborted where its records are still being discarded.
 *
 * `now`: ms since the epoch.
 */
export const open = script({
  name: 'openBatch',
  keys: ['batch', 'batches'],
  args: { now: 'number', id: 'text', ids: 'text' },
  returns: 'text',
  lua: `
local state = redis.call('HGET', batch, 'state')
if not state and redis.call('EXISTS', batch) == 1 then return 'aborted' end
if state ~= 'committed' then
  redis.call('HSET', batch, 'state', 'open', 'ids', ids)
  redis.call('ZADD', batches, now, id)
end
return state or 'open'`,
});

/** Record: (none) → staged, while the batch is open. An existing record stays as it is. `fields`: names and values of the record. */
export const stage = script({
  name: 'stageMail',
  keys: ['record', 'batch'],
  args: { batchId: 'text' },
  rest: 'fields',
  returns: 'number',
  lua: `
if redis.call('HGET', batch, 'state') ~= 'open' or redis.call('EXISTS', record) == 1 then return 0 end
redis.call('HSET', record, unpack(fields))
redis.call('HSET', record, 'state', 'staged', 'batch', batchId)
return 1`,
});

/** open → committed. Returns the state of the batch: committed or aborted. */
export const commit = script({
  name: 'commitBatch',
  keys: ['batch'],
  args: {},
  returns: 'text',
  lua: `
local state = redis.call('HGET', batch, 'state')
if state == 'open' then redis.call('HSET', batch, 'state', 'committed') end
return state and 'committed' or 'aborted'`,
});

/**
 * Record: staged → queued | scheduled, once the batch is committed. Returns 1, or 0 where it changed nothing.
 */
export const finish = script({
  name: 'finishMail',
  keys: ['record', 'batch', 'unfinished'],
  args: { id: 'text', keepTraffic: 'number' },
  returns: 'number',
  lua: `${indexFunctions}
local state, createdAt, dueAt = unpack(redis.call('HMGET', record, 'state', 'createdAt', 'dueAt'))
if state ~= 'staged' or redis.call('HGET', batch, 'state') ~= 'committed' then return 0 end
redis.call('HSET', record, 'state', tonumber(dueAt) > tonumber(createdAt) and 'scheduled' or 'queued')
redis.call('HDEL', record, 'batch')
redis.call('ZADD', unfinished, dueAt, id)
indexFixed(id)
reindexMail(id, createdAt)
count('accepted', createdAt, keepTraffic)
return 1`,
});

/** open → aborted. Returns the state of the batch: committed or aborted. */
export const abort = script({
  name: 'abortBatch',
  keys: ['batch'],
  args: {},
  returns: 'text',
  lua: `
if redis.call('HGET', batch, 'state') == 'committed' then return 'committed' end
redis.call('HDEL', batch, 'state')
return 'aborted'`,
});

/** Record: staged → (none), when its batch is aborted. Returns 1, or 0 where it changed nothing. */
export const discard = script({
  name: 'discardMail',
  keys: ['record', 'batch'],
  args: { batchId: 'text' },
  returns: 'number',
  lua: `
local state, batchOfMail = unpack(redis.call('HMGET', record, 'state', 'batch'))
if state ~= 'staged' or batchOfMail ~= batchId or redis.call('HEXISTS', batch, 'state') == 1 then return 0 end
return redis.call('DEL', record)`,
});

/** committed | aborted → (none). An open batch stays. */
export const close = script({
  name: 'closeBatch',
  keys: ['batch', 'batches'],
  args: { id: 'text' },
  returns: 'number',
  lua: `
if redis.call('HGET', batch, 'state') == 'open' then return 0 end
redis.call('DEL', batch)
return redis.call('ZREM', batches, id)`,
});
