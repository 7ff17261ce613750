import { isOneOf, reasonLiteral, script } from '../redis/script.ts';
import { unfinishedStates } from './applicable-states.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * sending → retrying. The run does not have the key of the record, and leaves the mail to one that has: no attempt and no deferral is
 * counted, and what is written is not sealed, so that everyone who could open the record still can.
 *
 * `keyMissing`: JSON. `wait`: ms until it is tried again. `run`: names the calling run.
 * Returns the state, or 'superseded' when another run has the mail, or 'missing'; and when it is tried next.
 */
export const putBack = script({
  name: 'putBack',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', run: 'text', keyMissing: 'text', wait: 'number' },
  returns: 'texts',
  lua: `${indexFunctions}
local state, currentRun, expiresAt, due = unpack(redis.call('HMGET', record, 'state', 'run', 'expiresAt', 'nextAttemptAt'))
if not state then return {'missing'} end
if currentRun == run and (state == 'retrying' or state == 'queued') then return {state, due} end
if currentRun ~= run or state ~= 'sending' then return {${isOneOf('state', unfinishedStates)} and 'superseded' or state} end
local nextAt = math.min(now + wait, tonumber(expiresAt) or now + wait)
redis.call('HSET', record, 'state', 'retrying', 'verdict', 'DEFER', 'reason', ${reasonLiteral('key-missing')},
  'keyMissing', keyMissing, 'nextAttemptAt', nextAt)
redis.call('HDEL', record, 'runs')
redis.call('ZADD', unfinished, nextAt, id)
reindexMail(id, now)
return {'retrying', string.format('%.17g', nextAt)}`,
});
