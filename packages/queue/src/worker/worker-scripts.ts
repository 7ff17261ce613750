/** The Lua scripts of circuits, rates, heartbeats and counters. */
import { longestPrefix } from '../record/duration-buckets.ts';
import { domainCountsPrefix, providerCountsPrefix } from '../redis/keys.ts';
import { script } from '../redis/script.ts';

/**
 * Counts a failure of a provider, and opens its circuit when enough have occurred in a row. A failed probe doubles the wait.
 *
 * `account`: what is wrong with the account, or ''. `step`: where the server said it, or ''. `openAfter`: failures in a row that open it. `firstWait`, `maxWait`: ms until the next probe. `isProbe`: it comes from
 * `worker`, which was elected as the prober; it counts unless another worker was elected in the meantime. `keep`: ms without a failure
 * after which the circuit is deleted.
 * Returns the failures in a row and, when the circuit is open, when the next probe is due; else ''.
 */
export const failCircuit = script({
  name: 'failCircuit',
  keys: ['circuit', 'prober'],
  readsClock: true,
  args: {
    worker: 'text',
    reason: 'text',
    account: 'text',
    step: 'text',
    openAfter: 'number',
    firstWait: 'number',
    maxWait: 'number',
    isProbe: 'flag',
    keep: 'number',
  },
  returns: 'texts',
  lua: `
if isProbe then
  local failures, probeAt = unpack(redis.call('HMGET', circuit, 'failures', 'probeAt'))
  if (redis.call('GET', prober) or worker) ~= worker then return {failures or '0', probeAt or ''} end
  redis.call('DEL', prober)
end
local failures = redis.call('HINCRBY', circuit, 'failures', 1)
local probeAt, wait = unpack(redis.call('HMGET', circuit, 'probeAt', 'wait'))
local longer = wait and math.min(tonumber(wait) * 2, maxWait)
if not probeAt and (wait or failures >= openAfter) then
  redis.call('HSET', circuit, 'openSince', now)
  wait = longer or firstWait
elseif probeAt and isProbe then
  wait = longer
else
  wait = nil
end
if wait then
  probeAt = string.format('%.0f', now + wait)
  redis.call('HSET', circuit, 'probeAt', probeAt, 'wait', wait)
end
redis.call('HSET', circuit, 'reason', reason, 'account', account, 'step', step)
redis.call('PEXPIRE', circuit, keep)
return {tostring(failures), probeAt or ''}`,
});

/**
 * Deletes a closed circuit with its count of failures. An open one stays: only its prober closes it, because a mail that was
 * already in progress does not show that the next login will succeed.
 *
 * Returns 1, or 0 where it changed nothing.
 */
export const resetCircuit = script({
  name: 'resetCircuit',
  keys: ['circuit'],
  args: {},
  returns: 'number',
  lua: `
if redis.call('HEXISTS', circuit, 'probeAt') == 1 then return 0 end
return redis.call('DEL', circuit)`,
});

/**
 * Elects the worker that probes a provider, or keeps it elected.
 *
 * `probeTimeout`: ms until another worker may be elected. Returns 1 to the elected worker, else 0.
 */
export const electProber = script({
  name: 'electProber',
  keys: ['circuit', 'prober'],
  readsClock: true,
  args: { worker: 'text', probeTimeout: 'number' },
  returns: 'number',
  lua: `
local probeAt = redis.call('HGET', circuit, 'probeAt')
if not probeAt or tonumber(probeAt) > now then return 0 end
if redis.call('GET', prober) == worker then return redis.call('PEXPIRE', prober, probeTimeout) end
return redis.call('SET', prober, worker, 'PX', probeTimeout, 'NX') and 1 or 0`,
});

/**
 * Closes a circuit after a probe. Its wait is kept until a mail has been accepted. Where another worker was elected in the meantime, that
 * one decides.
 *
 * `worker`: the caller, which was elected. Returns 1, or 0 where it changed nothing.
 */
export const closeCircuit = script({
  name: 'closeCircuit',
  keys: ['circuit', 'prober'],
  args: { worker: 'text' },
  returns: 'number',
  lua: `
if (redis.call('GET', prober) or worker) ~= worker then return 0 end
redis.call('HDEL', circuit, 'probeAt')
redis.call('DEL', prober)
return 1`,
});

/**
 * Reserves the next free moment for a mail to a provider. Moments are `interval` ms apart.
 *
 * `maxWait`: a moment further away, in ms, is not reserved. `slack`: ms that the key outlives the last moment.
 * Returns the ms until the moment.
 */
