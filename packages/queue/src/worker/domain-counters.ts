/**
 * The outcomes of recipients, by their domain: counted in the worker's memory and stored with each heartbeat, so that a mail costs no command of
 * Redis for it. Redis has no domain in clear: it is counted under its digest, with its sealed name beside. Of more domains than
 * `limits.countedDomains` in one period, the others are counted together.
 */
import { addressDomain, type DeliveryAttempt, limits, type Verdict } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { Sealer } from '../record/sealer.ts';
import { runScript } from '../redis/script.ts';
import { addDomainCounts } from './worker-scripts.ts';

/** What a domain's name is sealed for. */
export const domainNameContext = 'counted-domain';

/** Only what is about the recipients: a failure of the provider is nobody's. */
const counted: Partial<Record<Verdict, 0 | 1 | 2>> = { ACCEPT: 0, FAIL: 1, RETRY: 2 };

/** Sent, failed, refused temporarily. */
type Counts = [number, number, number];

/** Counts by domain. */
export class DomainCounters {
  readonly #sealer: Sealer;
  readonly #keep: { hours: number; parts: number };
  #domains = new Map<string, Counts>();

  /** @param keep how long the counts of an hour, and of a part of it, are kept, in ms */
  constructor(sealer: Sealer, keep: { hours: number; parts: number }) {
    this.#sealer = sealer;
    this.#keep = keep;
  }

  /** A delivery attempt with an outcome for each recipient. */
  attempted({ kind, outcomes }: DeliveryAttempt): void {
    if (kind !== 'attempted') return;
    for (const { address, verdict } of outcomes) {
      const at = counted[verdict];
      if (at !== undefined) this.#of(addressDomain(address).toLowerCase())[at]++;
    }
  }

  /** Stores what was counted since the last time, in one command. What could not be stored is counted the next time. */
  async store(redis: Redis): Promise<void> {
    if (this.#domains.size === 0) return;
    const domains = this.#domains;
    this.#domains = new Map();
    const rows = [...domains].flatMap(([domain, counts]) => [
      domain === '' ? '' : this.#sealer.digest(domain).slice(0, 16),
      domain === '' ? '' : this.#sealer.seal(domain, domainNameContext).toString('base64'),
      ...counts,
    ]);
    try {
      await runScript(
        redis,
        addDomainCounts,
        {},
        { keepHours: this.#keep.hours, keepParts: this.#keep.parts, max: limits.countedDomains },
        rows,
      );
    } catch (error) {
      for (const [domain, counts] of domains) {
        const sum = this.#of(domain);
        for (const at of [0, 1, 2] as const) sum[at] += counts[at];
      }
      throw error;
    }
  }

  #of(domain: string): Counts {
    const known = this.#domains.get(domain);
    if (known !== undefined) return known;
    const isOther = this.#domains.size >= limits.countedDomains && domain !== '';
    if (isOther) return this.#of('');
    const counts: Counts = [0, 0, 0];
    this.#domains.set(domain, counts);
    return counts;
  }
}
