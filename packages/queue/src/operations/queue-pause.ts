/**
 * Pausing the queue: mails are accepted and wait, and workers take none. The pause is BullMQ's own; beside it a note says who
 * paused and since when.
 *
 * The note is written after the pause begins and deleted before it ends. A crash in between leaves a pause without a
 * note, which looks like a pause by another tool, and never one with a wrong name.
 */
import type { RequestConnection } from '../connection/request-connection.ts';
import { pauseKey, queueKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { readPause } from './operation-scripts.ts';

/** Whether the queue is paused; by whom and since when (ms since the epoch), unless another tool did it. */
export interface PauseState {
  paused: boolean;
  by?: string;
  since?: number;
}

/** Pauses and resumes the queue. Every method throws QueueUnavailable when Redis cannot be reached. */
export class QueuePause {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  async state(): Promise<PauseState> {
    const note = await this.#connection.run(({ redis }) => runScript(redis, readPause, { queue: queueKey, note: pauseKey }, {}));
    return note === null ? { paused: false } : { paused: true, ...JSON.parse(note) };
  }

  /** @returns false when it was already paused; the note stays as it is */
  async pause(by: string): Promise<boolean> {
    if ((await this.state()).paused) return false;
    await this.#connection.run(({ jobs }) => jobs.pause());
    await this.#connection.run(({ redis }) => redis.set(pauseKey, JSON.stringify({ by, since: Date.now() }), 'NX'));
    return true;
  }

  /** @returns false when it was not paused */
  async resume(): Promise<boolean> {
    if (!(await this.state()).paused) return false;
    await this.#connection.run(({ redis }) => redis.del(pauseKey));
    await this.#connection.run(({ jobs }) => jobs.resume());
    return true;
  }
}
