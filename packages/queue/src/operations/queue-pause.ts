/**
 * Pausing the queue: mails are accepted and wait, and workers take none. The pause is BullMQ's own; beside it stands our
 * note of who paused and since when.
 *
 * The note is written after the pause and taken away before it ends: a crash in between leaves a queue that is paused by
 * nobody knows whom, which is what it looks like after another tool, and never a wrong name.
 */

import type { RequestConnection } from '../connection/request-connection.ts';
import { pauseKey, queueKey } from '../redis/keys.ts';

/** Whether the queue is paused; by whom and since when (ms since the epoch), unless another tool did it. */
export interface PauseState {
  paused: boolean;
  by?: string;
  since?: number;
}

/** KEYS: BullMQ's hash of the queue, our note. Answers the note while the queue is paused; the note of a pause that another tool ended goes. */
const look = `
if redis.call('HEXISTS', KEYS[1], 'paused') == 1 then return redis.call('GET', KEYS[2]) or '{}' end
redis.call('DEL', KEYS[2])
return false`;

/** Pauses the queue and lets it go on. Everything here throws QueueUnavailable while Redis is. */
export class QueuePause {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  async state(): Promise<PauseState> {
    const note = (await this.#connection.run(({ redis }) => redis.eval(look, 2, queueKey, pauseKey))) as string | null;
    return note === null ? { paused: false } : { paused: true, ...JSON.parse(note) };
  }

  /** @returns false when it was paused already; then it stays the pause of whoever did it */
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
