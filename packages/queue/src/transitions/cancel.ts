import { isOneOf, reasonLiteral, script } from '../redis/script.ts';
import { actorFunctions } from './actor-functions.ts';
import { applicableStates } from './applicable-states.ts';
import { endFunctions, retentionKinds, retentionOfWorkers } from './end-functions.ts';

/**
 * queued | scheduled | retrying, and sending before the gate → cancelled; or sent, where some recipients were accepted.
 *
 * The content is deleted, also of a mail that some recipients have got: nothing more is to be sent.
 * A record whose fields were edited can be cancelled as well, and what is not a record is purged later: a user must be able to end it.
 *
 * `owner`, `by`: see `actorFunctions`.
 * Returns whether it changed anything ('1' or '0'), and the state or 'missing'.
 */
export const cancel = script({
  name: 'cancel',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', owner: 'text', by: 'text', ...retentionKinds },
  returns: 'texts',
  lua: `${endFunctions}${actorFunctions}${retentionOfWorkers}
if isHidden(owner) then return {'0', 'missing'} end
if redis.call('EXISTS', record) == 1 and not isHash() then
  giveUpKey(id, now, keepFailed)
  return {'1', 'cancelled'}
end
local state, messageStartedAt = unpack(redis.call('HMGET', record, 'state', 'messageStartedAt'))
if not state then return {'0', 'missing'} end
if messageStartedAt or not ${isOneOf('state', applicableStates.cancel)} then return {'0', state} end
local isReadable, ended = pcall(function()
  local recipients = cjson.decode(readLong('recipients'))
  rejectPending(recipients, ${reasonLiteral('cancelled')}, now)
  return deriveState(recipients, 'cancelled')
end)
if not isReadable then ended = 'cancelled' end
recordAction(by, now)
endMail(ended, id, now, keepSent, keepFailed, keepTraffic)
return {'1', ended}`,
});
