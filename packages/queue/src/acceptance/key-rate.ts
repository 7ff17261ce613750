/**
 * The rate of an API key: the generic cell rate algorithm (GCRA) over one value in Redis, which all API processes share. The value is the
 * time at which everything that was taken has become free again. A period's mails may be taken at once.
 */
import { type KeyRate, ratePeriods } from '@posthouse/access';
import type { Redis } from 'ioredis';
import { keyRateKey } from '../redis/keys.ts';
import { runScript, script } from '../redis/script.ts';

/** What is left of a rate after mails were taken, or why none were. */
export interface RateUse {
  /** ms until as many mails can be taken; 0 where they were. */
  waitMs: number;
  /** Mails that can be taken now. */
  remaining: number;
  /** ms until the whole quota can be taken again. */
  resetMs: number;
}

/**
 * Lua: takes mails, or none. More mails than a period's are taken where nothing is used up, and then the next ones wait as long as they
 * would have: otherwise a large batch could never be sent. Returns the wait, the remaining mails and the reset, in ms.
 */
export const rateFunction = `
local function takeMails(rate, mails, interval, quota)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local free = math.max(tonumber(redis.call('GET', rate) or '0'), now)
  local wait = free + mails * interval - math.max(quota, mails) * interval - now
  -- A hundredth of a ms is a rounding error.
  if wait < 0.01 then
    wait, free = 0, free + mails * interval
    redis.call('SET', rate, string.format('%.3f', free), 'PX', math.ceil(free - now) + 1)
  end
  local remaining = math.max(math.floor(quota - (free - now) / interval + 0.001), 0)
  return {math.ceil(wait), remaining, math.ceil(free - now)}
end`;

/** Takes mails. `interval`: ms for each mail. `quota`: mails that may be taken at once. Returns what \`takeMails\` does. @public for the test that checks every script */
export const takeRate = script({
  name: 'takeRate',
  keys: ['rate'],
  args: { mails: 'number', interval: 'number', quota: 'number' },
  returns: 'numbers',
  lua: `${rateFunction}
return takeMails(rate, mails, interval, quota)`,
});

/** The arguments of the scripts; a quota of 0 where there is no rate. */
export function rateArgs(rate: KeyRate | undefined, mails: number): { mails: number; interval: number; quota: number } {
  return rate === undefined ? { mails, interval: 0, quota: 0 } : { mails, interval: ratePeriods[rate.per] / rate.mails, quota: rate.mails };
}

/** @param apiKey name of the API key */
export async function takeMails(redis: Redis, apiKey: string, rate: KeyRate, mails: number): Promise<RateUse> {
  return rateUse(await runScript(redis, takeRate, { rate: keyRateKey(apiKey) }, rateArgs(rate, mails)));
}

/** What the Lua function returned. */
export function rateUse([waitMs = 0, remaining = 0, resetMs = 0]: readonly number[]): RateUse {
  return { waitMs, remaining, resetMs };
}
