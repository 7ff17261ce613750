/**
 * The steps by which a batch of mails is accepted completely or not at all (acceptance/mail-batch.ts).
 *
 * A batch is a hash: `ids` (JSON), `attempt` and `state`, which is `open` or `committed`; without a state the batch is aborted.
 * A repeated request has the same ids, so it has the same batch. `attempt` names the request that accepts it now: a command of
 * an earlier one that arrives late changes nothing. Aborting removes a field and discarding deletes keys, because a full Redis
 * still takes that.
 */
import { recordPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';
import { acceptanceFunctions, acceptNoted, forEachMail } from './each-mail.ts';
import { indexFunctions } from './index-functions.ts';
import { jobFunctions } from './job-functions.ts';
import { keyCheckKinds, requireKey } from './key-check.ts';

/** Lua: true when the batch was accepted and closed before, which its first record shows. */
const wasAccepted = `
local function wasAccepted(id)
  local state = redis.pcall('HGET', '${recordPrefix}' .. id, 'state')
  return state and state ~= 'staged'
end`;

/**
 * (none) | open → open, for this attempt. Returns 'open'; 'committed' or 'accepted' where an earlier attempt has accepted the batch; or
 * 'aborted' where the records of an earlier attempt are still being discarded.
 *
 * `id`: of the first mail.
 */
export const open = script({
  name: 'openBatch',
  keys: ['batch', 'batches'],
  readsClock: true,
  args: { id: 'text', ids: 'text', attempt: 'text' },
  returns: 'text',
  lua: `${wasAccepted}
local state = redis.call('HGET', batch, 'state')
if state == 'committed' then return state end
if not state then
  if wasAccepted(id) then return 'accepted' end
  if redis.call('EXISTS', batch) == 1 then return 'aborted' end
end
redis.call('HSET', batch, 'state', 'open', 'ids', ids, 'attempt', attempt)
redis.call('ZADD', batches, now, id)
return 'open'`,
});

/**
 * Records: (none) → staged, while the batch is open to this attempt. A record that an earlier attempt has staged stays as it is.
 * Returns for each mail 1, or the error of one that was refused; or a single 0 where the batch is no longer open to this attempt.
 *
 * `mails`: for each mail a list (lua-values.ts) of its id, and of names and values of its record.
 */
export const stageEach = script({
  name: 'stageMails',
  keys: ['batch', 'secrets'],
  args: { batchId: 'text', attempt: 'text', mails: 'bytes', ...keyCheckKinds },
  returns: 'list',
  lua: `
local state, opener = unpack(redis.call('HMGET', batch, 'state', 'attempt'))
if state ~= 'open' or opener ~= attempt then return {0} end
${requireKey}
local function stageMail(_, id, fields)
  local record = '${recordPrefix}' .. id
  if redis.call('EXISTS', record) == 1 then return 1 end
  redis.call('HSET', record, unpack(fields))
  redis.call('HSET', record, 'state', 'staged', 'batch', batchId)
  return 1
end
${forEachMail('stageMail')}`,
});

/**
 * open → committed, when this attempt has the batch and every record of it is there. Returns 'committed'; 'superseded' where another
 * attempt has the batch; 'incomplete'; or 'aborted'.
 */
export const commit = script({
  name: 'commitBatch',
  keys: ['batch'],
  args: { attempt: 'text' },
  returns: 'text',
  lua: `
local state, opener, ids = unpack(redis.call('HMGET', batch, 'state', 'attempt', 'ids'))
if state ~= 'open' then return state or 'aborted' end
if opener ~= attempt then return 'superseded' end
for _, id in ipairs(cjson.decode(ids)) do
  if redis.call('EXISTS', '${recordPrefix}' .. id) == 0 then return 'incomplete' end
end
redis.call('HSET', batch, 'state', 'committed')
return 'committed'`,
});

/**
 * Records: staged → queued | scheduled, once the batch is committed, and their jobs are added. Each mail is run apart from the others.
 * Returns for each mail 1, or 0 where its record was finished before or is no record; of one that was refused, the error.
 *
 * `mails`: for each mail a list (lua-values.ts) of its id and its job (MailJobs.packed).
 */
export const finishEach = script({
  name: 'finishMails',
  keys: ['batch', 'unfinished'],
  args: { mails: 'bytes', jobKeys: 'bytes', jobTime: 'text', keepTraffic: 'number' },
  returns: 'list',
  lua: `
local record
${indexFunctions}
${jobFunctions}
${acceptanceFunctions}
if redis.call('HGET', batch, 'state') ~= 'committed' then return {} end
local function finishRecord(n, id)
  if not isHash() then return 0 end
  local state, createdAt, dueAt, byState, fixed =
    unpack(redis.call('HMGET', record, 'state', 'createdAt', 'dueAt', 'stateIndexes', 'fixedIndexes'))
  if state ~= 'staged' then return 0 end
  createdAt, dueAt = numberIn(createdAt, 0), numberIn(dueAt, 0)
  redis.call('HSET', record, 'state', dueAt > createdAt and 'scheduled' or 'queued')
  redis.call('HDEL', record, 'batch')
  acceptLater(n, id, dueAt, createdAt, namesIn((byState or '') .. '\\n' .. (longIn(record, 'fixedIndexes', fixed) or '')))
  return 1
end
local function finishMail(n, id, job)
  record = '${recordPrefix}' .. id
  local finished = finishRecord(n, id)
  addJob(n, id, job)
  return finished
end
${forEachMail('finishMail', acceptNoted)}`,
});

/**
 * open → aborted. Returns the result: 'aborted'; 'committed' where the batch is accepted, also long ago; 'superseded' where another attempt
 * has it; or 'open' where it was opened after `openedBefore`.
 *
 * `attempt`: '' aborts the batch of any attempt. `openedBefore`: ms since the epoch.
 */
export const abort = script({
  name: 'abortBatch',
  keys: ['batch', 'batches'],
  args: { id: 'text', attempt: 'text', openedBefore: 'number' },
  returns: 'text',
  lua: `${wasAccepted}
local state, opener = unpack(redis.call('HMGET', batch, 'state', 'attempt'))
if state == 'committed' or not state and wasAccepted(id) then return 'committed' end
if state and attempt ~= '' and opener ~= attempt then return 'superseded' end
local openedAt = redis.call('ZSCORE', batches, id)
if state and openedAt and tonumber(openedAt) > openedBefore then return 'open' end
redis.call('HDEL', batch, 'state')
return 'aborted'`,
});

/** Records: staged → (none), while their batch is aborted. Returns how many were deleted. `ids`: of the mails. */
export const discard = script({
  name: 'discardMails',
  keys: ['batch'],
  args: { batchId: 'text' },
  rest: 'ids',
  returns: 'number',
  lua: `
local deleted = 0
if redis.call('HEXISTS', batch, 'state') == 1 then return deleted end
for _, id in ipairs(ids) do
  local record = '${recordPrefix}' .. id
  local state, batchOfMail = unpack(redis.pcall('HMGET', record, 'state', 'batch'))
  if state == 'staged' and batchOfMail == batchId then deleted = deleted + redis.call('DEL', record) end
end
return deleted`,
});

/** committed | aborted → (none). An open batch stays. */
export const close = script({
  name: 'closeBatch',
  keys: ['batch', 'batches'],
  args: { id: 'text' },
  returns: 'number',
  lua: `
if redis.call('HGET', batch, 'state') == 'open' then return 0 end
redis.call('DEL', batch)
return redis.call('ZREM', batches, id)`,
});
