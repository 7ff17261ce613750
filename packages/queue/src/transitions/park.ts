import { isOneOf, script } from '../redis/script.ts';
import { unfinishedStates } from './applicable-states.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * sending → the state before the run began. The mail is parked under a pause: no attempt and no deferral is counted, it stays due since
 * when it was, and neither the sweeper nor a worker looks at it before it expires or is released (`PauseRelease`). A pause that has ended
 * parks nothing. Counts only from the run that has the mail; a run may do so twice, because a command without an answer is sent again.
 *
 * `run`: names the calling run. `pause`: its id. `stateBefore`: that the mail returns to.
 * Returns 'parked' and when the mail expires; or 'pause-ended', 'superseded' when another run has the mail, its state, or 'missing'.
 */
export const park = script({
  name: 'park',
  keys: ['record', 'unfinished', 'pauses', 'parked'],
  readsClock: true,
  args: { id: 'text', run: 'text', pause: 'text', stateBefore: 'text' },
  returns: 'texts',
  lua: `${indexFunctions}
local state, currentRun, expiresAt, due, dueAt =
  unpack(redis.call('HMGET', record, 'state', 'run', 'expiresAt', 'nextAttemptAt', 'dueAt'))
if not state then return {'missing'} end
local isParked = currentRun == run and state == stateBefore
if not isParked and (currentRun ~= run or state ~= 'sending') then
  return {${isOneOf('state', unfinishedStates)} and 'superseded' or state}
end
expiresAt = numberIn(expiresAt, now)
if not isParked then
  local stored = redis.call('HGET', pauses, pause)
  local ends = stored and cjson.decode(stored)['until']
  if not stored or (ends and ends <= now) then return {'pause-ended'} end
  redis.call('HSET', record, 'state', stateBefore)
  redis.call('HINCRBY', record, 'runs', -1)
  reindexMail(id, now)
end
redis.call('ZADD', unfinished, expiresAt, id)
redis.call('ZADD', parked, numberIn(due or dueAt, now), id)
return {'parked', string.format('%.0f', expiresAt)}`,
});
