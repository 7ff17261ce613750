/** The Lua scripts of pauses. A pause that has ended leaves the hash in the same step in which the release of its mails is due. */
import { parkedPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';

const endFunction = `
local function endPause(id)
  if redis.call('HDEL', pauses, id) == 0 then return 0 end
  if redis.call('EXISTS', '${parkedPrefix}' .. id) == 1 then redis.call('SADD', releasing, id) end
  return 1
end`;

/**
 * Reads the pauses, and ends those whose time is over.
 *
 * Returns how many ended pauses have mails to release, then the id and the JSON of each pause in turn.
 */
export const readPauses = script({
  name: 'readPauses',
  keys: ['pauses', 'releasing'],
  readsClock: true,
  args: {},
  returns: 'texts',
  lua: `${endFunction}
local stored, current = redis.call('HGETALL', pauses), {}
for n = 1, #stored, 2 do
  local isJson, pause = pcall(cjson.decode, stored[n + 1])
  local ends = isJson and type(pause) == 'table' and tonumber(pause['until'])
  if ends and ends <= now then
    endPause(stored[n])
  else
    current[#current + 1], current[#current + 2] = stored[n], stored[n + 1]
  end
end
return {tostring(redis.call('SCARD', releasing)), unpack(current)}`,
});

/**
 * Begins a pause, unless there are as many as there may be, or one of the same.
 *
 * `stored`: its JSON without the time. `ms`: until it ends automatically; 0 for never. Returns 'started', 'full' or 'exists'.
 */
export const startPause = script({
  name: 'startPause',
  keys: ['pauses', 'releasing'],
  readsClock: true,
  args: { id: 'text', stored: 'text', ms: 'number', max: 'number' },
  returns: 'text',
  lua: `${endFunction}
local new = cjson.decode(stored)
local all = redis.call('HGETALL', pauses)
for n = 1, #all, 2 do
  local isJson, pause = pcall(cjson.decode, all[n + 1])
  if isJson and type(pause) == 'table' then
    local isOver = pause['until'] and pause['until'] <= now
    if isOver then endPause(all[n]) end
    if not isOver and pause.scope == new.scope and pause.match == new.match then return 'exists' end
  end
end
if redis.call('HLEN', pauses) >= max then return 'full' end
new.since = now
if ms > 0 then new['until'] = now + ms end
redis.call('HSET', pauses, id, cjson.encode(new))
return 'started'`,
});

/** Ends a pause. Returns 1, or 0 where it has ended already. */
export const endPause = script({
  name: 'endPause',
  keys: ['pauses', 'releasing'],
  args: { id: 'text' },
  returns: 'number',
  lua: `${endFunction}
return endPause(id)`,
});

/**
 * Removes mails from those parked under an ended pause; with the last one the release is over.
 *
 * `pause`: its id. Returns how many are left.
 */
export const removeParked = script({
  name: 'removeParked',
  keys: ['parked', 'releasing'],
  args: { pause: 'text' },
  rest: 'ids',
  returns: 'number',
  lua: `
if #ids > 0 then redis.call('ZREM', parked, unpack(ids)) end
local left = redis.call('ZCARD', parked)
if left == 0 then redis.call('SREM', releasing, pause) end
return left`,
});
