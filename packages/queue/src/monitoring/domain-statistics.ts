/** To which recipient domains mail fails, in the last hour or day, added up from what all workers have counted. */
import { hour } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { domainCountsPrefix } from '../redis/keys.ts';
import { redisTime } from '../redis/redis-time.ts';
import { domainNameContext } from '../worker/domain-counters.ts';
import { domainParts } from '../worker/worker-scripts.ts';

const hoursADay = 24;

/** The outcomes of the recipients at one domain. */
export interface DomainFigures {
  domain: string;
  sent: number;
  failed: number;
  /** Temporary failures: each attempt counts. */
  retried: number;
}

/** One period of the stored counts, by digest. */
type Stored = Map<string, { name?: string; counts: [number, number, number] }>;

/** Reads the figures. */
export class DomainStatistics {
  readonly #connection: RequestConnection;
  /** Nothing is added to a period that is over: a page that is live does not read it again. */
  #past = new Map<string, Stored>();

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * @param limit how many domains
   * @returns those with the most failures first, without those that have none
   * @throws QueueUnavailable when Redis cannot be reached
   */
  async failing(period: 'hour' | 'day', limit: number): Promise<DomainFigures[]> {
    const sums = new Map<string, DomainFigures>();
    for (const stored of await this.#periods(period)) {
      for (const { name, counts } of stored.values()) {
        const domain = name === undefined ? undefined : this.#open(name);
        // Counted together, as there were too many; or sealed with a key that this process does not have.
        if (domain === undefined) continue;
        const sum = sums.get(domain) ?? { domain, sent: 0, failed: 0, retried: 0 };
        sums.set(domain, { domain, sent: sum.sent + counts[0], failed: sum.failed + counts[1], retried: sum.retried + counts[2] });
      }
    }
    const weight = ({ failed, retried }: DomainFigures) => failed + retried;
    return [...sums.values()]
      .filter((each) => weight(each) > 0)
      .sort((one, other) => weight(other) - weight(one) || (one.domain < other.domain ? -1 : 1))
      .slice(0, limit);
  }

  async #periods(period: 'hour' | 'day'): Promise<Stored[]> {
    return await this.#connection.run(async ({ redis }) => {
      const now = await redisTime(redis);
      const [kind, ms, count] =
        period === 'day' ? (['hour', hour, hoursADay] as const) : (['part', hour / domainParts, domainParts] as const);
      const last = Math.floor(now / ms);
      const keys = Array.from({ length: count + 1 }, (_, n) => `${domainCountsPrefix}${kind}:${last - n}`);
      const current = keys[0];
      const read = await Promise.all(keys.map(async (key) => [key, this.#past.get(key) ?? parse(await redis.hgetall(key))] as const));
      const ofOtherKind = [...this.#past].filter(([key]) => !key.startsWith(`${domainCountsPrefix}${kind}:`));
      this.#past = new Map([...ofOtherKind, ...read.filter(([key]) => key !== current)]);
      return read.map(([, stored]) => stored);
    });
  }

  #open(sealed: string): string | undefined {
    try {
      return this.#connection.sealer.decrypt(Buffer.from(sealed, 'base64'), domainNameContext);
    } catch {
      return undefined;
    }
  }
}

/** @param fields `<digest>:<what>`, where `what` is `name`, or the place of a count */
function parse(fields: Readonly<Record<string, string>>): Stored {
  const stored: Stored = new Map();
  for (const [field, value] of Object.entries(fields)) {
    const [digest = '', what = ''] = field.split(':');
    const entry = stored.get(digest) ?? { counts: [0, 0, 0] };
    stored.set(digest, entry);
    if (what === 'name') entry.name = value;
    else if (what === '0' || what === '1' || what === '2') entry.counts[what] = Number(value) || 0;
  }
  return stored;
}
