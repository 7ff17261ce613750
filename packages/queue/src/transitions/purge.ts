import { mailStates } from '@posthouse/contract';
import { stateName } from '../redis/keys.ts';
import { script } from '../redis/script.ts';
import { indexFunctions } from './index-functions.ts';

/** The indexes of a mail whose record is gone, as far as they can be known. */
const knownIndexes = ['all', ...mailStates.map(stateName)].map((name) => `'${name}'`).join(', ');

/**
 * An end whose retention is over → (none). Deletes the record and its entries in all indexes; where Redis has already expired the
 * record, in `all` and in those of the states.
 *
 * Returns the state it was in, 'missing', or nothing where its retention is not over.
 */
export const purge = script({
  name: 'purge',
  keys: ['record', 'ended'],
  args: { now: 'number', id: 'text' },
  returns: 'text',
  lua: `${indexFunctions}
local due = redis.call('ZSCORE', ended, id)
if not due or tonumber(due) > now then return false end
local state = redis.call('HGET', record, 'state')
if state then
  removeFromIndexes(id)
else
  for _, name in ipairs({${knownIndexes}}) do removeFrom(name, id) end
end
redis.call('DEL', record)
redis.call('ZREM', ended, id)
return state or 'missing'`,
});
