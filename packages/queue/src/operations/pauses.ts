/**
 * Pauses that users have started: mails are accepted and wait, without using an attempt, and in their order. One of everything makes workers
 * take no mail; under one of a template, a tag or a domain a worker parks each mail that is due, once (`park`); a provider is not used.
 */
import { randomUUID } from 'node:crypto';
import { limits } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { concerns, type PausedMail, type PauseScope, type StoredPause } from '../record/pause.ts';
import { parkedKey, pausesKey, releasingKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { parsePauses } from '../worker/pause-monitor.ts';
import { endPause, readPauses, startPause } from '../worker/pause-scripts.ts';

/** A pause that is to begin. */
export interface NewPause {
  scope: PauseScope;
  /** Of the template, tag, provider or domain; '' for everything. */
  name: string;
  by: string;
  reason: string;
  /** ms until it ends automatically; absent for one that a user ends. */
  ms?: number;
}

/** A pause that has not ended. Times are ms since the epoch. */
export interface Pause {
  id: string;
  scope: PauseScope;
  /** Absent for everything, and for a domain that was sealed with a key that this process does not have. */
  name?: string;
  by: string;
  since: number;
  until?: number;
  /** Also absent where this process does not have the key. */
  reason?: string;
  /** Mails that are parked under it. */
  parked: number;
}

/** All pauses. */
export interface PauseList {
  /** The oldest first. */
  pauses: Pause[];
  /** Another tool has paused BullMQ's queue: nothing is sent. */
  byTool: boolean;
}

/** Why a pause did not begin. */
export class PauseError extends Error {
  readonly code: 'full' | 'exists';

  constructor(code: 'full' | 'exists') {
    super(code === 'full' ? `there are ${limits.pauses.active} pauses already` : 'there is such a pause already');
    this.code = code;
  }
}

const keysOfPauses = () => ({ pauses: pausesKey, releasing: releasingKey });

/** Starts, lists and ends pauses. Every method throws QueueUnavailable when Redis cannot be reached. */
export class Pauses {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  async list(): Promise<PauseList> {
    return await this.#connection.run(async ({ redis, jobs }) => {
      const [stored, byTool] = await Promise.all([this.#stored(), jobs.isPausedByTool()]);
      const parked = await Promise.all(stored.map(({ id }) => redis.zcard(parkedKey(id))));
      return { pauses: stored.map((pause, n) => this.#pauseOf(pause, parked[n] as number)), byTool };
    });
  }

  /** Those that hold a mail back: one of everything, its template, its tags, or the domain of a recipient that is pending. */
  async of(mail: PausedMail): Promise<Pause[]> {
    const { sealer } = this.#connection;
    const stored = await this.#stored();
    return stored.filter((pause) => concerns(pause, mail, (value) => sealer.digests(value))).map((pause) => this.#pauseOf(pause, 0));
  }

  /** @returns its id @throws PauseError */
  async start({ scope, name, by, reason, ms = 0 }: NewPause): Promise<string> {
    const { sealer } = this.#connection;
    const id = randomUUID().slice(-12);
    const match = scope === 'domain' ? sealer.digest(name) : name;
    const text = JSON.stringify({ reason, ...(scope === 'domain' && { domain: name }) });
    const stored = JSON.stringify({ scope, match, by, sealed: sealer.seal(text, sealedAs(id)).toString('base64') });
    const args = { id, stored, ms, max: limits.pauses.active };
    const outcome = await this.#connection.run(({ redis }) => runScript(redis, startPause, keysOfPauses(), args));
    if (outcome !== 'started') throw new PauseError(outcome as 'full' | 'exists');
    return id;
  }

  /** Ends a pause; its parked mails are released by a worker. @returns false when it has ended already */
  async end(id: string): Promise<boolean> {
    return (await this.#connection.run(({ redis }) => runScript(redis, endPause, keysOfPauses(), { id }))) === 1;
  }

  /** Ends the pause of another tool. */
  async endByTool(): Promise<void> {
    await this.#connection.run(({ jobs }) => jobs.resume());
  }

  async #stored(): Promise<(StoredPause & { id: string })[]> {
    const [, ...stored] = await this.#connection.run(({ redis }) => runScript(redis, readPauses, keysOfPauses(), {}));
    // A hash has no order: pauses of one millisecond are listed by their ids.
    return parsePauses(stored).sort((one, other) => one.since - other.since || (one.id < other.id ? -1 : 1));
  }

  #pauseOf({ id, scope, match, by, since, until, sealed }: StoredPause & { id: string }, parked: number): Pause {
    const { reason, domain } = this.#decrypt(id, sealed);
    const name = scope === 'domain' ? domain : match;
    return {
      id,
      scope,
      by,
      since,
      parked,
      ...(name !== undefined && name !== '' && { name }),
      ...(until !== undefined && { until }),
      ...(reason !== undefined && { reason }),
    };
  }

  #decrypt(id: string, sealed: string): { reason?: string; domain?: string } {
    try {
      return JSON.parse(this.#connection.sealer.decrypt(Buffer.from(sealed, 'base64'), sealedAs(id)));
    } catch {
      // It must be possible to see and to end it without the key too.
      return {};
    }
  }
}

function sealedAs(id: string): string {
  return `pause:${id}`;
}
