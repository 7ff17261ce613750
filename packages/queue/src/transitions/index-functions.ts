/**
 * Lua functions that keep a mail in the indexes that match its record. Scripts carry them; they use the script's key
 * `record`. The other keys are not passed in: the record says which ones they are, and all of them are in its slot.
 *
 * - `reindexMail` moves the mail to the indexes of its state, its provider and its reason, and updates the counts of failure
 *   groups. A mail that is being sent again stays in its group until the outcome is known. A partly sent mail is in the group of its rejected
 *   recipients, and a mail that a bulk action changed in the index of that action and its present state.
 * - `indexFixed` adds the mail to the indexes that its record lists in `fixedIndexes`.
 * - `removeFromIndexes` removes it from all.
 * - `count` counts an event of this minute.
 * - `expireAt` and `cancelExpiry` say when the record of an ended mail is deleted.
 * - `numberIn` reads a number, and `isHash` is false where the key of the record holds something else.
 *
 * None of them fails on a record that was edited by hand: it must still be possible to fail and to purge such a mail.
 */

import { limits } from '@posthouse/contract';
import { maxTime } from '../record/record-shape.ts';
import { endedKey, groupPrefix, groupsKey, indexPrefix, trafficPrefix } from '../redis/keys.ts';
import { isOneOf } from '../redis/script.ts';
import { groupedStates } from './applicable-states.ts';
import { partFunctions } from './part-functions.ts';

/** `namesIn` reads the names that a record lists. */
export const nameFunctions = `
local function namesIn(json)
  local isJson, names = pcall(cjson.decode, json or '')
  local texts = {}
  for key, name in pairs(isJson and type(names) == 'table' and names or {}) do
    if type(name) == 'string' then texts[key] = name end
  end
  return texts
end`;

/** `updateGroupCount` counts the mails of a failure group, and deletes a group without mails. */
export const groupFunctions = `
local function updateGroupCount(group)
  local mails, id = redis.call('ZCARD', '${indexPrefix}' .. group), string.sub(group, 7)
  if mails > 0 then return redis.call('ZADD', '${groupsKey}', mails, id) end
  redis.call('ZREM', '${groupsKey}', id)
  redis.call('DEL', '${groupPrefix}' .. id)
end`;

const { slots: recentSlots, slotMs: recentSlotMs } = limits.recentFailures;

export const indexFunctions = `${nameFunctions}${groupFunctions}${partFunctions}
local function isHash() return redis.call('TYPE', record).ok == 'hash' end
local function numberIn(text, otherwise)
  local number = tonumber(text)
  return number and number == number and math.abs(number) < ${maxTime} and number or otherwise
end
local function addTo(name, id, createdAt) redis.call('ZADD', '${indexPrefix}' .. name, numberIn(createdAt, 0), id) end
local function removeFrom(name, id) redis.call('ZREM', '${indexPrefix}' .. name, id) end
local function updateGroup(id, now, state, verdict, reason, template, provider, cause)
  local key = '${groupPrefix}' .. id
  local first, last = unpack(redis.call('HMGET', key, 'firstAt', 'lastAt'))
  first = math.min(numberIn(first, now), now)
  last = math.max(numberIn(last, now), now)
  redis.call('HSET', key, 'state', state, 'verdict', verdict, 'reason', reason, 'template', template, 'provider', provider, 'cause', cause,
    'firstAt', string.format('%.0f', first), 'lastAt', string.format('%.0f', last))
end
local function countRecent(group, now)
  local key, slot = '${groupPrefix}' .. group, math.floor(now / ${recentSlotMs})
  local field = 'recent:' .. slot % ${recentSlots}
  local at, mails = string.match(redis.call('HGET', key, field) or '', '^(%d+):(%d+)$')
  -- Records that are imported or indexed again come with their own times.
  if at and tonumber(at) > slot then return end
  redis.call('HSET', key, field, string.format('%.0f:%.0f', slot, (tonumber(at) == slot and mails or 0) + 1))
end
local function reindexMail(id, now)
  local state, provider, verdict, reason, template, createdAt, before, cause, rejected, bulk = unpack(redis.call('HMGET', record,
    'state', 'provider', 'verdict', 'reason', 'template', 'createdAt', 'stateIndexes', 'cause', 'rejected', 'bulk'))
  local was = namesIn(before)
  state, provider, reason, template, now = state or '', provider or '', reason or '', template or '', numberIn(now, 0)
  local is = { state = 'state:' .. state }
  if provider ~= '' then is.provider = 'provider:' .. provider end
  if state == 'sending' then
    is.reason, is.group = was.reason, was.group
  elseif verdict and (rejected and state == 'sent' or ${isOneOf('state', groupedStates)}) then
    if state == 'sent' then verdict, reason = 'FAIL', rejected end
    local group = string.sub(redis.sha1hex(table.concat({state, verdict, reason, template, provider, cause or ''}, '\\n')), 1, 12)
    is.reason, is.group = 'reason:' .. reason, 'group:' .. group
    updateGroup(group, now, state, verdict, reason, template, provider, cause or '')
    if was.group ~= is.group then countRecent(group, now) end
  end
  if rejected and state == 'sent' then is.partial = 'partial' end
  if bulk then is.bulk = 'bulk:' .. string.sub(bulk, -12) .. ':' .. state end
  for _, kind in ipairs({'state', 'provider', 'reason', 'group', 'partial', 'bulk'}) do
    if was[kind] ~= is[kind] then
      if was[kind] then removeFrom(was[kind], id) end
      if is[kind] then addTo(is[kind], id, createdAt) end
    end
  end
  if was.group ~= is.group then
    if was.group then updateGroupCount(was.group) end
    if is.group then updateGroupCount(is.group) end
  end
  local after = cjson.encode(is)
  if after ~= before then redis.call('HSET', record, 'stateIndexes', after) end
end
local function indexFixed(id)
  local createdAt, names = unpack(redis.call('HMGET', record, 'createdAt', 'fixedIndexes'))
  for _, name in pairs(namesIn(longIn(record, 'fixedIndexes', names))) do addTo(name, id, createdAt) end
end
local function removeFromIndexes(id)
  local fixed, byState = unpack(redis.call('HMGET', record, 'fixedIndexes', 'stateIndexes'))
  for _, name in pairs(namesIn(longIn(record, 'fixedIndexes', fixed))) do removeFrom(name, id) end
  local was = namesIn(byState)
  for _, name in pairs(was) do removeFrom(name, id) end
  if was.group then updateGroupCount(was.group) end
end
local function count(event, now, keep)
  local key = '${trafficPrefix}' .. math.floor(now / 3600000)
  local events = redis.call('HINCRBY', key, event .. ':' .. math.floor(now / 60000) % 60, 1)
  if events == 1 then redis.call('PEXPIRE', key, keep) end
end
local function expireAt(id, at) redis.call('ZADD', '${endedKey}', at, id) end
local function cancelExpiry(id) redis.call('ZREM', '${endedKey}', id) end`;
