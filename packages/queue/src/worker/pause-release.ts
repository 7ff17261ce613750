/**
 * Releases the mails that were parked under pauses that have ended: their jobs are due now, in the order in which the mails were due. One
 * worker at a time does so. A mail leaves the parked ones after its job is due: when the worker dies in between, the next one goes on.
 */
import { MailJobs } from '../connection/mail-jobs.ts';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { parkedKey, releaserKey, releasingKey, unfinishedKey } from '../redis/keys.ts';
import { redisTime } from '../redis/redis-time.ts';
import { runScript } from '../redis/script.ts';
import { removeParked } from './pause-scripts.ts';

/** Mails released in one go. */
const batchSize = 500;

/** Releases parked mails. */
export class PauseRelease {
  readonly #connection: WorkerConnection;
  readonly #jobs: MailJobs;
  #isStopped = false;

  constructor(connection: WorkerConnection) {
    this.#connection = connection;
    this.#jobs = new MailJobs(connection.redis, connection, connection.onError);
  }

  /** Releases what there is to release, unless another worker does. Mails that a worker has at the moment are left for the next call. */
  async run(): Promise<void> {
    const { redis } = this.#connection;
    if (!(await this.#renewLease())) return;
    for (const pause of await redis.smembers(releasingKey)) await this.#release(pause);
    if ((await redis.get(releaserKey)) === this.#connection.workerId) await redis.del(releaserKey);
  }

  /** Ends a call of `run` after the mails in progress. */
  abort(): void {
    this.#isStopped = true;
  }

  async close(): Promise<void> {
    await this.#jobs.close();
  }

  async #release(pause: string): Promise<void> {
    const { redis } = this.#connection;
    const keys = { parked: parkedKey(pause), releasing: releasingKey };
    for (let skipped = 0; !this.#isStopped && (await this.#renewLease()); ) {
      const ids = await redis.zrange(keys.parked, String(skipped), String(skipped + batchSize - 1));
      const released = await this.#promote(ids);
      skipped += ids.length - released.length;
      const left = await runScript(redis, removeParked, keys, { pause }, released);
      if (left <= skipped) return;
    }
  }

  /** @returns those whose job is due now, or that need none any more */
  async #promote(ids: readonly string[]): Promise<string[]> {
    const { redis, records } = this.#connection;
    if (ids.length === 0) return [];
    // The sweeper finds a mail whose job is lost from here on.
    const now = await redisTime(redis);
    await redis.zadd(unfinishedKey, 'XX', ...ids.flatMap((id) => [String(now), id]));
    const isReleased = await Promise.all(
      ids.map(async (id) => {
        const timing = await records.timing(id);
        return timing?.state !== 'queued' && timing?.state !== 'retrying' ? true : await this.#jobs.promote({ ...timing, at: now });
      }),
    );
    return ids.filter((_, n) => isReleased[n]);
  }

  async #renewLease(): Promise<boolean> {
    const { redis, timings, workerId } = this.#connection;
    if ((await redis.set(releaserKey, workerId, 'PX', timings.pause.lease, 'NX')) !== null) return true;
    if ((await redis.get(releaserKey)) !== workerId) return false;
    return (await redis.pexpire(releaserKey, timings.pause.lease)) === 1;
  }
}
