/** The Lua scripts that read indexes, whatever pages they have (index-pages.ts). They write nothing. */
import { script } from '../redis/script.ts';
import { pageFunctions } from './index-pages.ts';

/** Pages whose mails `sizeOf` counts. */
const maxPages = 200;

/**
 * - `olderIn` reads mails before a position, newest first: members and times in turn.
 * - `sizeOf` counts the mails between two times. Of an index with many pages it reads some, and returns false besides.
 */
const pageReaders = `${pageFunctions}
local function olderIn(name, at, member, from, count)
  local entries, skipped = {}, 0
  while #entries < 2 * count do
    local page = redis.call('ZREVRANGEBYSCORE', directory(name), at, '-inf', 'WITHSCORES', 'LIMIT', skipped, 1)
    skipped = skipped + 1
    local start = tonumber(page[2])
    if not start or start < at or page[1] < member then
      local key = start and pageAt(name, page[1], page[2]) or firstPage(name)
      -- Some of the mails of the same ms come after the position: that many more are read.
      local together = redis.call('ZCOUNT', key, at, at)
      local list = redis.call('ZREVRANGEBYSCORE', key, at, from, 'WITHSCORES', 'LIMIT', 0, count + together)
      for n = 1, #list, 2 do
        if #entries < 2 * count and (tonumber(list[n + 1]) < at or list[n] < member) then
          entries[#entries + 1], entries[#entries + 2] = list[n], list[n + 1]
        end
      end
      if not start or start < from then break end
    end
  end
  return entries
end
local function sizeOf(name, from, to)
  local pages = directory(name)
  local below = redis.call('ZCOUNT', pages, '-inf', '(' .. string.format('%.17g', from))
  -- The page before the first of these has mails of that time, too.
  local first, last = below - 1, redis.call('ZCOUNT', pages, '-inf', to) - 1
  local step, size, counted = math.max(1, math.ceil((last - first + 1) / ${maxPages})), 0, 0
  for rank = first, last, step do
    local page = rank >= 0 and redis.call('ZRANGE', pages, rank, rank, 'WITHSCORES')
    size = size + redis.call('ZCOUNT', page and pageAt(name, page[1], page[2]) or firstPage(name), from, to)
    counted = counted + 1
  end
  if counted == 0 then return 0, true end
  return math.floor(size * (last - first + 1) / counted + 0.5), step == 1
end`;

/**
 * Mails of several indexes, before a position in each, newest first.
 *
 * `from`: the earliest time, ms since the epoch. `count`: of each index. `positions`: JSON; the name of an index, a time and a member of each.
 * Returns a list for each index: members and times in turn.
 */
export const olderMailsOf = script({
  name: 'olderMailsOf',
  keys: ['sizes'],
  args: { from: 'number', count: 'number', positions: 'text' },
  returns: 'lists',
  lua: `${pageReaders}
local lists = {}
for n, position in ipairs(cjson.decode(positions)) do
  lists[n] = olderIn(position[1], position[2], position[3], from, count)
end
return lists`,
});

/**
 * How many mails some indexes have together. `from`, `to`: times, ms since the epoch. `isAll`: they leave nothing out. `names`: JSON.
 * Returns the number, and 1 where it is exact: of indexes with many pages it is an estimate.
 */
export const countMailsOf = script({
  name: 'countMailsOf',
  keys: ['sizes'],
  args: { from: 'number', to: 'number', isAll: 'flag', names: 'text' },
  returns: 'numbers',
  lua: `${pageReaders}
local total, exact = 0, true
for _, name in ipairs(cjson.decode(names)) do
  local size, isExact = isAll and tonumber(redis.call('HGET', sizes, name)), true
  if not size then size, isExact = sizeOf(name, from, to) end
  total, exact = total + size, exact and isExact
end
return {total, exact and 1 or 0}`,
});
