/**
 * A key's name in POSTHOUSE_SECRET does not show which key it is. So Redis has a check value for each name, derived from the key: it is
 * stored with the first record that is sealed with the key, and from then on nothing is accepted under another key of that name.
 */
import { script } from '../redis/script.ts';

/** The arguments of a script that stores a new record: the name of the key that sealed it, and the key's check value. */
export const keyCheckKinds = { keyId: 'text', keyCheck: 'text' } as const;

/** Lua, before the first write: refuses a record that is sealed with another key of the same name. Uses the script's key `secrets`. */
export const requireKey = `
local known = redis.call('HGET', secrets, keyId)
if known and known ~= keyCheck then return redis.error_reply('OTHERKEY the mails in this Redis are sealed with another key of this name') end
if not known then redis.call('HSET', secrets, keyId, keyCheck) end`;

/** Stores the check value of a key, for records that are written without `accept`. Returns 1. */
export const registerKey = script({
  name: 'registerKey',
  keys: ['secrets'],
  args: keyCheckKinds,
  returns: 'number',
  lua: `${requireKey}
return 1`,
});
