/**
 * The API keys that a process accepts: those of its configuration, and those in Redis, which it learns about by polling the number of the
 * latest change. A change is known to every process within 2 s: where the keys have not been confirmed for longer, a request waits for it.
 * A new key works at once: a request whose key is not known waits for a reading that begins after it.
 */
import type { ApiKey } from '@posthouse/access';
import type { Service } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import { ApiKeys } from './api-keys.ts';

type KnownKey = ApiKey & { until?: number };

/** Finds API keys by their hash. */
export class ApiKeyRegistry implements Service {
  readonly name = 'API keys';
  readonly #connection: RequestConnection;
  readonly #apiKeys: ApiKeys;
  readonly #configured: ReadonlyMap<string, ApiKey>;
  readonly #onIssue: (message: string) => void;
  readonly #timings: RequestConnection['timings']['apiKeys'];
  #known: ReadonlyMap<string, KnownKey> = new Map();
  #version: string | undefined;
  /** When `#known` was last what Redis has, by the clock of `performance`. */
  #confirmedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #used = new Map<string, number>();
  #timers: NodeJS.Timeout[] = [];

  /**
   * @param configured API keys by the SHA-256 of their text in hex
   * @param onIssue called when a key in Redis cannot be read, and when there is no key at all
   */
  constructor(connection: RequestConnection, configured: ReadonlyMap<string, ApiKey>, onIssue: (message: string) => void) {
    this.#connection = connection;
    this.#apiKeys = new ApiKeys(connection);
    this.#configured = configured;
    this.#onIssue = onIssue;
    this.#timings = connection.timings.apiKeys;
  }

  async start(): Promise<void> {
    const every = (ms: number, work: () => Promise<void>) => this.#timers.push(setInterval(() => void work().catch(() => undefined), ms));
    // Without Redis, nothing is confirmed, and requests with a key that is not in the configuration are refused.
    every(this.#timings.poll, () => this.#read());
    every(this.#timings.storeUse, () => this.#storeUse());
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.#storeUse().catch((error: Error) => {
      if (!(error instanceof QueueUnavailable)) throw error;
    });
  }

  /**
   * The key with this hash; undefined where there is none, or it was revoked.
   * @param hash SHA-256 of its text in hex
   * @throws QueueUnavailable where only Redis knows, and it does not answer
   */
  async find(hash: string): Promise<ApiKey | undefined> {
    const key = this.#configured.get(hash) ?? (await this.#inRedis(hash));
    if (key !== undefined) this.#used.set(key.name, Date.now());
    return key;
  }

  async #inRedis(hash: string): Promise<ApiKey | undefined> {
    const askedAt = performance.now();
    if (askedAt - this.#confirmedAt > this.#timings.confirmed) await this.#read();
    // It may be a new key. Unknown keys cost little: all that wait share one small reading, and most mistyped texts are refused before.
    while (!this.#known.has(hash) && this.#confirmedAt < askedAt) await this.#read();
    const key = this.#known.get(hash);
    if (key?.until === undefined) return key;
    return key.until > (await this.#connection.run(({ clock }) => clock.now())) ? key : undefined;
  }

  /** Requests at the same time share one reading. */
  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const since = performance.now();
    // Read before the keys: a change in between is read with them, and read again.
    const version = await this.#apiKeys.version();
    if (version !== this.#version) {
      const { keys, unreadable } = await this.#apiKeys.list();
      this.#known = new Map(
        keys.flatMap(({ name, rights, hashes }) =>
          hashes.map(({ hash, until }) => [hash, { name, rights, ...(until !== undefined && { until }) }] as const),
        ),
      );
      this.#version = version;
      if (this.#configured.size + this.#known.size === 0)
        this.#onIssue('there is no API key: every request is answered 401. Create one with `npm run keys -- create <name>`');
      for (const name of unreadable)
        this.#onIssue(`the API key ${name} cannot be read with this POSTHOUSE_SECRET, or by this version, and is not accepted`);
    }
    this.#confirmedAt = since;
  }

  async #storeUse(): Promise<void> {
    const used = this.#used;
    this.#used = new Map();
    await this.#apiKeys.storeUse(used);
  }
}
