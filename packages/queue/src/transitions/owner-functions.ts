/**
 * A Lua function for scripts that run for an API key: `isHidden` is true where the mail was not sent with a key of the name `owner`, and
 * where there is no mail, in the same way. With the owner '' every mail is visible.
 */
export const ownerFunctions = `
local function isHidden(owner) return owner ~= '' and redis.call('HGET', record, 'apiKey') ~= owner end`;
