import { batchPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';
import { actorFunctions } from './actor-functions.ts';

/**
 * Lua: `fieldsWithout` reads names and values of the record in turn, without the fields whose names match a pattern. Two commands: one for each
 * field would cost as much as all other work of a run. Uses the script's key `record`.
 */
export const fieldsWithout = `
local function fieldsWithout(pattern)
  local names, fields = {}, {}
  for _, name in ipairs(redis.call('HKEYS', record)) do
    if not string.find(name, pattern) then names[#names + 1] = name end
  end
  if #names == 0 then return fields end
  for n, value in ipairs(redis.call('HMGET', record, unpack(names))) do fields[2 * n - 1], fields[2 * n] = names[n], value end
  return fields
end`;

/**
 * Reads a record. One that is staged is read once its batch is committed, in the state that it is about to get.
 *
 * `withContent`: also the content, which may be 34 MB, or what is kept of it. `owner`: see `actorFunctions`. Returns names and values in turn,
 * among them `contentState`, and `contentUntil` where something is deleted then, or was.
 */
export const read = script({
  name: 'read',
  keys: ['record', 'content', 'ended'],
  args: { id: 'text', withContent: 'flag', owner: 'text' },
  returns: 'bytes',
  lua: `${actorFunctions}${fieldsWithout}
if isHidden(owner) then return {} end
local staged, batch, createdAt, dueAt = unpack(redis.call('HMGET', record, 'state', 'batch', 'createdAt', 'dueAt'))
if not staged and redis.call('EXISTS', record) == 0 then return {} end
local stateToBe
if staged == 'staged' then
  if redis.call('HGET', '${batchPrefix}' .. batch, 'state') ~= 'committed' then return {} end
  stateToBe = tonumber(dueAt) > tonumber(createdAt) and 'scheduled' or 'queued'
end
local fields = {}
local kept = withContent and redis.call('GET', content) or nil
local contentState, contentUntil = 'deleted', nil
if redis.call('HEXISTS', record, 'content') == 1 then
  contentState, contentUntil = 'complete', redis.call('ZSCORE', ended, id)
elseif kept or redis.call('EXISTS', content) == 1 then
  contentState = redis.call('HGET', record, 'contentState')
end
for name, value in pairs({ keptContent = kept, contentState = contentState, contentUntil = contentUntil }) do
  if value then
    table.insert(fields, name)
    table.insert(fields, value)
  end
end
local stored = fieldsWithout(withContent and '^contentState$' or '^content%.?%d*$')
for n = 1, #stored, 2 do
  if stored[n] ~= 'contentState' then
    table.insert(fields, stored[n])
    table.insert(fields, stored[n] == 'state' and stateToBe or stored[n + 1])
  end
end
return fields`,
});
