/**
 * A provider's rate, held across all workers: each mail takes the next place in one line, the places are evenly apart, and
 * the clock is that of Redis.
 */
import type { RateLimit } from '@posthouse/contract';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { rateKey } from '../redis/keys.ts';

/** KEYS: line. ARGV: ms between places, ms that a caller would wait at the most. Answers the ms to wait. */
const take = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local place = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = place - now
if wait > tonumber(ARGV[2]) then return math.ceil(wait) end
redis.call('SET', KEYS[1], tostring(place + tonumber(ARGV[1])), 'PX', math.ceil(wait + tonumber(ARGV[1]) + 1000))
return math.ceil(wait)`;

/** The line in front of one provider. */
export class ProviderRate implements RateLimit {
  readonly #redis: WorkerConnection['redis'];
  readonly #key: string;
  readonly #interval: number;

  /** @param perSecond mails a second, all workers together; may be a fraction */
  constructor({ redis, digest }: WorkerConnection, provider: { name: string; account: string }, perSecond: number) {
    this.#redis = redis;
    this.#key = rateKey(provider.name, digest(provider.account));
    this.#interval = 1000 / perSecond;
  }

  async take(max: number): Promise<number> {
    return (await this.#redis.eval(take, 1, this.#key, this.#interval, max)) as number;
  }
}
