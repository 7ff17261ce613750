/**
 * Limits attempts to sign in, so that guessing passwords is slow and costs little, and nobody can keep a user out: wrong passwords end the
 * attempts of one network for one name; from everywhere else the same name only becomes slower.
 */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type DashboardTimings, limits } from '@posthouse/contract';
import { HttpError } from '@posthouse/web';
import { t } from '../ui/translate.ts';

/** Failures within one window. */
interface Failures {
  count: number;
  /** End of the window, in ms since the epoch. */
  until: number;
}

const { signIn: max } = limits;

/** The attempts of one dashboard. */
export class SignInLimiter {
  readonly #timings: DashboardTimings;
  /** By a hash of what was tried, the earliest window first. */
  readonly #failures = new Map<string, Failures>();
  /** Attempts in progress, by network. */
  readonly #active = new Map<string, number>();
  #total = 0;
  #hashing = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(timings: DashboardTimings) {
    this.#timings = timings;
  }

  /**
   * Verifies a password within the limits.
   * @param address IP address of the client
   * @param verify uses the CPU for a while; returns nothing, or false, where the password is wrong
   * @returns what `verify` returns @throws HttpError 429 or 503, without a call of `verify`
   */
  async attempt<T>(address: string, name: string, verify: () => Promise<T>): Promise<T> {
    const network = networkOf(address);
    const here = keyOf(network, name);
    const anywhere = keyOf('', name);
    const failed = this.#failed(here);
    if (failed !== undefined && failed.count >= max.failures) throw tooMany(Math.ceil((failed.until - Date.now()) / 1000));
    if ((this.#active.get(network) ?? 0) >= max.activePerNetwork) throw tooMany(1);
    if (this.#total >= max.active) throw new HttpError(503, t('Too many sign-in attempts in progress'), t('Try again in a moment.'), 1);
    this.#count(network, 1);
    try {
      const slowdown = this.#slowdown(this.#failed(anywhere)?.count ?? 0);
      if (slowdown > 0) await delay(slowdown, undefined, { ref: false });
      const result = await this.#inTurn(verify);
      if (result) this.#failures.delete(here);
      else for (const key of [here, anywhere]) this.#addFailure(key);
      return result;
    } finally {
      this.#count(network, -1);
    }
  }

  /** Whether the attempts of that network with the name have ended. */
  isLockedOut(address: string, name: string): boolean {
    return (this.#failed(keyOf(networkOf(address), name))?.count ?? 0) >= max.failures;
  }

  /** @returns the wait in ms after as many failures with a name */
  #slowdown(failures: number): number {
    const { initial, max: longest } = this.#timings.signInSlowdown;
    return failures < max.unslowed ? 0 : Math.min(initial * 2 ** (failures - max.unslowed), longest);
  }

  async #inTurn<T>(verify: () => Promise<T>): Promise<T> {
    if (this.#hashing < max.hashes) this.#hashing++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await verify();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#hashing--;
      else next();
    }
  }

  #failed(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    return failures !== undefined && failures.until > Date.now() ? failures : undefined;
  }

  #addFailure(key: string): void {
    const failures = this.#failed(key);
    if (failures !== undefined) failures.count++;
    else {
      this.#failures.delete(key);
      this.#failures.set(key, { count: 1, until: Date.now() + this.#timings.signInWindow });
    }
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > max.counted && oldest !== undefined) this.#failures.delete(oldest);
  }

  #count(network: string, change: 1 | -1): void {
    const active = (this.#active.get(network) ?? 0) + change;
    if (active === 0) this.#active.delete(network);
    else this.#active.set(network, active);
    this.#total += change;
  }
}

function tooMany(seconds: number): HttpError {
  return new HttpError(
    429,
    t('Too many sign-in attempts'),
    seconds < 60 ? t('Try again in {seconds} s.', { seconds }) : t('Try again in {minutes} min.', { minutes: Math.ceil(seconds / 60) }),
    seconds,
  );
}

/** A hash, because a name may be as long as a form. */
function keyOf(network: string, name: string): string {
  return createHash('sha256').update(`${network}\n${name}`).digest('base64url');
}

/** One subscriber has a whole /64 of IPv6 addresses. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(8 - groups.length - last.length, 0) }, () => '0');
  return [...groups, ...zeros, ...last]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join(':');
}
