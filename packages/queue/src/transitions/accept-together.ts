import { recordPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';
import { acceptanceFunctions, acceptNoted, forEachMail } from './each-mail.ts';
import { indexFunctions } from './index-functions.ts';
import { jobFunctions } from './job-functions.ts';
import { keyCheckKinds, requireKey } from './key-check.ts';

/**
 * (none) → queued | scheduled, for all mails of a batch that fits into one script, or for none; their jobs are added. Where Redis refuses a
 * record, those before it are deleted again, and the error is returned. A mail whose index or job is refused is accepted all the same, as the
 * last step of a larger batch does it: the sweeper gives it a job.
 *
 * `mails`: as for `acceptEach`, without claims. Returns 'known' where the batch was accepted before; 'in-steps' where an earlier request accepts
 * it in steps (batch.ts), and nothing was changed; else for each mail 1, or the error of its index or its job.
 */
export const acceptTogether = script({
  name: 'acceptTogether',
  keys: ['unfinished', 'secrets', 'batch'],
  args: { mails: 'bytes', jobKeys: 'bytes', jobTime: 'text', keepTraffic: 'number', ...keyCheckKinds },
  returns: 'list',
  lua: `
local record
${indexFunctions}
${jobFunctions}
${acceptanceFunctions}
local all = cmsgpack.unpack(mails)
local known = redis.call('HGET', '${recordPrefix}' .. all[1][1], 'state')
if known == 'staged' or redis.call('EXISTS', batch) == 1 then return {'in-steps'} end
if known then return {'known'} end
${requireKey}
local stored = {}
local function store()
  for n, mail in ipairs(all) do
    local id, dueAt, acceptedAt, fields, indexes = unpack(mail)
    record = '${recordPrefix}' .. id
    if not redis.call('HGET', record, 'state') then
      redis.call('HSET', record, unpack(fields))
      stored[#stored + 1] = record
      acceptLater(n, id, dueAt, acceptedAt, indexes)
    end
  end
end
local isStored, thrown = pcall(store)
if not isStored then
  for _, key in ipairs(stored) do redis.call('DEL', key) end
  return redis.error_reply(type(thrown) == 'table' and thrown.err or tostring(thrown))
end
local function addJobOf(n, id, _, _, _, _, job)
  addJob(n, id, job)
  return 1
end
${forEachMail('addJobOf', acceptNoted)}`,
});
