import { script } from '../redis/script.ts';

/** The fields that the gate stores, as arguments of HDEL: no message is on its way any more. */
export const gateFields = "'messageStartedAt', 'messageStartedBy', 'replyBy'";

/**
 * sending → sending, with `messageStartedAt`: the last moment before the message's bytes go out. Open only to the run that
 * has the lock on the job, and only while the mail is still to be sent. Also stores which worker sends it, and until when that
 * worker waits for the reply, for `begin`.
 *
 * `token`: of the lock. `worker`: whose heartbeat shows that it is still waiting. `replyWithin`: ms.
 * Returns 'open', 'lease-lost', or the state (or 'missing') that denies it.
 */
export const gate = script({
  name: 'gate',
  keys: ['record', 'lock'],
  readsClock: true,
  args: { token: 'text', worker: 'text', replyWithin: 'number' },
  returns: 'text',
  lua: `
if redis.call('GET', lock) ~= token then return 'lease-lost' end
local state = redis.call('HGET', record, 'state')
if state ~= 'sending' then return state or 'missing' end
redis.call('HSET', record, 'messageStartedAt', now, 'messageStartedBy', worker, 'replyBy', now + replyWithin)
return 'open'`,
});
