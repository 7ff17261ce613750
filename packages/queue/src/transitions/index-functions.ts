/**
 * Lua functions that keep a mail in the indexes that match its record. Scripts carry them; they use the script's key
 * `record`. The other keys are not passed in: the record says which ones they are, and all of them are in its slot.
 *
 * - `reindexMail` moves the mail to the indexes of its class and its reason, and updates the counts of failure
 *   groups. A mail that is being sent again stays in its group until the outcome is known. A partly sent mail is in the group of its rejected
 *   recipients, and a mail that a bulk action changed in the index of that action and its present state.
 * - `indexFixed` adds the mail to the indexes that its record lists in `fixedIndexes`.
 * - `removeFromIndexes` removes it from all.
 * - `count` counts an event of this minute, of one mail or of several.
 * - `expireAt` and `cancelExpiry` say when the record of an ended mail is deleted.
 * - `numberIn` reads a number, and `isHash` is false where the key of the record holds something else.
 *
 * None of them fails on a record that was edited by hand: it must still be possible to fail and to purge such a mail.
 */

import { limits } from '@posthouse/contract';
import { maxTime } from '../record/record-shape.ts';
import { classPrefix, endedKey, groupPrefix, groupsKey, trafficPrefix } from '../redis/keys.ts';
import { isOneOf } from '../redis/script.ts';
import { groupedStates } from './applicable-states.ts';
import { pageFunctions } from './index-pages.ts';
import { partFunctions } from './part-functions.ts';

/** `namesIn` reads the names that a record lists. */
export const nameFunctions = `
local function namesIn(text)
  local names = {}
  for name in string.gmatch(text or '', '[^\\n]+') do names[#names + 1] = name end
  return names
end
local function byKind(text)
  local names = {}
  for _, name in ipairs(namesIn(text)) do
    local kind = string.match(name, '^%a+')
    if kind then names[kind] = name end
  end
  return names
end`;

/** `updateGroupCount` stores how many mails a failure group has, and deletes a group without mails. */
export const groupFunctions = `
local function updateGroupCount(group, mails)
  local id = string.sub(group, 7)
  if mails > 0 then return redis.call('ZADD', '${groupsKey}', mails, id) end
  redis.call('ZREM', '${groupsKey}', id)
  redis.call('DEL', '${groupPrefix}' .. id)
end`;

const { slots: recentSlots, slotMs: recentSlotMs } = limits.recentFailures;

export const indexFunctions = `${nameFunctions}${groupFunctions}${partFunctions}${pageFunctions}
local function isHash() return redis.call('TYPE', record).ok == 'hash' end
local function numberIn(text, otherwise)
  local number = tonumber(text)
  return number and number == number and math.abs(number) < ${maxTime} and number or otherwise
end
local function countInGroup(group, change)
  if change ~= 0 then updateGroupCount(group, (tonumber(redis.call('ZSCORE', '${groupsKey}', string.sub(group, 7))) or 0) + change) end
end
local function removeFromClasses(id, class)
  if class and removeFrom(class, id) == 1 then return end
  -- The record was edited, or is gone.
  for _, name in ipairs(classNames()) do removeFrom(name, id) end
end
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
  local field = 'recent:' .. slot % ${recentSlots + 1}
  local at, mails = string.match(redis.call('HGET', key, field) or '', '^(%d+):(%d+)$')
  -- Records that are imported or indexed again come with their own times.
  if at and tonumber(at) > slot then return end
  redis.call('HSET', key, field, string.format('%.0f:%.0f', slot, (tonumber(at) == slot and mails or 0) + 1))
end
local function reindexMail(id, now)
  local state, apiKey, provider, verdict, reason, template, before, cause, rejected, bulk = unpack(redis.call('HMGET', record,
    'state', 'apiKey', 'provider', 'verdict', 'reason', 'template', 'stateIndexes', 'cause', 'rejected', 'bulk'))
  local was = before and byKind(before) or {}
  state, provider, reason, template, now = state or '', provider or '', reason or '', template or '', numberIn(now, 0)
  local is = { class = '${classPrefix}' .. state .. '|' .. (apiKey or '') .. '|' .. template .. '|' .. provider }
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
  if bulk then is.bulk = 'bulk:' .. string.sub(bulk, -12) .. ':' .. (is.partial or state) end
  if was.class ~= is.class then
    if before then removeFromClasses(id, was.class) end
    addTo(is.class, id)
  end
  local after = is.class
  for _, kind in ipairs({'reason', 'group', 'partial', 'bulk'}) do
    if was[kind] ~= is[kind] then
      local removed, added = was[kind] and removeFrom(was[kind], id) or 0, is[kind] and addTo(is[kind], id) or 0
      if kind == 'group' then
        countInGroup(was.group, -removed)
        countInGroup(is.group, added)
      end
    end
    if is[kind] then after = after .. '\\n' .. is[kind] end
  end
  if after ~= before then redis.call('HSET', record, 'stateIndexes', after) end
end
local function indexFixed(id)
  for _, name in ipairs(namesIn(readLong('fixedIndexes'))) do addTo(name, id) end
end
local function removeFromIndexes(id)
  local byState = redis.call('HGET', record, 'stateIndexes')
  for _, name in ipairs(namesIn(readLong('fixedIndexes'))) do removeFrom(name, id) end
  local was = byKind(byState)
  removeFromClasses(id, was.class)
  for kind, name in pairs(was) do
    local removed = removeFrom(name, id)
    if kind == 'group' then countInGroup(name, -removed) end
  end
end
local function count(event, now, keep, mails)
  local key = '${trafficPrefix}' .. math.floor(now / 3600000)
  local events = redis.call('HINCRBY', key, event .. ':' .. math.floor(now / 60000) % 60, mails or 1)
  if events == (mails or 1) then redis.call('PEXPIRE', key, keep) end
end
local function expireAt(id, at) redis.call('ZADD', '${endedKey}', at, id) end
local function cancelExpiry(id) redis.call('ZREM', '${endedKey}', id) end`;
