/** The Lua scripts of bulk actions. */
import { script } from '../redis/script.ts';

/** running → stopped. `by`: the user. Returns 1, or 0 where the action was not running. */
export const stopBulkAction = script({
  name: 'stopBulkAction',
  keys: ['bulk'],
  readsClock: true,
  args: { by: 'text' },
  returns: 'number',
  lua: `
if redis.call('HGET', bulk, 'state') ~= 'running' then return 0 end
redis.call('HSET', bulk, 'state', 'stopped', 'endedAt', now, 'stoppedBy', by)
return 1`,
});

/** stopped | failed → running. `running`: the ids of running actions. `keep`: ms. Returns 1, or 0 where the action was neither. */
export const resumeBulkAction = script({
  name: 'resumeBulkAction',
  keys: ['bulk', 'running'],
  args: { id: 'text', keep: 'number' },
  returns: 'number',
  lua: `
local state = redis.call('HGET', bulk, 'state')
if state ~= 'stopped' and state ~= 'failed' then return 0 end
redis.call('HSET', bulk, 'state', 'running')
redis.call('HDEL', bulk, 'endedAt', 'stoppedBy', 'error')
redis.call('PEXPIRE', bulk, keep)
redis.call('SADD', running, id)
return 1`,
});

/**
 * Stores the progress of a bulk action under its lease. Mails are counted only while a chunk is pending, because a command without an
 * answer is sent again.
 *
 * `processed`, `changed`: how many more mails. `fields`: names and values to store in the action.
 * Returns 1 while the action is running and the lease is the caller's.
 */
export const writeBulkProgress = script({
  name: 'writeBulkProgress',
  keys: ['bulk', 'lease'],
  args: { holder: 'text', expiry: 'number', processed: 'number', changed: 'number' },
  rest: 'fields',
  returns: 'number',
  lua: `
if redis.call('GET', lease) ~= holder or redis.call('EXISTS', bulk) == 0 then return 0 end
redis.call('PEXPIRE', lease, expiry)
if (redis.call('HGET', bulk, 'pendingChunk') or '') ~= '' then
  redis.call('HINCRBY', bulk, 'processed', processed)
  redis.call('HINCRBY', bulk, 'changed', changed)
end
redis.call('HSET', bulk, unpack(fields))
return redis.call('HGET', bulk, 'state') == 'running' and 1 or 0`,
});

/** Gives up the lease on a bulk action; one that has ended is removed from the running ones. Returns nothing. */
export const releaseBulkLease = script({
  name: 'releaseBulkLease',
  keys: ['bulk', 'lease', 'running'],
  args: { holder: 'text', id: 'text' },
  returns: 'text',
  lua: `
if redis.call('HGET', bulk, 'state') ~= 'running' then redis.call('SREM', running, id) end
if redis.call('GET', lease) == holder then redis.call('DEL', lease) end`,
});
