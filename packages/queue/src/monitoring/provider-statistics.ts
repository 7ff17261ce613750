/** What providers did in the last hour or day, added up from what all workers have counted. */
import { minute, type SmtpPhase } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { RequestConnection } from '../connection/request-connection.ts';
import { longestPrefix, quantile } from '../record/duration-buckets.ts';
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
  /** ms that none of them exceeded: the longest of the hours, or the bound of its bucket where that is less. */
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
      const allWaits = new Map<string, Durations>();
      const accepted = names.length === 0 ? [] : await redis.hmget(lastAcceptedKey, ...names);
      for (const [n, name] of names.entries()) {
        const counts = await this.#countsOf(redis, name, period);
        const before = await this.#countsOf(redis, name, { first: last - 1, last: last - 1 });
        const byTemplate = waitsIn(counts);
        for (const [template, waits] of byTemplate) allWaits.set(template, sumOf([allWaits.get(template) ?? nothing, waits]));
        const wait = quantilesOf(sumOf(byTemplate.values()));
        const read = figuresOf(counts, before.get('mails') ?? 0, accepted[n] ?? undefined);
        figures.set(name, { ...read, ...(wait !== undefined && { wait }) });
      }
      for (const [key, { hour }] of this.#pastHours) if (hour < Math.floor(last / minutesAnHour) - hoursKept) this.#pastHours.delete(key);
      const templates = [...allWaits].map(([template, waits]) => [template, quantilesOf(waits) as Quantiles] as const);
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
      for (const [what, count] of ofHour) add(counts, what, count);
    }
    return counts;
  }
}

/** Adds up the minutes of an hour. @param stored counts by minute and what is counted @param first the first minute of the hour that counts */
function addedUp(stored: Readonly<Record<string, string>>, first: number, last: number): Counts {
  const counts: Counts = new Map();
  for (const [field, text] of Object.entries(stored)) {
    // Of the whole hour, so that it is one number: an upper bound for a part of it too.
    if (field.startsWith(longestPrefix)) add(counts, field, Number(text));
    const end = field.indexOf(':');
    const at = Number(field.slice(0, end));
    const what = field.slice(end + 1);
    if (at >= first && at <= last) counts.set(what, (counts.get(what) ?? 0) + (Number(text) || 0));
  }
  return counts;
}

/** Counts are added up; of the longest durations the longest remains. */
function add(counts: Counts, what: string, value: number): void {
  const before = counts.get(what) ?? 0;
  counts.set(what, what.startsWith(longestPrefix) ? Math.max(before, value) : before + value);
}

function figuresOf(counts: ReadonlyMap<string, number>, mailsLastMinute: number, lastAccepted: string | undefined): ProviderFigures {
  const count = (name: string) => counts.get(name) ?? 0;
  const phases: ProviderFigures['phases'] = {};
  for (const name of new Set([...counts.keys()].filter((key) => key.includes(':')).map((key) => key.split(':')[0] as string))) {
    const quantiles = name.startsWith(waitPrefix) ? undefined : quantilesOf(durationsOf(counts, name));
    if (quantiles !== undefined) phases[name as SmtpPhase] = quantiles;
  }
  return {
    sent: count('sent'),
    failed: count('failed'),
    retried: count('retried'),
    deferred: count('deferred'),
    unknown: count('unknown'),
    mailsLastMinute,
    phases,
    ...(lastAccepted !== undefined && { lastAccepted: Number(lastAccepted) }),
  };
}

/** Durations of one kind. */
interface Durations {
  /** How many, by bucket. */
  buckets: ReadonlyMap<number, number>;
  /** An upper bound, in ms; 0 where none is known. */
  longest: number;
}

const nothing: Durations = { buckets: new Map(), longest: 0 };

/** How long mails waited, by template. */
function waitsIn(counts: Counts): Map<string, Durations> {
  const kinds = [...counts.keys()].filter((key) => key.startsWith(waitPrefix)).map((key) => key.slice(0, key.lastIndexOf(':')));
  return new Map([...new Set(kinds)].map((kind) => [kind.slice(waitPrefix.length), durationsOf(counts, kind)]));
}

function sumOf(all: Iterable<Durations>): Durations {
  const sum = new Map<number, number>();
  let max = 0;
  for (const { buckets, longest } of all) {
    for (const [bucket, count] of buckets) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
    max = Math.max(max, longest);
  }
  return { buckets: sum, longest: max };
}

function durationsOf(counts: ReadonlyMap<string, number>, kind: string): Durations {
  const buckets = new Map<number, number>();
  for (const [key, count] of counts) if (key.startsWith(`${kind}:`)) buckets.set(Number(key.slice(kind.length + 1)), count);
  return { buckets, longest: counts.get(`${longestPrefix}${kind}`) ?? 0 };
}

function quantilesOf({ buckets, longest }: Durations): Quantiles | undefined {
  const [p50, p95, p99, all] = [0.5, 0.95, 0.99, 1].map((share) => quantile(buckets, share, longest));
  if (p50 === undefined || p95 === undefined || p99 === undefined || all === undefined) return undefined;
  return { count: [...buckets.values()].reduce((sum, count) => sum + count, 0), p50, p95, p99, all };
}
