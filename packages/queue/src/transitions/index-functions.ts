import { retention } from '@posthouse/contract';
import { endedKey, groupPrefix, groupsKey, indexPrefix, trafficPrefix } from '../redis/keys.ts';

/**
 * How a mail is kept in the indexes that fit it, as Lua functions that other scripts carry. Their keys are not handed in: which
 * ones they are stands in the record, and all of them share its slot.
 *
 * - `reindexMail` moves the mail to the indexes of its state, its provider and its trouble, and keeps the books of failure groups. A
 *   mail that is being sent again stays in the group that it was in, until it is known how that went.
 * - `indexFixed` puts it into those that its record names.
 * - `removeFromIndexes` takes it out of all.
 * - `count` counts what happened in this minute.
 * - `expireAt` and `cancelExpiry` say when a mail that has ended is to be forgotten.
 *
 * None of them stumbles over a record that somebody has edited: it must still be possible to fail it, and to forget it.
 */
export const indexFunctions = `
local movable = {'state', 'provider', 'error', 'group'}
local inTrouble = { retrying = true, failed = true, uncertain = true, expired = true }
local function namesIn(json)
  local isJson, names = pcall(cjson.decode, json or '')
  return isJson and type(names) == 'table' and names or {}
end
local function addTo(name, id, createdAt) redis.call('ZADD', '${indexPrefix}' .. name, tonumber(createdAt) or 0, id) end
local function removeFrom(name, id) redis.call('ZREM', '${indexPrefix}' .. name, id) end
local function updateGroupCount(group)
  local mails, id = redis.call('ZCARD', '${indexPrefix}' .. group), string.sub(group, 7)
  if mails > 0 then return redis.call('ZADD', '${groupsKey}', mails, id) end
  redis.call('ZREM', '${groupsKey}', id)
  redis.call('DEL', '${groupPrefix}' .. id)
end
local function updateGroup(id, now, state, verdict, reason, template, provider)
  local key = '${groupPrefix}' .. id
  local first, last = unpack(redis.call('HMGET', key, 'firstAt', 'lastAt'))
  first = math.min(tonumber(first or now), tonumber(now))
  last = math.max(tonumber(last or now), tonumber(now))
  redis.call('HSET', key, 'state', state, 'verdict', verdict, 'reason', reason, 'template', template, 'provider', provider,
    'firstAt', string.format('%.0f', first), 'lastAt', string.format('%.0f', last))
end
local function reindexMail(id, now)
  local state, provider, verdict, reason, template, createdAt, before = unpack(redis.call('HMGET', KEYS[1],
    'state', 'provider', 'verdict', 'reason', 'template', 'createdAt', 'stateIndexes'))
  local was = namesIn(before)
  provider, template = provider or '', template or ''
  local is = { state = 'state:' .. state }
  if provider ~= '' then is.provider = 'provider:' .. provider end
  if state == 'sending' then
    is.error, is.group = was.error, was.group
  elseif inTrouble[state] and verdict then
    local group = string.sub(redis.sha1hex(table.concat({state, verdict, reason, template, provider}, '\\n')), 1, 12)
    is.error, is.group = 'error:' .. reason, 'group:' .. group
    updateGroup(group, now, state, verdict, reason, template, provider)
  end
  for _, kind in ipairs(movable) do
    if was[kind] ~= is[kind] then
      if was[kind] then removeFrom(was[kind], id) end
      if is[kind] then addTo(is[kind], id, createdAt) end
    end
  end
  if was.group and was.group ~= is.group then updateGroupCount(was.group) end
  if is.group then updateGroupCount(is.group) end
  redis.call('HSET', KEYS[1], 'stateIndexes', cjson.encode(is))
end
local function indexFixed(id)
  local createdAt, names = unpack(redis.call('HMGET', KEYS[1], 'createdAt', 'fixedIndexes'))
  for _, name in ipairs(namesIn(names)) do addTo(name, id, createdAt) end
end
local function removeFromIndexes(id)
  local names, placed = unpack(redis.call('HMGET', KEYS[1], 'fixedIndexes', 'stateIndexes'))
  for _, name in ipairs(namesIn(names)) do removeFrom(name, id) end
  local was = namesIn(placed)
  for _, name in pairs(was) do removeFrom(name, id) end
  if was.group then updateGroupCount(was.group) end
end
local function count(what, now)
  local key = '${trafficPrefix}' .. math.floor(now / 3600000)
  redis.call('HINCRBY', key, what .. ':' .. math.floor(now / 60000) % 60, 1)
  redis.call('PEXPIRE', key, ${retention.traffic})
end
local function expireAt(id, at)
  redis.call('ZADD', '${endedKey}', at, id)
end
local function cancelExpiry(id)
  redis.call('ZREM', '${endedKey}', id)
end`;
