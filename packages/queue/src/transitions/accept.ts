import { script } from '../redis/script.ts';
import { indexFunctions } from './index-functions.ts';
import { keyCheckKinds, requireKey } from './key-check.ts';

/** Lua: stores a record that does not exist, with the keys and arguments of `accept`. */
const storeMail = `
redis.call('HSET', record, unpack(fields))
redis.call('ZADD', unfinished, dueAt, id)
indexFixed(id)
reindexMail(id, now)
count('accepted', now, keepTraffic)`;

/**
 * (none) → queued | scheduled. An existing record stays as it is, so that an acceptance can be repeated.
 *
 * `dueAt`, `now`: ms since the epoch. `fields`: names and values of the record.
 * Returns 1, or 0 where the record existed.
 */
export const accept = script({
  name: 'accept',
  keys: ['record', 'unfinished', 'secrets'],
  args: { id: 'text', dueAt: 'number', now: 'number', keepTraffic: 'number', ...keyCheckKinds },
  rest: 'fields',
  returns: 'number',
  lua: `${indexFunctions}
if redis.call('EXISTS', record) == 1 then return 0 end
${requireKey}
${storeMail}
return 1`,
});

/**
 * The same, once for an idempotency key: the key is claimed and answered together with the mail, so that no claim is ever without an answer.
 *
 * `body`: hash of the request. `ids`: JSON with the id of the mail. `acceptanceTimeout`: ms until the claim of another request without an
 * answer can be taken over. `keep`: ms that the claim is kept.
 * Returns 'claimed'; or 'replay' and the answer to an earlier request; or 'busy'; or 'reclaimed' and the ids of an earlier request that
 * has ended without an answer; or 'mismatch' when the key was used with another request. Only 'claimed' has accepted the mail.
 */
export const acceptOnce = script({
  name: 'acceptOnce',
  keys: [...accept.keys, 'claim'],
  args: { ...accept.args, body: 'text', ids: 'text', answer: 'text', acceptanceTimeout: 'number', keep: 'number' },
  rest: 'fields',
  returns: 'texts',
  lua: `${indexFunctions}
local claimedBody, claimedIds, answered, claimedAt = unpack(redis.call('HMGET', claim, 'body', 'ids', 'answer', 'at'))
if claimedBody and claimedBody ~= body then return {'mismatch'} end
if claimedIds and claimedIds ~= ids then
  if answered then return {'replay', answered} end
  if now - tonumber(claimedAt) < acceptanceTimeout then return {'busy'} end
  return {'reclaimed', claimedIds}
end
${requireKey}
redis.call('HSET', claim, 'body', body, 'ids', ids, 'at', now, 'answer', answer)
redis.call('PEXPIRE', claim, keep)
if redis.call('EXISTS', record) == 0 then
${storeMail}
end
return {'claimed'}`,
});
