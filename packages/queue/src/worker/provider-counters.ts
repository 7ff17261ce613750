/**
 * What a worker's providers did, counted in memory and stored with each heartbeat: outcomes of recipients, how long each phase of SMTP lasted,
 * and how long mails waited from when they were due until a relay accepted them. A mail costs no command of Redis for it.
 */
import type { DeliveryAttempt, SmtpPhase, Verdict } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { bucketOf, longestPrefix } from '../record/duration-buckets.ts';
import { lastAcceptedKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { addProviderCounts } from './worker-scripts.ts';

/** What a recipient's outcome is counted as. */
const outcomeCounts = {
  ACCEPT: 'sent',
  FAIL: 'failed',
  RETRY: 'retried',
  DEFER: 'deferred',
  OPEN: 'deferred',
  UNKNOWN: 'unknown',
} as const satisfies Record<Verdict, string>;

interface Counts {
  byName: Map<string, number>;
  /** The longest duration of each kind, in whole ms. */
  longest: Map<string, number>;
  /** When it last accepted a mail, ms since the epoch; 0 for not since the counts were stored. */
  acceptedAt: number;
}

/** Counts by provider. */
export class ProviderCounters {
  readonly #keep: number;
  #providers = new Map<string, Counts>();

  /** @param keep how long the counts of an hour are kept, in ms */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** A delivery attempt in which the provider was asked. */
  attempted({ kind, provider, outcomes, receipt }: DeliveryAttempt): void {
    if (provider === undefined || !['attempted', 'refusal-undecided', 'connection-failed'].includes(kind)) return;
    if (kind !== 'connection-failed') this.#add(provider, 'mails');
    for (const { verdict } of outcomes) this.#add(provider, outcomeCounts[verdict]);
    if (receipt !== undefined) this.#of(provider).acceptedAt = receipt.at;
  }

  /** A phase of SMTP has ended after so many ms. */
  lasted(provider: string, phase: SmtpPhase, ms: number): void {
    this.#took(provider, phase, ms);
  }

  /** A relay accepted a mail so many ms after it was due. @param template '' for a mail without one */
  waited(provider: string, template: string, ms: number): void {
    this.#took(provider, `wait/${template}`, ms);
  }

  /** Stores what was counted since the last time, one command for each provider. What could not be stored is counted the next time. */
  async store(redis: Redis): Promise<void> {
    const counted = this.#providers;
    this.#providers = new Map();
    for (const [provider, { byName, longest, acceptedAt }] of counted) {
      try {
        const args = { provider, keep: this.#keep, accepted: acceptedAt };
        await runScript(redis, addProviderCounts, { lastAccepted: lastAcceptedKey }, args, [...byName, ...prefixed(longest)].flat());
      } catch (error) {
        for (const [name, count] of byName) this.#add(provider, name, count);
        for (const [kind, ms] of longest) this.#keepLongest(provider, kind, ms);
        throw error;
      }
    }
  }

  #took(provider: string, kind: string, ms: number): void {
    this.#add(provider, `${kind}:${bucketOf(ms)}`);
    this.#keepLongest(provider, kind, Math.ceil(ms));
  }

  #keepLongest(provider: string, kind: string, ms: number): void {
    const { longest } = this.#of(provider);
    longest.set(kind, Math.max(longest.get(kind) ?? 0, ms));
  }

  #add(provider: string, name: string, count = 1): void {
    const { byName } = this.#of(provider);
    byName.set(name, (byName.get(name) ?? 0) + count);
  }

  #of(provider: string): Counts {
    const counts = this.#providers.get(provider) ?? { byName: new Map(), longest: new Map(), acceptedAt: 0 };
    this.#providers.set(provider, counts);
    return counts;
  }
}

function prefixed(longest: ReadonlyMap<string, number>): [string, number][] {
  return [...longest].map(([kind, ms]) => [`${longestPrefix}${kind}`, ms]);
}
