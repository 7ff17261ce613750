/** The Lua scripts that read or repair indexes. */
import { script } from '../redis/script.ts';
import { groupFunctions, nameFunctions } from '../transitions/index-functions.ts';
import { longIn } from '../transitions/part-functions.ts';

/**
 * Which of some mails match a filter, by the index names in their records.
 *
 * It compares text: asking for each record on its own took twice as long per page, and parsing the JSON half as long again.
 * `all`: any index, for the slot. `recordPrefix`: the prefix of record keys. `required`: JSON; of each list of names, as they
 * are written in a record's JSON, a mail must have one.
 * Returns the positions of the matching ids, from 1.
 */
export const matchMails = script({
  name: 'matchMails',
  keys: ['all'],
  args: { recordPrefix: 'text', required: 'text' },
  rest: 'ids',
  returns: 'numbers',
  lua: `${longIn}
local lists, matching = cjson.decode(required), {}
for n, id in ipairs(ids) do
  local fields = redis.pcall('HMGET', recordPrefix .. id, 'fixedIndexes', 'stateIndexes')
  local names, matches = (longIn(recordPrefix .. id, 'fixedIndexes', fields[1]) or '') .. (fields[2] or ''), true
  for _, list in ipairs(lists) do
    local hasOne = false
    for _, name in ipairs(list) do hasOne = hasOne or string.find(names, name, 1, true) end
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
 * Removes from an index the mails whose records do not list it.
 *
 * `recordPrefix`: the prefix of record keys. `name`: of the index. Returns how many were removed.
 */
export const removeStrays = script({
  name: 'removeStrays',
  keys: ['index'],
  args: { recordPrefix: 'text', name: 'text' },
  rest: 'ids',
  returns: 'number',
  lua: `${nameFunctions}${longIn}
local removed = 0
for _, id in ipairs(ids) do
  local isIn = false
  local fields = redis.pcall('HMGET', recordPrefix .. id, 'fixedIndexes', 'stateIndexes')
  for _, names in ipairs({longIn(recordPrefix .. id, 'fixedIndexes', fields[1]) or '', fields[2] or ''}) do
    for _, listed in pairs(namesIn(names)) do isIn = isIn or listed == name end
  end
  if not isIn then removed = removed + redis.call('ZREM', index, id) end
end
return removed`,
});

/** Counts the mails of a failure group again. Returns nothing. */
export const recountGroup = script({
  name: 'recountGroup',
  keys: ['groups'],
  args: { group: 'text' },
  returns: 'text',
  lua: `${groupFunctions}
updateGroupCount('group:' .. group)`,
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
