import { script } from '../redis/script.ts';
import { indexFunctions } from './index-functions.ts';

/**
 * An end whose retention is over → (none). Deletes the record, what is kept of its content, and its entries in all indexes; where Redis
 * has already expired the record, or it does not say which ones, in those of the classes. `npm run reindex` removes what is left.
 *
 * Returns the state it was in, 'missing', or nothing where its retention is not over.
 */
export const purge = script({
  name: 'purge',
  keys: ['record', 'ended', 'content'],
  args: { now: 'number', id: 'text' },
  returns: 'text',
  lua: `${indexFunctions}
local due = redis.call('ZSCORE', ended, id)
if not due or tonumber(due) > now then return false end
local state
if isHash() then
  state = redis.call('HGET', record, 'state')
  removeFromIndexes(id)
else
  removeFromClasses(id)
end
redis.call('DEL', record, content)
redis.call('ZREM', ended, id)
return state or 'missing'`,
});
