import { reasonLiteral, script } from '../redis/script.ts';
import { waitAgain } from './wait-again.ts';

/**
 * sending → retrying. The run does not have the key of the record, and leaves the mail to one that has: no attempt and no deferral is
 * counted, and what is written is not sealed, so that everyone who could open the record still can.
 *
 * `keyMissing`: JSON. `wait`: ms until it is tried again. `run`: names the calling run. Returns what `waitAgain` says.
 */
export const putBack = script({
  name: 'putBack',
  keys: ['record', 'unfinished'],
  readsClock: true,
  args: { id: 'text', run: 'text', keyMissing: 'text', wait: 'number' },
  returns: 'texts',
  lua: waitAgain(`
redis.call('HSET', record, 'reason', ${reasonLiteral('key-missing')}, 'keyMissing', keyMissing)
redis.call('HDEL', record, 'runs')`),
});
