import { script } from '../redis/script.ts';

/**
 * Reads a record.
 *
 * `withContent`: also the content, which may be 34 MB. Returns names and values in turn.
 */
export const read = script({
  name: 'read',
  keys: ['record'],
  args: { withContent: 'flag' },
  returns: 'bytes',
  lua: `
local fields = {}
for _, name in ipairs(redis.call('HKEYS', record)) do
  if withContent or name ~= 'content' then
    table.insert(fields, name)
    table.insert(fields, redis.call('HGET', record, name))
  end
end
return fields`,
});
