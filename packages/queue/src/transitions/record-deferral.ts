import { isOneOf, script } from '../redis/script.ts';
import { unfinishedStates } from './applicable-states.ts';
import { gateFields } from './gate.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * sending → retrying. The provider could not take the mail; no attempt is used. Counts only from the run that has the mail.
 * A run may record the same deferral twice, because a command without an answer is sent again: the second changes nothing.
 *
 * `deferral`: sealed. `provider` may be ''. `wait`: ms until it is tried again. `run`: names the calling run.
 * Returns the state, or 'superseded' when another run has the mail, or 'missing'; and when it is tried next.
 */
export const recordDeferral = script({
  name: 'recordDeferral',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', run: 'text', deferral: 'bytes', provider: 'text', reason: 'text', wait: 'number' },
  returns: 'texts',
  lua: `${indexFunctions}
local state, currentRun, expiresAt, due = unpack(redis.call('HMGET', record, 'state', 'run', 'expiresAt', 'nextAttemptAt'))
if not state then return {'missing'} end
if currentRun == run and (state == 'retrying' or state == 'queued') then return {state, due} end
if currentRun ~= run or state ~= 'sending' then return {${isOneOf('state', unfinishedStates)} and 'superseded' or state} end
local nextAt = math.min(now + wait, tonumber(expiresAt) or now + wait)
redis.call('HINCRBY', record, 'deferralCount', 1)
redis.call('HSET', record, 'state', 'retrying', 'deferral', deferral, 'provider', provider, 'verdict', 'DEFER', 'reason', reason,
  'nextAttemptAt', nextAt)
redis.call('HDEL', record, ${gateFields}, 'runs', 'keyMissing')
redis.call('ZADD', unfinished, nextAt, id)
reindexMail(id, now)
return {'retrying', string.format('%.17g', nextAt)}`,
});
