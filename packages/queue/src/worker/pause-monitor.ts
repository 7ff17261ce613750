/**
 * Reads the pauses at an interval, so that a mail that is due costs no round trip for them. While everything is paused, or each
 * provider of this worker, the consumer takes no mail. Parked mails of pauses that have ended are released; reading goes on meanwhile.
 */
import type { Service } from '@posthouse/contract';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import type { StoredPause } from '../record/pause.ts';
import { pausesKey, releasingKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import type { MailConsumer } from './mail-consumer.ts';
import { PauseRelease } from './pause-release.ts';
import { readPauses } from './pause-scripts.ts';

/** Keeps `connection.pauses` up to date. */
export class PauseMonitor implements Service {
  readonly name = 'pause monitor';
  readonly #connection: WorkerConnection;
  readonly #consumer: Pick<MailConsumer, 'pause' | 'resume'>;
  readonly #providers: readonly string[];
  readonly #onChange: (active: number) => void;
  #running: { timer: NodeJS.Timeout; release: PauseRelease } | undefined;
  #ticking: Promise<void> | undefined;
  /** What was read last; undefined before that. */
  #read: string | undefined;
  #releasing: Promise<void> | undefined;
  /** When the pauses were last read, by the clock of `performance.now`. */
  ranAt = performance.now();

  /**
   * @param consumer paused for the reason `user` before it starts: until the pauses were read, no mail is taken
   * @param providers the names of this worker's: while all are paused, it takes no mail
   * @param onChange called with the number of pauses when they have changed
   */
  constructor(
    connection: WorkerConnection,
    consumer: Pick<MailConsumer, 'pause' | 'resume'>,
    providers: readonly string[],
    onChange: (active: number) => void,
  ) {
    this.#connection = connection;
    this.#consumer = consumer;
    this.#providers = providers;
    this.#onChange = onChange;
  }

  async start(): Promise<void> {
    const release = new PauseRelease(this.#connection);
    this.#running = { release, timer: setInterval(() => this.#tick(release), this.#connection.timings.pause.poll) };
    this.#tick(release);
  }

  /** Waits for what is in progress, unless Redis is down. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    clearInterval(running.timer);
    running.release.abort();
    if (this.#connection.redis.status === 'ready') {
      await this.#ticking;
      await this.#releasing;
    }
    await running.release.close();
  }

  /** While Redis is down one reading waits for it, and the others are skipped. */
  #tick(release: PauseRelease): void {
    this.#ticking ??= this.#readPauses(release)
      .catch(this.#connection.onError)
      .finally(() => {
        this.#ticking = undefined;
      });
  }

  async #readPauses(release: PauseRelease): Promise<void> {
    const { redis } = this.#connection;
    const [toRelease, ...stored] = await runScript(redis, readPauses, { pauses: pausesKey, releasing: releasingKey }, {});
    const read = stored.join('\n');
    if (read !== this.#read) await this.#change(stored);
    this.#read = read;
    this.ranAt = performance.now();
    if (toRelease !== '0') this.#release(release);
  }

  /** One release at a time; it takes long for many mails. */
  #release(release: PauseRelease): void {
    this.#releasing ??= release
      .run()
      .catch(this.#connection.onError)
      .finally(() => {
        this.#releasing = undefined;
      });
  }

  async #change(stored: readonly string[]): Promise<void> {
    const { pauses } = this.#connection;
    const isFirst = this.#read === undefined;
    pauses.set(parsePauses(stored));
    const isStopped = pauses.everything || (this.#providers.length > 0 && this.#providers.every((name) => pauses.providers.has(name)));
    await (isStopped ? this.#consumer.pause('user') : this.#consumer.resume('user'));
    if (!isFirst || stored.length > 0) this.#onChange(stored.length / 2);
  }
}

/** @param stored ids and JSON in turn; what was edited is left out */
export function parsePauses(stored: readonly string[]): (StoredPause & { id: string })[] {
  const pauses: (StoredPause & { id: string })[] = [];
  for (let at = 0; at + 1 < stored.length; at += 2) {
    try {
      pauses.push({ ...JSON.parse(stored[at + 1] as string), id: stored[at] as string });
    } catch {}
  }
  return pauses;
}
