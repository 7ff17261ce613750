/** The Lua scripts that measure the queue and store which template set a process uses. */
import { delayedUnit, recordPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';

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
