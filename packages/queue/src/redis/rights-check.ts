/**
 * Whether the user of REDIS_URL may run every command that Posthouse and BullMQ use. Each is run once on a key of its own; ACL DRYRUN
 * would need more rights than Posthouse does.
 */
import type { Redis } from 'ioredis';
import { defaultPrefix, prefix, rightsCheckKey } from './keys.ts';
import { refusalOf } from './redis-failures.ts';
import { runScript, script } from './script.ts';

/**
 * Commands with arguments that change nothing: `@` is the key of the check, a string, so that commands for other types only fail, and
 * `-` is a key that does not exist.
 */
const commands = [
  ...[
    'EXISTS @',
    'GET @',
    'STRLEN @',
    'MGET @',
    'DEL -',
    'UNLINK -',
    'TYPE @',
    'PTTL @',
    'PERSIST -',
    'PEXPIRE - 1',
    'PEXPIREAT - 1',
    'INCR @',
    'INCRBY @ 0',
  ],
  ...['HGET @ f', 'HSET @ f v', 'HSETNX @ f v', 'HMSET @ f v', 'HMGET @ f', 'HGETALL @', 'HDEL @ f', 'HEXISTS @ f', 'HINCRBY @ f 1'],
  ...[
    'HKEYS @',
    'HLEN @',
    'HSTRLEN @ f',
    'LPUSH @ v',
    'RPUSH @ v',
    'RPOP @',
    'LLEN @',
    'LRANGE @ 0 1',
    'LREM @ 1 v',
    'LINDEX @ 0',
    'LTRIM @ 0 1',
  ],
  ...['LPOS @ v', 'RPOPLPUSH @ @', 'SADD @ v', 'SREM @ v', 'SCARD @', 'SMEMBERS @', 'SISMEMBER @ v', 'ZADD @ 1 v', 'ZREM @ v'],
  ...[
    'ZCARD @',
    'ZCOUNT @ 0 1',
    'ZSCORE @ v',
    'ZRANK @ v',
    'ZINCRBY @ 1 v',
    'ZRANGE @ 0 1',
    'ZREVRANGE @ 0 1',
    'ZRANGEBYSCORE @ 0 1',
    'ZREVRANGEBYSCORE @ 1 0',
  ],
  ...['ZREMRANGEBYSCORE @ 0 1', 'ZREMRANGEBYRANK @ 0 1', 'ZPOPMIN @', 'ZSCAN @ 0', 'SCAN 0 COUNT 1', 'TIME', 'INFO server'],
  ...['XADD @ * f v', 'XDEL @ 1-1', 'XLEN @', 'XTRIM @ MAXLEN 1', 'XREVRANGE @ + - COUNT 1', 'PING'],
];

/** The names of these commands, and of those that cannot be run in a script. */
export const checkedCommands: readonly string[] = [
  ...commands.map((command) => command.split(' ')[0] as string),
  ...['SET', 'EVALSHA', 'EVAL', 'MULTI', 'EXEC', 'CLIENT', 'BZPOPMIN'],
];

/** What the user of REDIS_URL needs, as ACL SETUSER takes it: besides those that are checked, WAIT, and where a Redis Cluster has the keys. */
export const leastRights = [
  `~${defaultPrefix}*`,
  'resetchannels',
  '-@all',
  ...[...new Set(checkedCommands)].map((name) => `+${name === 'CLIENT' ? 'client|setname' : name.toLowerCase()}`).sort(),
  ...['+select', '+wait', '+cluster|keyslot', '+cluster|slots'],
].join(' ');

/**
 * Runs commands, and returns the names of those that the user may not run, or `~` where it may not use the key.
 *
 * `key`: an argument, and not a key, because Redis would refuse the whole script. `commands`: see above.
 * @public for the test that checks every script
 */
export const tryCommands = script({
  name: 'tryCommands',
  keys: [],
  args: { key: 'text', expiry: 'number' },
  rest: 'commands',
  returns: 'texts',
  lua: `
local denied = {}
local function try(...)
  local reply = redis.pcall(...)
  local message = type(reply) == 'table' and reply.err
  if not message then return end
  if string.find(message, 'access', 1, true) and string.find(message, 'keys', 1, true) then
    table.insert(denied, '~')
  elseif string.find(message, 'NOPERM', 1, true) or string.find(message, "can't run this command", 1, true) then
    table.insert(denied, (...))
  end
end
try('SET', key, '1', 'PX', expiry)
for _, command in ipairs(commands) do
  local words = {}
  for word in string.gmatch(command, '%S+') do
    if word == '@' then word = key elseif word == '-' then word = key .. ':none' end
    table.insert(words, word)
  end
  try(unpack(words))
end
return denied`,
});

/**
 * @param expiry ms until Redis deletes what the check has written
 * @returns what the user lacks, as ACL SETUSER takes it; nothing where it has every right
 * @throws what Redis answers when it cannot be checked
 */
export async function missingRights(redis: Redis, expiry: number): Promise<string[]> {
  const denied = new Set<string>();
  const note = (name: string) => denied.add(name === '~' ? `~${prefix}*` : `+${name.toLowerCase()}`);
  const attempt = async (names: string[], work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      const { message } = error as Error;
      if (message.startsWith('WRONGTYPE')) return;
      if (refusalOf(error as Error) !== 'no-permission') throw error;
      (/access.*keys/.test(message) ? ['~'] : names).forEach(note);
    }
  };
  await attempt(['CLIENT|SETNAME'], () => redis.client('SETNAME', ''));
  await attempt(['MULTI', 'EXEC'], () => redis.multi().exec());
  await attempt(['EVAL', 'EVALSHA'], async () => {
    for (const name of await runScript(redis, tryCommands, {}, { key: rightsCheckKey, expiry }, commands)) note(name);
  });
  // The key is a string by now, so this does not wait.
  await attempt(['BZPOPMIN'], () => redis.bzpopmin(rightsCheckKey, 1));
  return [...denied].sort();
}
