import { isOneOf, script } from '../redis/script.ts';
import { actorFunctions } from './actor-functions.ts';
import { applicableStates } from './applicable-states.ts';
import { endFunctions } from './end-functions.ts';

/**
 * failed | sent (to some) → queued. The rejected recipients are pending again, the retry schedule starts from the beginning, the history
 * stays. It needs the content, and of a sent mail a rejected recipient.
 *
 * `owner`, `by`: see `actorFunctions`.
 * Returns whether it changed anything ('1' or '0'), and the state or 'missing'.
 */
export const retry = script({
  name: 'retry',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', owner: 'text', by: 'text' },
  returns: 'texts',
  lua: `${endFunctions}${actorFunctions}
if isHidden(owner) then return {'0', 'missing'} end
local state = redis.call('HGET', record, 'state')
if not state then return {'0', 'missing'} end
if not ${isOneOf('state', applicableStates.retry)} or redis.call('HEXISTS', record, 'content') == 0 then return {'0', state} end
local recipients, rejected = cjson.decode(readLong('recipients')), 0
for _, recipient in ipairs(recipients) do
  if recipient.state == 'rejected' then recipient.state, rejected = 'pending', rejected + 1 end
end
if state == 'sent' and rejected == 0 then return {'0', state} end
recordAction(by, now)
if state == 'sent' then redis.call('HSET', record, 'countedAsSent', 1) end
setLong('recipients', cjson.encode(recipients))
requeue(id, now)
return {'1', 'queued'}`,
});
