/**
 * A provider's circuit in Redis. Trouble that any worker meets opens it for all; while it is open nobody asks the
 * provider but one elected prober, after a wait that doubles. What other workers did is learned by `refresh`.
 */
import type { Circuit } from '@posthouse/contract';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { circuitKey, proberKey } from '../redis/keys.ts';

/** A day without trouble, and the circuit is forgotten. */
const forgottenAfter = 24 * 60 * 60 * 1000;

/**
 * KEYS: circuit. ARGV: now, reason, failures in a row that open it, first wait, longest wait, '1' from the prober, ms to keep.
 * Answers the failures so far and, when it is open, when the next probe is due.
 */
const fail = `
local now, most = tonumber(ARGV[1]), tonumber(ARGV[5])
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local probeAt, wait = unpack(redis.call('HMGET', KEYS[1], 'probeAt', 'wait'))
local longer = wait and math.min(tonumber(wait) * 2, most)
if not probeAt and (wait or failures >= tonumber(ARGV[3])) then
  redis.call('HSET', KEYS[1], 'openSince', ARGV[1])
  wait = longer or tonumber(ARGV[4])
elseif probeAt and ARGV[6] == '1' then
  wait = longer
else
  wait = nil
end
if wait then
  probeAt = string.format('%.0f', now + wait)
  redis.call('HSET', KEYS[1], 'probeAt', probeAt, 'wait', wait)
end
redis.call('HSET', KEYS[1], 'reason', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return {failures, probeAt or ''}`;

/** KEYS: circuit. An open circuit is closed by its prober alone: a mail that was under way says nothing of the next login. */
const succeed = `
if redis.call('HEXISTS', KEYS[1], 'probeAt') == 1 then return 0 end
return redis.call('DEL', KEYS[1])`;

/** KEYS: circuit, prober. ARGV: now, ms that a probe may take. Answers 1 to the one worker that is to probe now. */
const elect = `
local probeAt = redis.call('HGET', KEYS[1], 'probeAt')
if not probeAt or tonumber(probeAt) > tonumber(ARGV[1]) then return 0 end
return redis.call('SET', KEYS[2], '1', 'PX', ARGV[2], 'NX') and 1 or 0`;

/** How one worker sees and changes the circuit of one provider. */
export class ProviderCircuit implements Circuit {
  readonly #redis: WorkerConnection['redis'];
  readonly #key: string;
  readonly #proberKey: string;
  #failures = 0;
  #probeAt: number | undefined;
  #reason: string | undefined;

  /** @param provider its name and account: a worker with a wrong password must not close the road for others */
  constructor({ redis, digest }: WorkerConnection, provider: { name: string; account: string }) {
    this.#redis = redis;
    const account = digest(provider.account);
    this.#key = circuitKey(provider.name, account);
    this.#proberKey = proberKey(provider.name, account);
  }

  get isOpen(): boolean {
    return this.#probeAt !== undefined;
  }

  /** The latest trouble, as a code. */
  get reason(): string | undefined {
    return this.#reason;
  }

  async fail(reason: string, trouble: { after: number; wait: { initial: number; max: number } }): Promise<void> {
    await this.#fail(reason, trouble, false);
  }

  async succeed(): Promise<void> {
    if (this.#failures === 0) return;
    if ((await this.#redis.eval(succeed, 1, this.#key)) === 1) this.#failures = 0;
  }

  /**
   * A probe that this worker was elected for was well: mail may be tried. Until a mail has been taken the wait is kept,
   * so that trouble that a login does not show, such as a quota, opens the circuit again at once, and for longer.
   */
  async passProbe(): Promise<void> {
    this.#probeAt = undefined;
    await this.#redis.multi().hdel(this.#key, 'probeAt').del(this.#proberKey).exec();
  }

  /** A probe that this worker was elected for has failed. */
  async failProbe(reason: string, wait: { initial: number; max: number }): Promise<void> {
    await this.#fail(reason, { after: 1, wait }, true);
    await this.#redis.del(this.#proberKey);
  }

  /** Learns what other workers met. */
  async refresh(): Promise<void> {
    const [failures, probeAt, reason] = await this.#redis.hmget(this.#key, 'failures', 'probeAt', 'reason');
    this.#reason = reason ?? undefined;
    this.#failures = Number(failures ?? 0);
    this.#probeAt = probeAt == null ? undefined : Number(probeAt);
  }

  /**
   * True for the one worker that is to probe now.
   * @param ms that the probe may take; after that another may be elected
   */
  async electProber(ms: number): Promise<boolean> {
    if (this.#probeAt === undefined || this.#probeAt > Date.now()) return false;
    return (await this.#redis.eval(elect, 2, this.#key, this.#proberKey, Date.now(), ms)) === 1;
  }

  async #fail(reason: string, { after, wait }: { after: number; wait: { initial: number; max: number } }, isProbe: boolean): Promise<void> {
    const [failures, probeAt] = (await this.#redis.eval(
      fail,
      1,
      this.#key,
      Date.now(),
      reason,
      after,
      wait.initial,
      wait.max,
      isProbe ? 1 : 0,
      forgottenAfter,
    )) as [number, string];
    this.#failures = failures;
    this.#reason = reason;
    this.#probeAt = probeAt === '' ? undefined : Number(probeAt);
  }
}
