/** The Lua scripts that read or repair indexes. */
import { script } from '../redis/script.ts';
import { groupFunctions, nameFunctions } from '../transitions/index-functions.ts';
import { pageFunctions } from '../transitions/index-pages.ts';
import { longIn } from '../transitions/part-functions.ts';

/**
 * Which of some mails match a filter, by the index names in their records.
 *
 * Asking for each record on its own took twice as long per page.
 * `sizes`: for the slot. `recordPrefix`: the prefix of record keys. `required`: JSON; of each list of names a mail must have one.
 * Returns the positions of the matching ids, from 1.
 */
export const matchMails = script({
  name: 'matchMails',
  keys: ['sizes'],
  args: { recordPrefix: 'text', required: 'text' },
  rest: 'ids',
  returns: 'numbers',
  lua: `${nameFunctions}${longIn}
local conditions, matching = {}, {}
for n, list in ipairs(cjson.decode(required)) do
  conditions[n] = {}
  for _, name in ipairs(list) do conditions[n][name] = true end
end
for n, id in ipairs(ids) do
  local fields = redis.pcall('HMGET', recordPrefix .. id, 'fixedIndexes', 'stateIndexes')
  local names = namesIn((longIn(recordPrefix .. id, 'fixedIndexes', fields[1]) or '') .. '\\n' .. (fields[2] or ''))
  local matches = true
  for _, condition in ipairs(conditions) do
    local hasOne = false
    for _, name in ipairs(names) do hasOne = hasOne or condition[name] end
    matches = matches and hasOne
  end
  if matches then table.insert(matching, n) end
end
return matching`,
});

/**
 * What is stored of the content of some mails.
 *
 * `any`: any key, for the slot. `recordPrefix`, `contentPrefix`: of keys. `maxBytes`: of a longer one nothing is returned.
 * Returns for each id what is in its record, and what is kept of a sent mail; '' where there is none, or it is longer.
 */
export const readContents = script({
  name: 'readContents',
  keys: ['any'],
  args: { recordPrefix: 'text', contentPrefix: 'text', maxBytes: 'number' },
  rest: 'ids',
  returns: 'bytes',
  lua: `${longIn}
local contents = {}
local function textOf(reply) return type(reply) == 'string' and reply or '' end
for n, id in ipairs(ids) do
  local record, kept, stored = recordPrefix .. id, contentPrefix .. id, ''
  local length = redis.pcall('HSTRLEN', record, 'content')
  if type(length) == 'number' and length > 0 and length <= maxBytes then
    stored = textOf(longIn(record, 'content', redis.call('HGET', record, 'content')))
  end
  local keptLength = redis.pcall('STRLEN', kept)
  contents[2 * n - 1] = stored
  contents[2 * n] = type(keptLength) == 'number' and keptLength > 0 and keptLength <= maxBytes and textOf(redis.call('GET', kept)) or ''
end
return contents`,
});

/**
 * Removes from a page of an index the mails whose records do not list the index, and those that belong to another page.
 *
 * `name`: of the index. `entries`: the id, the member and the time of a mail in turn. Returns how many were removed.
 */
export const removeStrays = script({
  name: 'removeStrays',
  keys: ['page'],
  args: { recordPrefix: 'text', name: 'text' },
  rest: 'entries',
  returns: 'number',
  lua: `${nameFunctions}${longIn}${pageFunctions}
local removed = 0
for n = 1, #entries, 3 do
  local key, isIn = recordPrefix .. entries[n], false
  local fields = redis.pcall('HMGET', key, 'fixedIndexes', 'stateIndexes')
  local names = namesIn((longIn(key, 'fixedIndexes', fields[1]) or '') .. '\\n' .. (fields[2] or ''))
  for _, listed in ipairs(names) do isIn = isIn or listed == name end
  if not isIn or pageOf(name, tonumber(entries[n + 2]), entries[n + 1]) ~= page then
    removed = removed + redis.call('ZREM', page, entries[n + 1])
  end
end
return removed`,
});

/**
 * Repairs the directory of an index: pages that are not in it are deleted, and pages that do not exist leave it. Counts a class again.
 *
 * `name`: of the index. `pages`: keys of its pages. Returns how many pages were deleted.
 */
export const repairPages = script({
  name: 'repairPages',
  keys: ['sizes'],
  args: { name: 'text' },
  rest: 'pages',
  returns: 'number',
  lua: `${groupFunctions}${pageFunctions}
local isListed, deleted = {}, 0
local entries = redis.call('ZRANGE', directory(name), 0, -1, 'WITHSCORES')
local mails = redis.call('ZCARD', firstPage(name))
for n = 1, #entries, 2 do
  local page = pageAt(name, entries[n], entries[n + 1])
  isListed[page] = true
  local size = redis.call('ZCARD', page)
  if size == 0 then redis.call('ZREM', directory(name), entries[n]) end
  mails = mails + size
end
for _, page in ipairs(pages) do
  if not isListed[page] then deleted = deleted + redis.call('DEL', page) end
end
if isClass(name) then
  if mails > 0 then redis.call('HSET', sizes, name, mails) else redis.call('HDEL', sizes, name) end
elseif string.sub(name, 1, 6) == 'group:' then
  updateGroupCount(name, mails)
end
return deleted`,
});

/** Which key sealed each of the records. `secrets`: for the slot. `ids`: of mails. Returns the ids of the keys, '' for a mail without a record that can be read. */
export const readKeyIds = script({
  name: 'readKeyIds',
  keys: ['secrets'],
  args: { recordPrefix: 'text' },
  rest: 'ids',
  returns: 'texts',
  lua: `
local names = {}
for n, id in ipairs(ids) do
  local sealed = redis.pcall('HGET', recordPrefix .. id, 'envelope')
  local length = type(sealed) == 'string' and string.byte(sealed, 2)
  names[n] = length and string.sub(sealed, 3, 2 + length) or ''
end
return names`,
});
