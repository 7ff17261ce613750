/**
 * Lua functions for scripts that somebody runs on a mail; they use the script's key `record`.
 *
 * - `isHidden` is true where the mail was not sent with an API key of the name `owner`, and where there is no mail, in the same way. With
 *   the owner '' every mail is visible.
 * - `recordAction` adds an action to the record: `by` is its JSON without the time, '' for none. The newest ones are kept, and the id of the
 *   latest bulk action, whose index the mail is in.
 */
import { limits } from '@posthouse/contract';

export const actorFunctions = `
local function isHidden(owner) return owner ~= '' and redis.pcall('HGET', record, 'apiKey') ~= owner end
local function recordAction(by, now)
  if by == '' then return end
  local isJson, actions = pcall(cjson.decode, redis.call('HGET', record, 'actions') or '[]')
  if not isJson or type(actions) ~= 'table' then actions = {} end
  local action = cjson.decode(by)
  action.at = now
  table.insert(actions, action)
  while #actions > ${limits.actionsKept} do table.remove(actions, 1) end
  redis.call('HSET', record, 'actions', cjson.encode(actions))
  if type(action.bulk) == 'string' then redis.call('HSET', record, 'bulk', action.bulk) end
end`;
