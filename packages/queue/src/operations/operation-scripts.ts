/** The Lua scripts of bulk actions, directories, sessions, failed sign-ins and measurements. */
import { delayedUnit, recordPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';
import { keyCheckKinds, requireKey } from '../transitions/key-check.ts';

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

/** Takes or renews a lease, such as that on a bulk action. `holder`: names the process. `expiry`: ms. Returns 1, or 0 while another process has it. */
export const claimLease = script({
  name: 'claimLease',
  keys: ['lease'],
  args: { holder: 'text', expiry: 'number' },
  returns: 'number',
  lua: `
local current = redis.call('GET', lease)
if current and current ~= holder then return 0 end
redis.call('SET', lease, holder, 'PX', expiry)
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

/**
 * Stores or deletes an entry of a directory and gives the directory a new version, unless the entry has changed.
 *
 * `now`: ms since the epoch. `expected`: the entry as it was read, '' for none. `value`: '' deletes it. `max`: entries. `atVersion`: the
 * version that the directory must have, '' for any. Returns 'stored', 'changed' or 'full'.
 */
export const replaceEntry = script({
  name: 'replaceEntry',
  keys: ['entries', 'version', 'secrets'],
  args: { now: 'number', name: 'text', expected: 'bytes', value: 'bytes', max: 'number', atVersion: 'text', ...keyCheckKinds },
  returns: 'text',
  lua: `
${requireKey}
if (redis.call('HGET', entries, name) or '') ~= expected then return 'changed' end
if atVersion ~= '' and redis.call('GET', version) ~= atVersion then return 'changed' end
if value == '' then
  redis.call('HDEL', entries, name)
else
  if expected == '' and redis.call('HLEN', entries) >= max then return 'full' end
  redis.call('HSET', entries, name, value)
end
local last = tonumber(redis.call('GET', version) or '0')
redis.call('SET', version, string.format('%.0f', math.max(now, last + 1)))
return 'stored'`,
});

/**
 * Stores a new session, and removes sessions that have expired from the list.
 *
 * `data`: sealed. `lifetime`: ms. Returns nothing.
 */
export const openSession = script({
  name: 'openSession',
  keys: ['session', 'sessions'],
  readsClock: true,
  args: { id: 'text', data: 'bytes', lifetime: 'number' },
  returns: 'text',
  lua: `
redis.call('HSET', session, 'data', data, 'usedAt', now)
redis.call('PEXPIRE', session, lifetime)
redis.call('ZREMRANGEBYSCORE', sessions, '-inf', now)
redis.call('ZADD', sessions, now + lifetime, id)`,
});

/** Notes that a session is in use, unless it has ended. Returns nothing. */
export const useSession = script({
  name: 'useSession',
  keys: ['session'],
  readsClock: true,
  args: {},
  returns: 'text',
  lua: `
if redis.call('EXISTS', session) == 1 then redis.call('HSET', session, 'usedAt', now) end`,
});

/**
 * Counts a failed sign-in: the entry of those before within the window is replaced by one with the higher count.
 *
 * `counted`: '<id of the entry> <since> <count>' by name and action. `window`: ms. `kept`: entries of the stream. Returns nothing.
 */
export const countFailedSignIn = script({
  name: 'countFailedSignIn',
  keys: ['stream', 'counted'],
  readsClock: true,
  args: { who: 'text', role: 'text', action: 'text', detail: 'bytes', window: 'number', kept: 'number' },
  returns: 'text',
  lua: `
local field = action .. ' ' .. who
local count, since = 1, now
local id, first, before = string.match(redis.call('HGET', counted, field) or '', '^(%S+) (%d+) (%d+)$')
if id and now - tonumber(first) < window and redis.call('XDEL', stream, id) == 1 then
  count, since = tonumber(before) + 1, tonumber(first)
end
since = string.format('%.0f', since)
local added = redis.call('XADD', stream, 'MAXLEN', '=', kept, '*',
  'who', who, 'role', role, 'action', action, 'count', count, 'since', since, 'detail', detail)
redis.call('HSET', counted, field, added .. ' ' .. since .. ' ' .. count)
redis.call('PEXPIRE', counted, window)`,
});

/** Sets a field of a hash, unless it is new and the hash has `max` fields. Returns 1 where it did. */
export const setWithinLimit = script({
  name: 'setWithinLimit',
  keys: ['hash'],
  args: { field: 'text', value: 'bytes', max: 'number' },
  returns: 'number',
  lua: `
if redis.call('HEXISTS', hash, field) == 0 and redis.call('HLEN', hash) >= max then return 0 end
redis.call('HSET', hash, field, value)
return 1`,
});

/**
 * Measures the queue.
 *
 * `priorities`: how many BullMQ has. Returns the time, how many mails are in progress, how many bulk actions run, and then in turn how many mails
 * are due and when the first was due ('' for none): of each priority, and of those that are delayed. Times are ms since the epoch.
 */
export const measureQueue = script({
  name: 'measureQueue',
  keys: ['prioritized', 'delayed', 'active', 'bulks', 'releasing'],
  readsClock: true,
  args: { priorities: 'number' },
  returns: 'texts',
  lua: `
local found = {string.format('%.0f', now), tostring(redis.call('LLEN', active)), tostring(redis.call('SCARD', bulks)),
  tostring(redis.call('SCARD', releasing))}
for priority = 1, priorities do
  local from, to = string.format('%.0f', priority * 0x100000000), string.format('(%.0f', (priority + 1) * 0x100000000)
  local first = redis.call('ZRANGEBYSCORE', prioritized, from, to, 'LIMIT', 0, 1)[1]
  -- One record that was edited does not count.
  local due = first and redis.pcall('HMGET', '${recordPrefix}' .. first, 'nextAttemptAt', 'dueAt') or {}
  found[#found + 1] = tostring(redis.call('ZCOUNT', prioritized, from, to))
  found[#found + 1] = due[1] or due[2] or ''
end
local upToNow = string.format('(%.0f', (now + 1) * ${delayedUnit})
local first = redis.call('ZRANGEBYSCORE', delayed, '-inf', upToNow, 'WITHSCORES', 'LIMIT', 0, 1)[2]
found[#found + 1] = tostring(redis.call('ZCOUNT', delayed, '-inf', upToNow))
found[#found + 1] = first and string.format('%.0f', tonumber(first) / ${delayedUnit}) or ''
return found`,
});

/** Stores which template set a process uses. `value`: sealed. `expiry`: ms. `hash`: of the set; the time of its first use is kept for the latest `maxSets`. */
export const storeTemplateSetReport = script({
  name: 'storeTemplateSetReport',
  keys: ['reports', 'report', 'sets'],
  readsClock: true,
  args: { id: 'text', value: 'bytes', expiry: 'number', hash: 'text', maxSets: 'number' },
  returns: 'number',
  lua: `
redis.call('ZREMRANGEBYSCORE', reports, '-inf', now - expiry)
redis.call('ZADD', reports, now, id)
redis.call('SET', report, value, 'PX', expiry)
if redis.call('ZADD', sets, 'NX', now, hash) == 1 then redis.call('ZREMRANGEBYRANK', sets, 0, -1 - maxSets) end
return 1`,
});
