import { script } from '../redis/script.ts';
import { gateFields } from './gate.ts';
import { waitAgain } from './wait-again.ts';

/**
 * sending → retrying. The provider could not take the mail; no attempt is used.
 *
 * `deferral`: sealed. `provider` may be ''. `wait`: ms until it is tried again. `run`: names the calling run. Returns what `waitAgain` says.
 */
export const recordDeferral = script({
  name: 'recordDeferral',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', run: 'text', deferral: 'bytes', provider: 'text', reason: 'text', wait: 'number' },
  returns: 'texts',
  lua: waitAgain(`
redis.call('HSET', record, 'deferralCount', numberIn(redis.call('HGET', record, 'deferralCount'), 0) + 1)
setLong('deferral', deferral)
redis.call('HSET', record, 'provider', provider, 'reason', reason)
redis.call('HDEL', record, ${gateFields}, 'runs', 'keyMissing', 'cause')`),
});
