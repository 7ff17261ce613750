/** What there is to see of the queue as a whole: how much waits, how much flows, who works, and how the providers are. */
import { type MailState, mailStates } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { circuitKey, indexKey, recordKey, stateName, trafficKey, workerKey, workersKey } from '../redis/keys.ts';
import type { HeartbeatRecord } from '../worker/worker-heartbeat.ts';

const minuteMs = 60_000;
const minutesAnHour = 60;

/** Of queued mails as they were accepted, so many are asked since when they are due: after a retry that is not their order. */
const queuedAsked = 50;

/** What happened in one minute. */
export interface Traffic {
  /** When the minute began, ms since the epoch. */
  at: number;
  accepted: number;
  sent: number;
  failed: number;
}

/** A worker that is alive. */
export interface LiveWorker {
  id: string;
  version: string;
  host: string;
  pid: number;
  concurrency: number;
  /** ms since the epoch. */
  startedAt: number;
  seenAt: number;
  /** Names of its providers, in order of preference. */
  providers: string[];
}

/** A provider of the workers that are alive, and its circuit. Times are ms since the epoch. */
export interface ProviderStatus {
  name: string;
  host: string;
  /** Mails a second at the most, all workers together. */
  ratePerSecond?: number;
  circuit: 'closed' | 'open';
  /** The latest trouble, as a code. */
  reason?: string;
  openSince?: number;
  /** When a worker looks again whether it is well. */
  probeAt?: number;
}

/** Reads, and changes nothing. Everything here throws QueueUnavailable while Redis is. */
export class QueueOverview {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** How many mails there are in each state. */
  async counts(): Promise<Record<MailState, number>> {
    const counts = await this.#connection.run(({ redis }) =>
      Promise.all(mailStates.map((state) => redis.zcard(indexKey(stateName(state))))),
    );
    return Object.fromEntries(mailStates.map((state, at) => [state, counts[at]])) as Record<MailState, number>;
  }

  /** Since when the longest waiting of queued mails is due, ms since the epoch; undefined when none waits. */
  async oldestWaiting(): Promise<number | undefined> {
    return await this.#connection.run(async ({ redis }) => {
      const ids = await redis.zrange(indexKey(stateName('queued')), '0', String(queuedAsked - 1));
      const due = await Promise.all(ids.map((id) => redis.hget(recordKey(id), 'nextAttemptAt')));
      const times = due.filter((at) => at !== null).map(Number);
      return times.length === 0 ? undefined : Math.min(...times);
    });
  }

  /** What happened in each of the latest minutes, oldest first; the last one is still going on. */
  async traffic(minutes: number): Promise<Traffic[]> {
    const last = Math.floor(Date.now() / minuteMs);
    const wanted = Array.from({ length: minutes }, (_, n) => (last - minutes + 1 + n) * minuteMs);
    const keys = [...new Set(wanted.map(trafficKey))];
    const hours = await this.#connection.run(({ redis }) => Promise.all(keys.map((key) => redis.hgetall(key))));
    const byKey = new Map(keys.map((key, at) => [key, hours[at]]));
    return wanted.map((at) => {
      const minute = (at / minuteMs) % minutesAnHour;
      const count = (what: string) => Number(byKey.get(trafficKey(at))?.[`${what}:${minute}`] ?? 0);
      return { at, accepted: count('accepted'), sent: count('sent'), failed: count('failed') };
    });
  }

  /** The workers that are alive, the longest running first. */
  async workers(): Promise<LiveWorker[]> {
    const signs = await this.#signs();
    return signs.map(({ providers, ...sign }) => ({ ...sign, providers: providers.map(({ name }) => name) }));
  }

  /** The providers of the workers that are alive; one that is used with two accounts is there twice. */
  async providers(): Promise<ProviderStatus[]> {
    const used = new Map((await this.#signs()).flatMap(({ providers }) => providers.map((provider) => [circuitOf(provider), provider])));
    return await this.#connection.run(({ redis }) =>
      Promise.all(
        [...used].map(async ([key, { name, host, ratePerSecond }]) => {
          const [probeAt, reason, openSince] = await redis.hmget(key, 'probeAt', 'reason', 'openSince');
          return {
            name,
            host,
            ...(ratePerSecond !== undefined && { ratePerSecond }),
            circuit: probeAt == null ? ('closed' as const) : ('open' as const),
            ...(reason != null && { reason }),
            ...(probeAt != null && { openSince: Number(openSince), probeAt: Number(probeAt) }),
          };
        }),
      ),
    );
  }

  async #signs(): Promise<(HeartbeatRecord & { seenAt: number })[]> {
    return await this.#connection.run(async ({ redis }) => {
      const seen = await redis.zrange(workersKey, '0', '-1', 'WITHSCORES');
      const ids = seen.filter((_, at) => at % 2 === 0);
      const written = ids.length === 0 ? [] : await redis.mget(ids.map(workerKey));
      const signs = written.flatMap((sign, at) => (sign === null ? [] : [{ ...JSON.parse(sign), seenAt: Number(seen[at * 2 + 1]) }]));
      return signs.sort((one, other) => one.startedAt - other.startedAt);
    });
  }
}

function circuitOf({ name, account }: HeartbeatRecord['providers'][number]): string {
  return circuitKey(name, account);
}
