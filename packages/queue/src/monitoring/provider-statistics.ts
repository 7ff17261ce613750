/** What providers did in the last hour or day, added up from what all workers have counted. */
import { minute, type SmtpPhase } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { RequestConnection } from '../connection/request-connection.ts';
import { quantile } from '../record/duration-buckets.ts';
import { lastAcceptedKey, providerCountsPrefix } from '../redis/keys.ts';
import { redisTime } from '../redis/redis-time.ts';

const minutesAnHour = 60;
const hoursKept = 24;

/** What waits are counted as: the template and the bucket follow. */
const waitPrefix = 'wait/';

/** By what is counted. */
type Counts = Map<string, number>;

/** How long something took. */
export interface Quantiles {
  count: number;
  /** ms: half of them took at most as long, 95 %, and 99 %. They are near the truth, because durations are counted in buckets. */
  p50: number;
  p95: number;
  p99: number;
  /** ms that none of them exceeded: the bound of the bucket of the longest. */
  all: number;
}

/** What one provider did. Counts of outcomes are of recipients. */
export interface ProviderFigures {
  sent: number;
  failed: number;
  /** Temporary failures of the mail. */
  retried: number;
  /** Failures of the provider. */
  deferred: number;
  /** The message was sent, and no reply came. */
  unknown: number;
  /** Transactions in the last whole minute. */
  mailsLastMinute: number;
  /** When it last accepted a mail, ms since the epoch. */
  lastAccepted?: number;
  /** How long mails waited from when they were due until it accepted them. */
  wait?: Quantiles;
  /** How long each phase of SMTP lasted. */
  phases: Partial<Record<SmtpPhase, Quantiles>>;
}

/** Reads the figures. Every method throws QueueUnavailable when Redis cannot be reached. */
export class ProviderStatistics {
  readonly #connection: RequestConnection;
  /** Nothing is added to an hour that is over: a page that is live does not read it again. */
  readonly #pastHours = new Map<string, { hour: number; counts: Counts }>();

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * @param providers their names
   * @param minutes the latest ones that count, the current one included
   * @returns the figures of each provider; and how long mails waited from when they were due until a relay accepted them, of all and by template
   *   ('' for mails without one)
   */
  async read(
    providers: readonly string[],
    minutes: number,
  ): Promise<{ figures: Map<string, ProviderFigures>; wait: Quantiles | undefined; templates: Map<string, Quantiles> }> {
    const names = [...new Set(providers)];
    return await this.#connection.run(async ({ redis }) => {
      const last = Math.floor((await redisTime(redis)) / minute);
      const period = { first: last - minutes + 1, last };
      const figures = new Map<string, ProviderFigures>();
      const allWaits = new Map<string, Map<number, number>>();
      const accepted = names.length === 0 ? [] : await redis.hmget(lastAcceptedKey, ...names);
      for (const [n, name] of names.entries()) {
        const counts = await this.#countsOf(redis, name, period);
        const before = await this.#countsOf(redis, name, { first: last - 1, last: last - 1 });
        const byTemplate = waitsIn(counts);
        for (const [template, buckets] of byTemplate) addTo(allWaits, template, buckets);
        const wait = quantilesOf(sumOf(byTemplate.values()));
        const read = figuresOf(counts, before.get('mails') ?? 0, accepted[n] ?? undefined);
        figures.set(name, { ...read, ...(wait !== undefined && { wait }) });
      }
      for (const [key, { hour }] of this.#pastHours) if (hour < Math.floor(last / minutesAnHour) - hoursKept) this.#pastHours.delete(key);
      const templates = [...allWaits].map(([template, buckets]) => [template, quantilesOf(buckets) as Quantiles] as const);
      return { figures, wait: quantilesOf(sumOf(allWaits.values())), templates: new Map(templates) };
    });
  }

  /** What one provider did from the first to the last minute, each since the epoch. */
  async #countsOf(redis: Redis, name: string, { first, last }: { first: number; last: number }): Promise<Counts> {
    const counts: Counts = new Map();
    const from = Math.floor(first / minutesAnHour);
    const hours = Array.from({ length: Math.floor(last / minutesAnHour) - from + 1 }, (_, n) => from + n);
    for (const hour of hours) {
      const begin = hour * minutesAnHour;
      const key = `${providerCountsPrefix}${name}:${hour}`;
      const isWhole = begin >= first && begin + minutesAnHour <= last;
      const known = isWhole ? this.#pastHours.get(key) : undefined;
      const ofHour = known?.counts ?? addedUp(await redis.hgetall(key), first - begin, last - begin);
      if (isWhole) this.#pastHours.set(key, { hour, counts: ofHour });
      for (const [what, count] of ofHour) counts.set(what, (counts.get(what) ?? 0) + count);
    }
    return counts;
  }
}

