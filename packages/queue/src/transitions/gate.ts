import { script } from '../redis/script.ts';

/**
 * sending → sending, with `messageStartedAt`: the last moment before the message's bytes go out. Open only to the run that
 * has the lock on the job, and only while the mail is still to be sent.
 *
 * `token`: of the lock. Returns 'open', 'lease-lost', or the state (or 'missing') that denies it.
 */
export const gate = script({
  name: 'gate',
  keys: ['record', 'lock'],
  args: { now: 'number', token: 'text' },
  returns: 'text',
  lua: `
if redis.call('GET', lock) ~= token then return 'lease-lost' end
local state = redis.call('HGET', record, 'state')
if state ~= 'sending' then return state or 'missing' end
redis.call('HSET', record, 'messageStartedAt', now)
return 'open'`,
});
