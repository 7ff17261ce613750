import { isOneOf } from '../redis/script.ts';
import { unfinishedStates } from './applicable-states.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * The Lua by which a run gives up its mail, which waits again: sending → retrying. It uses the keys `record` and `unfinished`, and the
 * arguments `id`, `run` and `wait`, in ms. Counts only from the run that has the mail. A run may do so twice, because a command without an
 * answer is sent again: the second changes nothing.
 *
 * Returns the state, or 'superseded' when another run has the mail, or 'missing'; and when it is tried next.
 * @param change what else is written, in Lua; `nextAt` is when the mail is tried next
 */
export function waitAgain(change: string): string {
  return `${indexFunctions}
local state, currentRun, expiresAt, due = unpack(redis.call('HMGET', record, 'state', 'run', 'expiresAt', 'nextAttemptAt'))
if not state then return {'missing'} end
if currentRun == run and (state == 'retrying' or state == 'queued') then return {state, due} end
if currentRun ~= run or state ~= 'sending' then return {${isOneOf('state', unfinishedStates)} and 'superseded' or state} end
local nextAt = math.min(now + wait, tonumber(expiresAt) or now + wait)
${change}
redis.call('HSET', record, 'state', 'retrying', 'verdict', 'DEFER', 'nextAttemptAt', nextAt)
redis.call('ZADD', unfinished, nextAt, id)
reindexMail(id, now)
return {'retrying', string.format('%.17g', nextAt)}`;
}
