/**
 * Lua functions for values that are stored in parts (record/field-parts.ts).
 *
 * - `longIn` reads a value of the hash `key`, whose first part the script has read already.
 * - `addLong` adds a value to a list of names and values for HSET.
 * - `readLong`, `setLong` and `deleteLong` read, write and delete one of the script's key `record`; `deleteLong` returns true when it deleted any.
 */
import { maxParts, partBytes } from '../record/field-parts.ts';

export const longIn = `
local function longIn(key, name, first)
  local value, part, n = first, first, 0
  while part and #part == ${partBytes} do
    n = n + 1
    part = redis.call('HGET', key, name .. '.' .. n)
    value = value .. (part or '')
  end
  return value
end`;

export const partFunctions = `${longIn}
local function addLong(fields, name, value)
  local last = #value < ${maxParts * partBytes} and math.floor(#value / ${partBytes}) or 0
  for n = 0, last do
    fields[#fields + 1] = n == 0 and name or name .. '.' .. n
    fields[#fields + 1] = last == 0 and value or string.sub(value, n * ${partBytes} + 1, (n + 1) * ${partBytes})
  end
end
local function readLong(name) return longIn(record, name, redis.call('HGET', record, name)) end
local function setLong(name, value)
  local fields = {}
  addLong(fields, name, value)
  redis.call('HSET', record, unpack(fields))
end
local function deleteLong(name)
  local names = {name}
  for n = 1, ${maxParts - 1} do names[n + 1] = name .. '.' .. n end
  return redis.call('HDEL', record, unpack(names)) > 0
end`;
