import { isFinal, mailStates } from '@posthouse/contract';
import { isOneOf, reasonLiteral, script } from '../redis/script.ts';
import { endFunctions, retentionKinds } from './end-functions.ts';

/** Uncertain is final too, but can still be resolved; a record that cannot be read cannot. */
const settledStates = mailStates.filter((state) => isFinal(state) && state !== 'uncertain');

/**
 * Any state but sent | expired | cancelled | failed → failed. The record cannot be read, so nothing can be sent. It is kept as long as a
 * failed one; so is a key that holds something else.
 *
 * Returns 1, or 0 where it changed nothing.
 */
export const failUnreadable = script({
  name: 'failUnreadable',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', ...retentionKinds },
  returns: 'number',
  lua: `${endFunctions}
if not isHash() then
  if redis.call('EXISTS', record) == 0 then return 0 end
  giveUpKey(id, now, keepFailed)
  return 1
end
local state = redis.call('HGET', record, 'state')
if not state or ${isOneOf('state', settledStates)} then return 0 end
redis.call('HSET', record, 'verdict', 'FAIL', 'reason', ${reasonLiteral('record-unreadable')})
endMail('failed', id, now, keepSent, keepFailed, keepTraffic)
return 1`,
});
