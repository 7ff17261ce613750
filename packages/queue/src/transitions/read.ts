import { batchPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';
import { actorFunctions } from './actor-functions.ts';

/**
 * Reads a record. One that is staged is read once its batch is committed, in the state that it is about to get.
 *
 * `withContent`: also the content, which may be 34 MB. `owner`: see `actorFunctions`. Returns names and values in turn.
 */
export const read = script({
  name: 'read',
  keys: ['record'],
  args: { withContent: 'flag', owner: 'text' },
  returns: 'bytes',
  lua: `${actorFunctions}
if isHidden(owner) then return {} end
local staged, batch, createdAt, dueAt = unpack(redis.call('HMGET', record, 'state', 'batch', 'createdAt', 'dueAt'))
local stateToBe
if staged == 'staged' then
  if redis.call('HGET', '${batchPrefix}' .. batch, 'state') ~= 'committed' then return {} end
  stateToBe = tonumber(dueAt) > tonumber(createdAt) and 'scheduled' or 'queued'
end
local fields = {}
for _, name in ipairs(redis.call('HKEYS', record)) do
  if withContent or name ~= 'content' then
    table.insert(fields, name)
    table.insert(fields, name == 'state' and stateToBe or redis.call('HGET', record, name))
  end
end
return fields`,
});
