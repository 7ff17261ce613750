/** Reads a record; its content, which may be 34 MB, only when ARGV[1] is 1. KEYS: record. */
export const read = `
local fields = {}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if ARGV[1] == '1' or name ~= 'content' then
    table.insert(fields, name)
    table.insert(fields, redis.call('HGET', KEYS[1], name))
  end
end
return fields`;
