/** Reads the state of the queue as a whole: mails by state, workers and providers. */
import { type AccountRefusalKind, type DeliveryStep, type MailState, mailStates } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { stateOf, templateOf } from '../record/index-names.ts';
import { type RedisRisk, readDurability } from '../redis/connection-log.ts';
import { circuitKey, rateKey, sizesKey, workerKey, workersKey } from '../redis/keys.ts';
import type { HeartbeatRecord } from '../worker/worker-heartbeat.ts';

/** A worker with a current heartbeat. */
export interface LiveWorker {
  id: string;
  version: string;
  host: string;
  pid: number;
  concurrency: number;
  /** ms since the epoch. */
  startedAt: number;
  seenAt: number;
  /** How far its clock is ahead of that of Redis, or behind (negative), in ms, where it takes no mail because of that. */
  clockSkewMs?: number;
  /** Its providers, in order of preference; with the reason, as a code, where it does not use one that others may. */
  providers: { name: string; localFailure?: string }[];
}

/** A provider of the live workers, and its circuit. Times are ms since the epoch. */
export interface ProviderStatus {
  name: string;
  host: string;
  /** Mails per second, at most, all workers together. */
  ratePerSecond?: number;
  /** Also open where no worker that uses it can reach it. */
  circuit: 'closed' | 'open';
  /** The latest failure, as a code. */
  reason?: string;
  /** What is wrong with the account, where the server's words say so. */
  account?: AccountRefusalKind;
  /** Where the server said it. */
  step?: DeliveryStep;
  openSince?: number;
  /** When the next probe is due. */
  probeAt?: number;
  /** When a mail may be sent next under that rate; absent where none was sent lately. */
  nextSlotAt?: number;
  /** Of all workers: connections that are open, how many they may have at the moment, and how many they may have where the provider allows them. */
  connections: number;
  maxConnections: number;
  pool: number;
}

/** Every method throws QueueUnavailable when Redis cannot be reached. */
export class QueueOverview {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** How many mails there are in each state. */
  async counts(): Promise<Record<MailState, number>> {
    const sizes = Object.entries(await this.#connection.run(({ redis }) => redis.hgetall(sizesKey)));
    const countOf = (state: MailState) => sizes.reduce((sum, [name, size]) => sum + (stateOf(name) === state ? Number(size) : 0), 0);
    return Object.fromEntries(mailStates.map((state) => [state, countOf(state)])) as Record<MailState, number>;
  }

  /** How many mails each template has in each state, as long as their records are kept. Mails without a template have the name ''. */
  async templates(): Promise<ReadonlyMap<string, Readonly<Partial<Record<MailState, number>>>>> {
    const counts = new Map<string, Partial<Record<MailState, number>>>();
    for (const [name, size] of Object.entries(await this.#connection.run(({ redis }) => redis.hgetall(sizesKey)))) {
      const state = mailStates.find((known) => known === stateOf(name));
      if (state === undefined) continue;
      const template = counts.get(templateOf(name)) ?? {};
      template[state] = (template[state] ?? 0) + Number(size);
      counts.set(templateOf(name), template);
    }
    return counts;
  }

  /** How Redis, as it is configured, may lose mails. */
  async redisRisks(): Promise<RedisRisk[]> {
    return (await this.#connection.run(({ redis }) => readDurability(redis))).risks;
  }

  /** The live workers, the longest running first. */
  async workers(): Promise<LiveWorker[]> {
    const heartbeats = await this.#heartbeats();
    return heartbeats.map(({ providers, ...worker }) => ({
      ...worker,
      providers: providers.map(({ name, localFailure }) => ({ name, ...(localFailure !== undefined && { localFailure }) })),
    }));
  }

  /** The providers of the live workers; one that is used with two accounts is listed twice. */
  async providers(): Promise<ProviderStatus[]> {
    const all = (await this.#heartbeats()).flatMap(({ providers }) =>
      providers.map((provider) => [circuitOf(provider), provider] as const),
    );
    const reachable = new Set(all.flatMap(([key, { localFailure }]) => (localFailure === undefined ? [key] : [])));
    return await this.#connection.run(({ redis }) =>
      Promise.all(
        [...new Map(all)].map(async ([key, { name, host, account, ratePerSecond, localFailure }]) => {
          const [[probeAt, shared, openSince, refusal, step], nextSlotAt] = await Promise.all([
            redis.hmget(key, 'probeAt', 'reason', 'openSince', 'account', 'step'),
            ratePerSecond === undefined ? null : redis.get(rateKey(name, account)),
          ]);
          const reason = shared ?? (reachable.has(key) ? undefined : localFailure);
          const of = all.filter(([other]) => other === key).map(([, provider]) => provider);
          const total = (field: 'connections' | 'maxConnections' | 'pool') => of.reduce((sum, provider) => sum + (provider[field] ?? 0), 0);
          return {
            name,
            host,
            connections: total('connections'),
            maxConnections: total('maxConnections'),
            pool: total('pool'),
            ...(ratePerSecond !== undefined && { ratePerSecond }),
            ...(nextSlotAt !== null && { nextSlotAt: Number(nextSlotAt) }),
            circuit: probeAt == null && reachable.has(key) ? ('closed' as const) : ('open' as const),
            ...(reason !== undefined && { reason }),
            ...(refusal && { account: refusal as AccountRefusalKind }),
            ...(step && { step: step as DeliveryStep }),
            ...(probeAt != null && { openSince: Number(openSince), probeAt: Number(probeAt) }),
          };
        }),
      ),
    );
  }

  async #heartbeats(): Promise<(HeartbeatRecord & { seenAt: number })[]> {
    return await this.#connection.run(async ({ redis }) => {
      const scores = await redis.zrange(workersKey, '0', '-1', 'WITHSCORES');
      const ids = scores.filter((_, n) => n % 2 === 0);
      const stored = ids.length === 0 ? [] : await redis.mget(ids.map(workerKey));
      const heartbeats = stored.flatMap((json, n) => {
        const heartbeat = heartbeatIn(json);
        return heartbeat === undefined ? [] : [{ ...heartbeat, seenAt: Number(scores[n * 2 + 1]) }];
      });
      return heartbeats.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
    });
  }
}

/** Nothing for a heartbeat that has expired, or that no worker has written: the others are shown. */
function heartbeatIn(json: string | null): HeartbeatRecord | undefined {
  try {
    const heartbeat: HeartbeatRecord | null = JSON.parse(json ?? 'null');
    return Array.isArray(heartbeat?.providers) ? heartbeat : undefined;
  } catch {
    return undefined;
  }
}

function circuitOf({ name, account }: HeartbeatRecord['providers'][number]): string {
  return circuitKey(name, account);
}
