import { script } from '../redis/script.ts';
import { indexFunctions } from './index-functions.ts';
import { keyCheckKinds, requireKey } from './key-check.ts';

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
redis.call('HSET', record, unpack(fields))
redis.call('ZADD', unfinished, dueAt, id)
indexFixed(id)
reindexMail(id, now)
count('accepted', now, keepTraffic)
return 1`,
});
