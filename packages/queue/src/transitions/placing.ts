import { waits } from '@posthouse/contract';
import { prefix } from '../keys.ts';
import { endedKey, groupPrefix, groupsKey, indexPrefix } from '../search/index-names.ts';

/**
 * How a mail is kept in the indexes that fit it, as Lua functions that other scripts carry. Their keys are not handed in: which
 * ones they are stands in the record, and all of them share its slot.
 *
 * - `place` moves the mail to the indexes of its state, its provider and its trouble, and keeps the books of failure groups. A
 *   mail that is being sent again stays in the group that it was in, until it is known how that went.
 * - `placeForLife` puts it into those that its record names.
 * - `displace` takes it out of all.
 * - `count` counts what happened in this minute.
 * - `keepUntil` and `keepForNow` say when a mail that has ended is to be forgotten.
 *
 * None of them stumbles over a record that somebody has edited: it must still be possible to fail it, and to forget it.
 */
export const placing = `
local movable = {'state', 'provider', 'error', 'group'}
local inTrouble = { retrying = true, failed = true, uncertain = true, expired = true }
local function namesIn(json)
  local isJson, names = pcall(cjson.decode, json or '')
  return isJson and type(names) == 'table' and names or {}
end
local function putInto(name, id, createdAt) redis.call('ZADD', '${indexPrefix}' .. name, tonumber(createdAt) or 0, id) end
local function takeOut(name, id) redis.call('ZREM', '${indexPrefix}' .. name, id) end
local function recount(group)
  local mails, id = redis.call('ZCARD', '${indexPrefix}' .. group), string.sub(group, 7)
  if mails > 0 then return redis.call('ZADD', '${groupsKey}', mails, id) end
  redis.call('ZREM', '${groupsKey}', id)
  redis.call('DEL', '${groupPrefix}' .. id)
end
local function describe(id, now, state, verdict, reason, template, provider)
  local key = '${groupPrefix}' .. id
  local first, last = unpack(redis.call('HMGET', key, 'firstAt', 'lastAt'))
  first = math.min(tonumber(first or now), tonumber(now))
  last = math.max(tonumber(last or now), tonumber(now))
  redis.call('HSET', key, 'state', state, 'verdict', verdict, 'reason', reason, 'template', template, 'provider', provider,
    'firstAt', string.format('%.0f', first), 'lastAt', string.format('%.0f', last))
end
local function place(id, now)
  local state, provider, verdict, reason, template, createdAt, before = unpack(redis.call('HMGET', KEYS[1],
    'state', 'provider', 'verdict', 'reason', 'template', 'createdAt', 'placedIn'))
  local was = namesIn(before)
  provider, template = provider or '', template or ''
  local is = { state = 'state:' .. state }
  if provider ~= '' then is.provider = 'provider:' .. provider end
  if state == 'sending' then
    is.error, is.group = was.error, was.group
  elseif inTrouble[state] and verdict then
    local group = string.sub(redis.sha1hex(table.concat({state, verdict, reason, template, provider}, '\\n')), 1, 12)
    is.error, is.group = 'error:' .. reason, 'group:' .. group
    describe(group, now, state, verdict, reason, template, provider)
  end
  for _, kind in ipairs(movable) do
    if was[kind] ~= is[kind] then
      if was[kind] then takeOut(was[kind], id) end
      if is[kind] then putInto(is[kind], id, createdAt) end
    end
  end
  if was.group and was.group ~= is.group then recount(was.group) end
  if is.group then recount(is.group) end
  redis.call('HSET', KEYS[1], 'placedIn', cjson.encode(is))
end
local function placeForLife(id)
  local createdAt, names = unpack(redis.call('HMGET', KEYS[1], 'createdAt', 'foundBy'))
  for _, name in ipairs(namesIn(names)) do putInto(name, id, createdAt) end
end
local function displace(id)
  local names, placed = unpack(redis.call('HMGET', KEYS[1], 'foundBy', 'placedIn'))
  for _, name in ipairs(namesIn(names)) do takeOut(name, id) end
  local was = namesIn(placed)
  for _, name in pairs(was) do takeOut(name, id) end
  if was.group then recount(was.group) end
end
local function count(what, now)
  local key = '${prefix}:traffic:' .. math.floor(now / 3600000)
  redis.call('HINCRBY', key, what .. ':' .. math.floor(now / 60000) % 60, 1)
  redis.call('PEXPIRE', key, ${waits.retention.traffic})
end
local function keepUntil(id, at)
  redis.call('ZADD', '${endedKey}', at, id)
end
local function keepForNow(id)
  redis.call('ZREM', '${endedKey}', id)
end`;
