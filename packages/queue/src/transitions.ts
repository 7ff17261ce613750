/**
 * Every change of a record's state, each one Lua script, so that it happens whole or not at all. A script
 * names the states that it accepts; in any other it changes nothing and says which state it found.
 *
 *     (none) ──accept──► queued | scheduled ──begin──► sending ──conclude──► sent | failed | retrying
 *                                  retrying ──begin──►         ──defer─────► retrying
 *                                                              ──abandon───► failed
 */
import type { Redis } from 'ioredis';

type Arg = string | number | Buffer;

/** Writes a new record. One that exists is left as it is, so that an acceptance can be repeated. */
const accept = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1`;

/**
 * A run takes the mail. Accepts queued, scheduled, retrying, and sending, which a crashed run left behind.
 * A mail that is not due yet is left alone: its job came early, because a crash lost the delay.
 * Answers the state, and where it began also the fields that a run needs (all but the attempts).
 */
const begin = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'missing'} end
if state ~= 'queued' and state ~= 'scheduled' and state ~= 'retrying' and state ~= 'sending' then return {state} end
local due = redis.call('HGET', KEYS[1], 'nextAttemptAt')
if state ~= 'sending' and due and tonumber(due) > tonumber(ARGV[1]) then return {'early', due} end
redis.call('HSET', KEYS[1], 'state', 'sending')
local fields = {}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(name, 1, 8) ~= 'attempt:' then
    table.insert(fields, name)
    table.insert(fields, redis.call('HGET', KEYS[1], name))
  end
end
return {'begun', fields}`;

/**
 * An attempt reached a verdict. Refusals count only while the mail is sending; a known 250 always wins, in every
 * state. Derives the state from the recipients, and on an end sets how long the record is kept; the content of a
 * sent mail goes at once.
 * ARGV: now, outcomes (JSON by recipient index), sealed attempt, sealed receipt or '', provider, verdict, reason,
 *       rendered hash, next attempt at, ms to keep when sent, ms to keep when failed, attempts to keep
 */
const conclude = `
local before = redis.call('HGET', KEYS[1], 'state')
if not before then return {'missing'} end
local recipients = cjson.decode(redis.call('HGET', KEYS[1], 'recipients'))
for _, outcome in ipairs(cjson.decode(ARGV[2])) do
  local recipient = recipients[outcome.index + 1]
  local accepted = outcome.state == 'accepted'
  if recipient.state ~= 'accepted' and (accepted or (before == 'sending' and recipient.state == 'pending')) then
    outcome.index = nil
    outcome.kind = recipient.kind
    for name in pairs(recipient) do recipient[name] = nil end
    for name, value in pairs(outcome) do recipient[name] = value end
  end
end
local pending, anyAccepted = false, false
for _, recipient in ipairs(recipients) do
  pending = pending or recipient.state == 'pending'
  anyAccepted = anyAccepted or recipient.state == 'accepted'
end
local state = pending and 'retrying' or (anyAccepted and 'sent' or 'failed')
local number = redis.call('HINCRBY', KEYS[1], 'attemptCount', 1)
redis.call('HSET', KEYS[1], 'state', state, 'recipients', cjson.encode(recipients), 'attempt:' .. number, ARGV[3],
  'provider', ARGV[5], 'verdict', ARGV[6], 'reason', ARGV[7], 'renderedHash', ARGV[8])
redis.call('HDEL', KEYS[1], 'attempt:' .. (number - tonumber(ARGV[12])))
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'receipt', ARGV[4]) end
if pending then
  redis.call('HSET', KEYS[1], 'nextAttemptAt', ARGV[9])
else
  redis.call('HSET', KEYS[1], 'endedAt', ARGV[1])
  if state == 'sent' then redis.call('HDEL', KEYS[1], 'content') end
  redis.call('PEXPIRE', KEYS[1], state == 'sent' and ARGV[10] or ARGV[11])
end
return {state}`;

/**
 * The provider could not take the mail; no attempt is used. Accepts sending.
 * ARGV: sealed deferral, provider, reason, next attempt at
 */
const defer = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'missing'} end
if state ~= 'sending' then return {state} end
redis.call('HINCRBY', KEYS[1], 'deferralCount', 1)
redis.call('HSET', KEYS[1], 'state', 'retrying', 'deferral', ARGV[1], 'provider', ARGV[2], 'verdict', 'DEFER', 'reason', ARGV[3], 'nextAttemptAt', ARGV[4])
return {'retrying'}`;

/**
 * The record cannot be read, so nothing can be sent. It is kept, with the reason. Accepts sending.
 * ARGV: now, reason, ms to keep
 */
const abandon = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'missing'} end
if state ~= 'sending' then return {state} end
redis.call('HSET', KEYS[1], 'state', 'failed', 'verdict', 'FAIL', 'reason', ARGV[2], 'endedAt', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'failed'}`;

/** Reads a record; its content, which may be 34 MB, only when ARGV[1] is 1. */
const read = `
local fields = {}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if ARGV[1] == '1' or name ~= 'content' then
    table.insert(fields, name)
    table.insert(fields, redis.call('HGET', KEYS[1], name))
  end
end
return fields`;

const scripts = { accept, begin, conclude, defer, abandon, read };

/** The scripts as commands of a connection; each takes the record's key and its arguments, and answers bytes. */
export type Transition = keyof typeof scripts;

/** Makes the transitions known to a connection. */
export function defineTransitions(redis: Redis): void {
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(commandName(name as Transition), { numberOfKeys: 1, lua });
}

/** The name under which a transition is defined: also usable inside a transaction. */
export function commandName(transition: Transition): string {
  return `posthouse:${transition}`;
}

/** Runs one transition on one record. */
export async function runTransition<T>(redis: Redis, transition: Transition, key: string, ...args: Arg[]): Promise<T> {
  const commands = redis as unknown as Record<string, (key: string, ...args: Arg[]) => Promise<T>>;
  return await (commands[`${commandName(transition)}Buffer`] as (key: string, ...args: Arg[]) => Promise<T>).call(redis, key, ...args);
}
