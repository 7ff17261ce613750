import { isOneOf, script } from '../redis/script.ts';
import { actorFunctions } from './actor-functions.ts';
import { applicableStates } from './applicable-states.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * scheduled | retrying → queued. A user does not want to wait until it is due. Its retry schedule goes on from where it was.
 *
 * `owner`, `by`: see `actorFunctions`.
 * Returns whether it changed anything ('1' or '0'), and the state or 'missing'.
 */
export const sendNow = script({
  name: 'sendNow',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', owner: 'text', by: 'text' },
  returns: 'texts',
  lua: `${indexFunctions}${actorFunctions}
if isHidden(owner) then return {'0', 'missing'} end
local state = redis.call('HGET', record, 'state')
if not state then return {'0', 'missing'} end
if not ${isOneOf('state', applicableStates.sendNow)} then return {'0', state} end
recordAction(by, now)
-- Its Date header says when the mail was due. Nobody has seen it yet, so it becomes now.
if state == 'scheduled' then redis.call('HSET', record, 'dueAt', now) end
redis.call('HSET', record, 'state', 'queued', 'nextAttemptAt', now)
redis.call('ZADD', unfinished, now, id)
reindexMail(id, now)
return {'1', 'queued'}`,
});