export const reserveSlot = script({
  name: 'reserveSlot',
  keys: ['rate'],
  readsClock: true,
  args: { interval: 'number', maxWait: 'number', slack: 'number' },
  returns: 'number',
  lua: `
local slot = math.max(tonumber(redis.call('GET', rate) or '0'), now)
local wait = slot - now
if wait > maxWait then return math.ceil(wait) end
redis.call('SET', rate, tostring(slot + interval), 'PX', math.ceil(wait + interval + slack))
return math.ceil(wait)`,
});

/**
 * Stores a worker's heartbeat, and how long it keeps records, and removes the workers whose heartbeat expired.
 *
 * `info`: JSON. `expiry`, `keepSent`, `keepFailed`: ms. Returns the time of Redis, ms since the epoch.
 */
export const storeHeartbeat = script({
  name: 'storeHeartbeat',
  keys: ['workers', 'worker', 'retention'],
  readsClock: true,
  args: { id: 'text', info: 'text', expiry: 'number', keepSent: 'text', keepFailed: 'text' },
  returns: 'number',
  lua: `
redis.call('ZREMRANGEBYSCORE', workers, '-inf', now - expiry)
redis.call('ZADD', workers, now, id)
redis.call('SET', worker, info, 'PX', expiry)
redis.call('HSET', retention, 'sent', keepSent, 'failed', keepFailed)
return now`,
});

/**
 * Adds counts of one provider to those of this minute.
 *
 * `keep`: ms that the counts of an hour are kept. `accepted`: when it last accepted a mail, ms since the epoch, 0 for not since the last time.
 * `counts`: names and numbers in turn. Returns nothing.
 */
export const addProviderCounts = script({
  name: 'addProviderCounts',
  keys: ['lastAccepted'],
  readsClock: true,
  args: { provider: 'text', keep: 'number', accepted: 'number' },
  rest: 'counts',
  returns: 'text',
  lua: `
local hour = '${providerCountsPrefix}' .. provider .. ':' .. math.floor(now / 3600000)
local minute = math.floor(now / 60000) % 60
for n = 1, #counts, 2 do
  local name, value = counts[n], counts[n + 1]
  if string.sub(name, 1, ${longestPrefix.length}) ~= '${longestPrefix}' then
    redis.call('HINCRBY', hour, minute .. ':' .. name, value)
  elseif tonumber(value) > (tonumber(redis.call('HGET', hour, name)) or 0) then
    redis.call('HSET', hour, name, value)
  end
end
redis.call('PEXPIRE', hour, keep)
if accepted > (tonumber(redis.call('HGET', lastAccepted, provider)) or 0) then
  redis.call('HSET', lastAccepted, provider, string.format('%.0f', accepted))
  redis.call('PEXPIRE', lastAccepted, keep)
end`,
});

/** In how many parts of an hour recipients are counted by domain, so that the last hour can be read. */
export const domainParts = 6;

/**
 * Adds the outcomes of recipients to the counts of their domains, for the hour and for the part of the hour.
 *
 * `keepHours`, `keepParts`: ms. `max`: domains of one period; others are counted without a name. `counts`: of each domain its digest, its sealed
 * name and three numbers. Returns nothing.
 */
export const addDomainCounts = script({
  name: 'addDomainCounts',
  keys: [],
  readsClock: true,
  args: { keepHours: 'number', keepParts: 'number', max: 'number' },
  rest: 'counts',
  returns: 'text',
  lua: `
local function add(period, keep)
  local known = tonumber(redis.call('HGET', period, 'domains') or '0')
  for n = 1, #counts, 5 do
    local digest = counts[n]
    if digest ~= '' and redis.call('HEXISTS', period, digest .. ':name') == 0 then
      if known < max then
        known = known + 1
        redis.call('HSET', period, digest .. ':name', counts[n + 1], 'domains', known)
      else
        digest = ''
      end
    end
    for place = 0, 2 do
      if counts[n + 2 + place] ~= '0' then redis.call('HINCRBY', period, digest .. ':' .. place, counts[n + 2 + place]) end
    end
  end
  redis.call('PEXPIRE', period, keep)
end
add('${domainCountsPrefix}hour:' .. math.floor(now / 3600000), keepHours)
add('${domainCountsPrefix}part:' .. math.floor(now / 3600000 * ${domainParts}), keepParts)`,
});
