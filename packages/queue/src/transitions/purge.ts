import { mailStates } from '@posthouse/contract';
import { stateName } from '../redis/keys.ts';
import { indexFunctions } from './index-functions.ts';

const evident = ['all', ...mailStates.map(stateName)].map((name) => `'${name}'`).join(', ');

/**
 * An end whose retention is over → (none). The record goes, and its place in every index. Of one that has expired by itself
 * nobody knows which they were; the evident ones are cleared.
 * KEYS: record, ended mails. ARGV: now, id. Answers the state it was in, 'missing', or nothing where its time has not come.
 */
export const purge = `${indexFunctions}
local due = redis.call('ZSCORE', KEYS[2], ARGV[2])
if not due or tonumber(due) > tonumber(ARGV[1]) then return false end
local state = redis.call('HGET', KEYS[1], 'state')
if state then
  removeFromIndexes(ARGV[2])
else
  for _, name in ipairs({${evident}}) do removeFrom(name, ARGV[2]) end
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return state or 'missing'`;