/** Adds up the minutes of an hour. @param stored counts by minute and what is counted @param first the first minute of the hour that counts */
function addedUp(stored: Readonly<Record<string, string>>, first: number, last: number): Counts {
  const counts: Counts = new Map();
  for (const [field, text] of Object.entries(stored)) {
    const end = field.indexOf(':');
    const at = Number(field.slice(0, end));
    const what = field.slice(end + 1);
    if (at >= first && at <= last) counts.set(what, (counts.get(what) ?? 0) + Number(text));
  }
  return counts;
}

function figuresOf(counts: ReadonlyMap<string, number>, mailsLastMinute: number, lastAccepted: string | undefined): ProviderFigures {
  const count = (name: string) => counts.get(name) ?? 0;
  const phases: ProviderFigures['phases'] = {};
  for (const name of new Set([...counts.keys()].filter((key) => key.includes(':')).map((key) => key.split(':')[0] as string))) {
    const quantiles = name.startsWith(waitPrefix) ? undefined : quantilesOf(bucketsOf(counts, name));
    if (quantiles !== undefined) phases[name as SmtpPhase] = quantiles;
  }
  return {
    ...{ sent: count('sent'), failed: count('failed'), retried: count('retried'), deferred: count('deferred'), unknown: count('unknown') },
    ...{ mailsLastMinute, phases },
    ...(lastAccepted !== undefined && { lastAccepted: Number(lastAccepted) }),
  };
}

/** How long mails waited, by template. */
function waitsIn(counts: Counts): Map<string, Map<number, number>> {
  const found = new Map<string, Map<number, number>>();
  for (const [key, count] of counts) {
    const end = key.lastIndexOf(':');
    if (key.startsWith(waitPrefix)) addTo(found, key.slice(waitPrefix.length, end), new Map([[Number(key.slice(end + 1)), count]]));
  }
  return found;
}

function addTo(sums: Map<string, Map<number, number>>, name: string, buckets: ReadonlyMap<number, number>): void {
  sums.set(name, sumOf([sums.get(name) ?? new Map(), buckets]));
}

function sumOf(all: Iterable<ReadonlyMap<number, number>>): Map<number, number> {
  const sum = new Map<number, number>();
  for (const buckets of all) for (const [bucket, count] of buckets) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
  return sum;
}

function bucketsOf(counts: ReadonlyMap<string, number>, name: string): Map<number, number> {
  const buckets = new Map<number, number>();
  for (const [key, count] of counts) if (key.startsWith(`${name}:`)) buckets.set(Number(key.slice(name.length + 1)), count);
  return buckets;
}

function quantilesOf(buckets: ReadonlyMap<number, number>): Quantiles | undefined {
  const [p50, p95, p99, all] = [0.5, 0.95, 0.99, 1].map((share) => quantile(buckets, share));
  if (p50 === undefined || p95 === undefined || p99 === undefined || all === undefined) return undefined;
  return { count: [...buckets.values()].reduce((sum, count) => sum + count, 0), p50, p95, p99, all };
}
