import { isOneOf, script } from '../redis/script.ts';
import { actorFunctions } from './actor-functions.ts';
import { reschedulableStates } from './applicable-states.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * scheduled → scheduled at another time, or queued where that time is past.
 *
 * `owner`, `by`: see `actorFunctions`. `at`: the new time, ms since the epoch. `movesExpiry`: the mail expires as long after it is due as
 * before; otherwise it expires when it did.
 * Returns whether it changed anything ('1' or '0'), and the state or 'missing'.
 */
export const reschedule = script({
  name: 'reschedule',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', owner: 'text', by: 'text', at: 'number', movesExpiry: 'flag' },
  returns: 'texts',
  lua: `${indexFunctions}${actorFunctions}
if isHidden(owner) then return {'0', 'missing'} end
local state, dueAt, expiresAt = unpack(redis.call('HMGET', record, 'state', 'dueAt', 'expiresAt'))
if not state then return {'0', 'missing'} end
if not ${isOneOf('state', reschedulableStates)} then return {'0', state} end
recordAction(by, now)
local due = math.max(at, now)
if movesExpiry then
  redis.call('HSET', record, 'expiresAt', string.format('%.0f', numberIn(expiresAt, now) - numberIn(dueAt, now) + due))
end
local newState = due > now and 'scheduled' or 'queued'
redis.call('HSET', record, 'state', newState, 'dueAt', string.format('%.0f', due), 'nextAttemptAt', string.format('%.0f', due))
redis.call('ZADD', unfinished, due, id)
reindexMail(id, now)
return {'1', newState}`,
});
