/** The Lua scripts of shared access tokens. */
import { script } from '../redis/script.ts';

/** Returns the token's id, the sealed token, its lifetime and how long it still lasts, in ms; nothing where there is none. */
export const readToken = script({
  name: 'readToken',
  keys: ['token'],
  args: {},
  returns: 'bytes',
  lua: `
local id, sealed, lifetime = unpack(redis.call('HMGET', token, 'id', 'sealed', 'lifetime'))
if not id then return {} end
return {id, sealed, lifetime, tostring(redis.call('PTTL', token))}`,
});

/**
 * Elects the worker that requests the next token.
 *
 * `known`: id of the token to replace, '' for none. `lease`: ms until another worker may be elected. `pause`: ms in which no second token
 * is replaced before its end; 0 for a token that has ended or is about to.
 * Returns 0 to the elected worker; 1 while another one is elected, 2 where the token is another one, 3 within the pause.
 */
export const electTokenRenewer = script({
  name: 'electTokenRenewer',
  keys: ['token', 'renewer', 'refused'],
  args: { known: 'text', owner: 'text', lease: 'number', pause: 'number' },
  returns: 'number',
  lua: `
local id = redis.call('HGET', token, 'id')
if id and id ~= known then return 2 end
if redis.call('EXISTS', renewer) == 1 then return 1 end
if pause > 0 and not redis.call('SET', refused, '1', 'PX', pause, 'NX') then return 3 end
redis.call('SET', renewer, owner, 'PX', lease)
return 0`,
});

/** `lifetime`: ms until it ends. `owner`: the worker whose election ends. */
export const storeToken = script({
  name: 'storeToken',
  keys: ['token', 'renewer'],
  args: { id: 'text', sealed: 'bytes', lifetime: 'number', owner: 'text' },
  returns: 'text',
  lua: `
redis.call('HSET', token, 'id', id, 'sealed', sealed, 'lifetime', lifetime)
redis.call('PEXPIRE', token, lifetime)
if redis.call('GET', renewer) == owner then redis.call('DEL', renewer) end`,
});

/** Ends a worker's election. */
export const endTokenRenewal = script({
  name: 'endTokenRenewal',
  keys: ['renewer'],
  args: { owner: 'text' },
  returns: 'text',
  lua: `
if redis.call('GET', renewer) == owner then redis.call('DEL', renewer) end`,
});
