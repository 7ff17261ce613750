/**
 * Lua functions for one index. An index is a sorted set of mails by the time in their ids, in which the member is the rest of the id. Redis
 * keeps a sorted set of up to 128 entries in its compact encoding, where an entry takes 36 bytes in place of 145. So an index with more has
 * pages: each is a sorted set of its own, and a directory has the first mail of each page but the oldest.
 *
 * - `addTo` and `removeFrom` add and remove a mail, and return how many were added or removed: 0 or 1.
 * - `classNames` returns the indexes of classes that have mails. How many each has is in a hash, so that counting needs no pages.
 */
import { classPrefix, indexPrefix, pagePrefix, pagesPrefix, sizesKey } from '../redis/keys.ts';

/** The most entries that a sorted set keeps compact: `zset-max-listpack-entries` of Redis, by default. */
const pageEntries = 128;

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
  local from = redis.call('ZRANK', page, member) >= ${pageEntries * 0.75} and ${pageEntries * 0.9375} or ${pageEntries / 2}
  local moved = redis.call('ZRANGE', page, from, -1, 'WITHSCORES')
  local added = {}
  for n = 1, #moved, 2 do added[n], added[n + 1] = moved[n + 1], moved[n] end
  redis.call('ZADD', directory(name), added[1], added[2])
  redis.call('ZADD', pageAt(name, added[2], added[1]), unpack(added))
  redis.call('ZREMRANGEBYRANK', page, from, -1)
end
local function isClass(name) return string.sub(name, 1, ${classPrefix.length}) == '${classPrefix}' end
local function addTo(name, id)
  local at, member = positionOf(id)
  local page = pageOf(name, at, member)
  if redis.call('ZADD', page, at, member) == 0 then return 0 end
  if redis.call('ZCARD', page) >= ${pageEntries} then splitPage(name, page, member) end
  if isClass(name) then redis.call('HINCRBY', '${sizesKey}', name, 1) end
  return 1
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
