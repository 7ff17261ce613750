import { recordPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';
import { acceptanceFunctions, acceptNoted, forEachMail } from './each-mail.ts';
import { indexFunctions } from './index-functions.ts';
import { jobFunctions } from './job-functions.ts';
import { keyCheckKinds, requireKey } from './key-check.ts';

/**
 * (none) → queued | scheduled, for several mails, and their jobs are added. An existing record stays as it is, so that an acceptance can be
 * repeated. Each is run apart from the others: of one that Redis refuses midway, the others are accepted. Their entries in indexes are written together.
 *
 * `mails`: for each mail a list (lua-values.ts): its id; when it is due and when it is accepted (ms since the epoch); names and values of the
 * record; the names of its indexes; its job (MailJobs.packed), if it has one; and, where it is accepted once for an idempotency key, the claim: that key is claimed and answered together
 * with the mail, so that no claim is ever without an answer. The claim has its key, the hash of the request, the id of the mail in JSON, the
 * answer, the ms until the claim of another request without an answer can be taken over, and the ms that the claim is kept.
 *
 * Returns for each mail 1, or 0 where the record existed; with a claim a list instead: 'claimed'; or 'replay' and the answer to an earlier request; or 'busy';
 * or 'reclaimed' and the ids of an earlier request that has ended without an answer; or 'mismatch' when the key was used with another request.
 * Only 'claimed' has accepted the mail. Of a mail that was refused, the error is in its place.
 */
export const acceptEach = script({
  name: 'acceptEach',
  keys: ['unfinished', 'secrets'],
  args: { mails: 'bytes', jobKeys: 'bytes', jobTime: 'text', keepTraffic: 'number', ...keyCheckKinds },
  returns: 'list',
  lua: `
local record
${indexFunctions}
${jobFunctions}
${acceptanceFunctions}
local function otherClaim(now, claim, body, ids, _, acceptanceTimeout)
  local claimedBody, claimedIds, answer, claimedAt = unpack(redis.call('HMGET', claim, 'body', 'ids', 'answer', 'at'))
  if claimedBody and claimedBody ~= body then return {'mismatch'} end
  if not claimedIds or claimedIds == ids then return nil end
  if answer then return {'replay', answer} end
  if now - tonumber(claimedAt) < acceptanceTimeout then return {'busy'} end
  return {'reclaimed', claimedIds}
end
local function otherKey() ${requireKey}
end
local keyError
local function acceptMail(n, id, dueAt, now, fields, indexes, job, once)
  record = '${recordPrefix}' .. id
  local other = once and otherClaim(now, unpack(once))
  if other then return other end
  local isKnown = redis.call('EXISTS', record) == 1
  if once or not isKnown then
    if keyError == nil then keyError = otherKey() or false end
    if keyError then return keyError end
  end
  if once then
    local claim, body, ids, answer, _, keep = unpack(once)
    redis.call('HSET', claim, 'body', body, 'ids', ids, 'at', now, 'answer', answer)
    redis.call('PEXPIRE', claim, keep)
  end
  if not isKnown then
    redis.call('HSET', record, unpack(fields))
    acceptLater(n, id, dueAt, now, indexes)
  end
  addJob(n, id, job)
  return once and {'claimed'} or isKnown and 0 or 1
end
${forEachMail('acceptMail', acceptNoted)}`,
});
