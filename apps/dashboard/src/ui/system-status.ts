/** Reads what concerns all mail: for the notices of every page. Pauses are read each time; the rest is read once for all users. */
import { type PauseList, Pauses, type ProviderStatus, QueueOverview, type RedisRisk, type RequestConnection } from '@posthouse/queue';

/** What concerns all mail at one moment. */
export interface SystemStatus extends PauseList {
  workers: number;
  /** Those of the live workers. */
  providers: readonly ProviderStatus[];
  risks: readonly RedisRisk[];
}

/** The status with workers and providers that were read just now, for a page that shows both. */
export function withLatest(
  status: SystemStatus,
  { workers, providers }: { workers?: readonly unknown[]; providers?: readonly ProviderStatus[] },
): SystemStatus {
  return {
    ...status,
    ...(workers !== undefined && { workers: workers.length }),
    ...(providers !== undefined && { providers }),
  };
}

/** Reads it on demand. */
export class SystemStatusReader {
  readonly #pauses: Pauses;
  readonly #workers: () => Promise<Pick<SystemStatus, 'workers' | 'providers'>>;
  readonly #risks: () => Promise<RedisRisk[]>;

  constructor(connection: RequestConnection) {
    const { statusPoll, riskPoll } = connection.timings.dashboard;
    const overview = new QueueOverview(connection);
    this.#pauses = new Pauses(connection);
    this.#workers = atMostEvery(statusPoll, async () => {
      const [workers, providers] = await Promise.all([overview.workers(), overview.providers()]);
      return { workers: workers.length, providers };
    });
    this.#risks = atMostEvery(riskPoll, () => overview.redisRisks());
  }

  /** @throws QueueUnavailable */
  async read(): Promise<SystemStatus> {
    const [pauses, workers, risks] = await Promise.all([this.#pauses.list(), this.#workers(), this.#risks()]);
    return { ...pauses, ...workers, risks };
  }
}

/** Callers within the time share one reading; one that has failed is not kept. */
function atMostEvery<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let latest: { at: number; reading: Promise<T> } | undefined;
  return async () => {
    if (latest === undefined || Date.now() - latest.at >= ms) {
      const current = { at: Date.now(), reading: read() };
      latest = current;
      current.reading.catch(() => {
        if (latest === current) latest = undefined;
      });
    }
    return await latest.reading;
  };
}
