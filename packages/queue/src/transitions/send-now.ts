import { indexFunctions } from './index-functions.ts';

/**
 * scheduled | retrying → queued. A person does not want to wait for its time. Its schedule goes on from where it was.
 * KEYS: record, open mails. ARGV: now, id. Answers whether it changed anything, and the state.
 */
export const sendNow = `${indexFunctions}
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'0', 'missing'} end
if state ~= 'scheduled' and state ~= 'retrying' then return {'0', state} end
-- Nobody has seen its Date header yet: it says when the mail was due, which is now.
if state == 'scheduled' then redis.call('HSET', KEYS[1], 'dueAt', ARGV[1]) end
redis.call('HSET', KEYS[1], 'state', 'queued', 'nextAttemptAt', ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[2])
reindexMail(ARGV[2], ARGV[1])
return {'1', 'queued'}`;
