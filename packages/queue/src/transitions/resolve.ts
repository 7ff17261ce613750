import { isOneOf, reasonLiteral, script } from '../redis/script.ts';
import { actorFunctions } from './actor-functions.ts';
import { applicableStates } from './applicable-states.ts';
import { endFunctions, retentionKinds, retentionOfWorkers } from './end-functions.ts';

/**
 * uncertain → sent | queued. A user has found out whether the mail arrived. Recipients that are pending without being uncertain
 * are sent to either way. The content of a mail that is now sent is deleted: nothing here can seal what would be kept of it.
 *
 * `delivered`: the uncertain recipients received it; otherwise it is sent to them again.
 * `owner`, `by`: see `actorFunctions`.
 * Returns whether it changed anything ('1' or '0'), and the state or 'missing'.
 */
export const resolve = script({
  name: 'resolve',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', owner: 'text', by: 'text', delivered: 'flag', ...retentionKinds },
  returns: 'texts',
  lua: `${endFunctions}${actorFunctions}${retentionOfWorkers}
if isHidden(owner) then return {'0', 'missing'} end
local state = redis.call('HGET', record, 'state')
if not state then return {'0', 'missing'} end
if not ${isOneOf('state', applicableStates.delivered)} then return {'0', state} end
local recipients = cjson.decode(readLong('recipients'))
for _, recipient in ipairs(recipients) do
  if recipient.uncertain then
    recipient.uncertain = nil
    if delivered then
      recipient.state, recipient.reason, recipient.at, recipient.resolved = 'accepted', ${reasonLiteral('resolved')}, now, true
    end
  end
end
local ended, isPartial = deriveState(recipients, 'failed')
recordAction(by, now)
setLong('recipients', cjson.encode(recipients))
if ended ~= 'retrying' then
  endMail(ended, id, now, keepSent, keepFailed, keepTraffic, isPartial)
  return {'1', ended}
end
requeue(id, now)
return {'1', 'queued'}`,
});
