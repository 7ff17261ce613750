/**
 * Lua functions for one index. An index is a sorted set of mails by the time in their ids, in which the member is the rest of the id. Redis
 * keeps a sorted set of up to 128 entries in its compact encoding, where an entry takes 36 bytes in place of 145. So an index with more has
 * pages: each is a sorted set of its own, and a directory has the first mail of each page but the oldest.
 *
 * - `addTo` and `removeFrom` add and remove a mail, and return how many were added or removed: 0 or 1.
 * - `addAll` adds several, given as times and members in turn: in one command where they are in order and belong to the newest page.
 * - `isBefore` is the order of Redis, which compares members byte by byte. Lua's `<` follows the locale, but the members of mails all have the
 *   same length and their hyphens at the same places, the rest being digits and `a` to `f`, which every locale sorts as bytes do.
 * - `classNames` returns the indexes of classes that have mails. How many each has is in a hash, so that counting needs no pages.
 */
import { classPrefix, indexPrefix, pagePrefix, pagesPrefix, sizesKey } from '../redis/keys.ts';

/** The most entries that a sorted set keeps compact: `zset-max-listpack-entries` of Redis, by default. */
const pageEntries = 128;

/** The entries of a page behind which the next one begins. */
const filledEntries = pageEntries * 0.9375;

export const pageFunctions = `
local function positionOf(id)
  local first, second, rest = string.match(id, '^(%x%x%x%x%x%x%x%x)%-(%x%x%x%x)%-(.+)$')
  if not first then return 0, id end
  return tonumber(first .. second, 16), rest
end
local function firstPage(name) return '${indexPrefix}' .. name end
local function directory(name) return '${pagesPrefix}' .. name end
local function pageAt(name, first, at) return '${pagePrefix}' .. at .. '-' .. first .. ':' .. name end
local function pageOf(name, at, member)
  local skipped = 0
  while true do
    local page = redis.call('ZREVRANGEBYSCORE', directory(name), at, '-inf', 'WITHSCORES', 'LIMIT', skipped, 1)
    if not page[1] then return firstPage(name) end
    if tonumber(page[2]) < at or page[1] <= member then return pageAt(name, page[1], page[2]), page[1] end
    skipped = skipped + 1
  end
end
local function splitPage(name, page, member)
  -- Mails come nearly in order: then the full page stays nearly full.
  local from = redis.call('ZRANK', page, member) >= ${pageEntries * 0.75} and ${filledEntries} or ${pageEntries / 2}
  local moved = redis.call('ZRANGE', page, from, -1, 'WITHSCORES')
  local added = {}
  for n = 1, #moved, 2 do added[n], added[n + 1] = moved[n + 1], moved[n] end
  redis.call('ZADD', directory(name), added[1], added[2])
  redis.call('ZADD', pageAt(name, added[2], added[1]), unpack(added))
  redis.call('ZREMRANGEBYRANK', page, from, -1)
end
local function isClass(name) return string.sub(name, 1, ${classPrefix.length}) == '${classPrefix}' end
local function countInClass(name, added)
  if isClass(name) and added > 0 then redis.call('HINCRBY', '${sizesKey}', name, added) end
  return added
end
local function addEntry(name, at, member)
  local page = pageOf(name, at, member)
  if redis.call('ZADD', page, at, member) == 0 then return 0 end
  if redis.call('ZCARD', page) >= ${pageEntries} then splitPage(name, page, member) end
  return 1
end
local function addTo(name, id) return countInClass(name, addEntry(name, positionOf(id))) end
local function isBefore(at, member, otherAt, other) return at < otherAt or at == otherAt and member < other end
local function append(name, page, size, entries)
  local first, added = 1, 0
  while entries[first] do
    local last = math.min(#entries, first + 2 * math.max(${filledEntries} - size, 0) - 1)
    if last > first then added = added + redis.call('ZADD', page, unpack(entries, first, last)) end
    first = last + 1
    if entries[first] then
      redis.call('ZADD', directory(name), entries[first], entries[first + 1])
      page, size = pageAt(name, entries[first + 1], string.format('%.0f', entries[first])), 0
    end
  end
  return added
end
local function addInOrder(name, entries)
  for n = 3, #entries, 2 do
    if not isBefore(entries[n - 2], entries[n - 1], entries[n], entries[n + 1]) then return nil end
  end
  local newest = redis.call('ZREVRANGE', directory(name), 0, 0, 'WITHSCORES')
  if newest[1] and isBefore(entries[1], entries[2], tonumber(newest[2]), newest[1]) then return nil end
  local page = newest[1] and pageAt(name, newest[1], newest[2]) or firstPage(name)
  local size = redis.call('ZCARD', page)
  if size + #entries / 2 < ${pageEntries} then return redis.call('ZADD', page, unpack(entries)) end
  local last = redis.call('ZREVRANGE', page, 0, 0, 'WITHSCORES')
  if last[1] and not isBefore(tonumber(last[2]), last[1], entries[1], entries[2]) then return nil end
  return append(name, page, size, entries)
end
local function addAll(name, entries)
  local added = #entries > 2 and addInOrder(name, entries)
  if not added then
    added = 0
    for n = 1, #entries, 2 do added = added + addEntry(name, entries[n], entries[n + 1]) end
  end
  return countInClass(name, added)
end
local function removeFrom(name, id)
  local at, member = positionOf(id)
  local page, first = pageOf(name, at, member)
  if redis.call('ZREM', page, member) == 0 then return 0 end
  if first and redis.call('EXISTS', page) == 0 then redis.call('ZREM', directory(name), first) end
  if isClass(name) and redis.call('HINCRBY', '${sizesKey}', name, -1) <= 0 then redis.call('HDEL', '${sizesKey}', name) end
  return 1
end
local function classNames() return redis.call('HKEYS', '${sizesKey}') end`;
