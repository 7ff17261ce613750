/** The Lua scripts of directories, sessions, failed sign-ins and saved filters. */
import { script } from '../redis/script.ts';
import { keyCheckKinds, requireKey } from '../transitions/key-check.ts';

/**
 * Stores or deletes an entry of a directory, gives the directory a new version and adds the change to the audit log, unless the entry has changed.
 *
 * `expected`: the entry as it was read, '' for none. `value`: '' deletes it. `max`: entries. `atVersion`: the version that the directory must
 * have, '' for any. `action`: for the audit log, '' for none, with `detail`, sealed or ''; `kept`: entries of it.
 * Returns 'stored', 'changed' or 'full'.
 */
export const replaceEntry = script({
  name: 'replaceEntry',
  keys: ['entries', 'version', 'secrets', 'audit'],
  readsClock: true,
  args: {
    name: 'text',
    expected: 'bytes',
    value: 'bytes',
    max: 'number',
    atVersion: 'text',
    who: 'text',
    role: 'text',
    action: 'text',
    detail: 'bytes',
    kept: 'number',
    ...keyCheckKinds,
  },
  returns: 'text',
  lua: `
${requireKey}
if (redis.call('HGET', entries, name) or '') ~= expected then return 'changed' end
if atVersion ~= '' and redis.call('GET', version) ~= atVersion then return 'changed' end
if value ~= '' and expected == '' and redis.call('HLEN', entries) >= max then return 'full' end
-- First, so that nothing is changed where it cannot be added.
if action ~= '' then
  local added = {'who', who, 'role', role, 'target', name, 'action', action}
  if detail ~= '' then added[9], added[10] = 'detail', detail end
  redis.call('XADD', audit, 'MAXLEN', '=', kept, '*', unpack(added))
end
if value == '' then redis.call('HDEL', entries, name) else redis.call('HSET', entries, name, value) end
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
