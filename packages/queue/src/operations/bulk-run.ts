/**
 * Carries out bulk work under a lease: looks at its mails from the newest to the oldest, changes those that are meant, a chunk
 * at a time, and keeps its pace. It can be left at any point and taken up again by another process.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MailQueue } from '../acceptance/mail-queue.ts';
import type { RequestConnection } from '../connection/request-connection.ts';
import { type MailSummary, readSummaries } from '../record/mail-summary.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import { writeCursor } from '../search/index-walk.ts';
import { MailList } from '../search/mail-list.ts';
import type { ActionResult } from '../transitions/mail-records.ts';
import { applicableStates } from '../transitions/mail-records.ts';
import type { BulkJob, BulkScope } from './bulk-job.ts';
import type { BulkLease, Chunk } from './bulk-lease.ts';

const mailsAPage = 100;

/** Changed side by side. A chunk takes a quarter of a second at its pace, so that a stop takes effect soon. */
const chunkMost = 50;

/** One of the mails that are looked at, and the cursor behind it. */
interface Candidate {
  mail: MailSummary | undefined;
  cursor: string;
}

/** One process's work on one piece of bulk work. */
export class BulkRun {
  readonly #connection: RequestConnection;
  readonly #job: BulkJob;
  readonly #lease: BulkLease;
  readonly #queue: MailQueue;
  readonly #list: MailList;
  readonly #onMailFault: (id: string, error: Error) => void;
  readonly #throttle: Throttle;

  /** @param onMailFault a mail could not be changed because of a fault of ours; it is passed by */
  constructor(connection: RequestConnection, job: BulkJob, lease: BulkLease, onMailFault: (id: string, error: Error) => void) {
    this.#connection = connection;
    this.#job = job;
    this.#lease = lease;
    this.#queue = new MailQueue(connection);
    this.#list = new MailList(connection);
    this.#onMailFault = onMailFault;
    this.#throttle = new Throttle(job.perSecond);
  }

  /**
   * Works until all is done, the work is stopped, the lease is lost, or `leaving` aborts.
   * @throws QueueUnavailable when Redis cannot be reached; or why the work cannot be done at all
   */
  async run(leaving: AbortSignal): Promise<void> {
    const { scope } = this.#job;
    if (scope === undefined) throw new Error('Which mails it is for was sealed with a key that POSTHOUSE_SECRET does not hold here');
    let { cursor, pendingChunk } = await this.#lease.progress();
    if (pendingChunk !== undefined) {
      if (!(await this.#lease.commitChunk(pendingChunk, await this.#changeInDoubt(pendingChunk)))) return;
      cursor = pendingChunk.cursor;
    }
    for (;;) {
      const { candidates, next } = await this.#page(scope, cursor);
      for (const chunk of this.#chunks(candidates)) {
        await this.#throttle.take(chunk.ids.length);
        if (leaving.aborted || !(await this.#lease.beginChunk(chunk))) return;
        if (!(await this.#lease.commitChunk(chunk, await this.#change(chunk)))) return;
      }
      if (next === undefined) return await this.#lease.end();
      // A page may be empty, and have come far all the same.
      if (!(await this.#lease.commitChunk({ ids: [], seen: 0, cursor: next }, 0))) return;
      cursor = next;
    }
  }

  async #page(scope: BulkScope, cursor: string | undefined): Promise<{ candidates: Candidate[]; next?: string }> {
    if ('filter' in scope) {
      const { mails, next } = await this.#list.page(scope.filter, { limit: mailsAPage, ...(cursor !== undefined && { cursor }) });
      const candidates = mails.map((mail) => ({ mail, cursor: writeCursor({ at: mail.createdAt, id: mail.id }) }));
      return { candidates, ...(next !== undefined && { next }) };
    }
    const from = Number(cursor ?? 0);
    const ids = scope.ids.slice(from, from + mailsAPage);
    const mails = await this.#summaries(ids);
    const candidates = ids.map((id, n) => ({ mail: mails.get(id), cursor: String(from + n + 1) }));
    return { candidates, ...(from + ids.length < scope.ids.length && { next: String(from + ids.length) }) };
  }

  #chunks(candidates: readonly Candidate[]): Chunk[] {
    const size = Math.min(Math.max(Math.floor(this.#job.perSecond / 4), 1), chunkMost);
    const chunks: Chunk[] = [];
    for (let at = 0; at < candidates.length; at += size) {
      const part = candidates.slice(at, at + size);
      const ids = part.flatMap(({ mail }) => (mail !== undefined && this.#isMeant(mail) ? [mail.id] : []));
      chunks.push({ ids, seen: part.length, cursor: part.at(-1)?.cursor ?? '' });
    }
    return chunks;
  }

  /** A mail that has ended since the work began is not meant: it may have ended because of it. */
  #isMeant({ state, endedAt = 0, fault }: MailSummary): boolean {
    return fault === undefined && applicableStates[this.#job.action].includes(state) && endedAt <= this.#job.createdAt;
  }

  /** @returns how many were changed */
  async #change({ ids }: Chunk): Promise<number> {
    return await count(ids.map(async (id) => (await this.#act(id))?.changed === true));
  }

  /**
   * A process died between changing these mails and entering it. What has ended since, or is in a state in which it would
   * not have been meant, it had changed; the others are changed now. Those that wait again may lack their job; they get that and no
   * more, because they may be meant anew by the time that they are asked for.
   */
  async #changeInDoubt({ ids }: Chunk): Promise<number> {
    const mails = await this.#summaries(ids);
    return await count(
      [...mails.values()].map(async (mail) => {
        if (!this.#isMeant(mail)) {
          if (mail.state === 'queued') await this.#queue.renewJob(mail.id, true);
          return mail.fault === undefined;
        }
        const change = await this.#act(mail.id);
        return change !== undefined && (change.changed || !applicableStates[this.#job.action].includes(change.state));
      }),
    );
  }

  async #act(id: string): Promise<ActionResult> {
    try {
      // Many at once wait behind new mail.
      return await this.#queue.apply(id, this.#job.action, true);
    } catch (error) {
      if (error instanceof QueueUnavailable) throw error;
      this.#onMailFault(id, error as Error);
      return undefined;
    }
  }

  async #summaries(ids: readonly string[]): Promise<Map<string, MailSummary>> {
    const mails = await this.#connection.run(({ redis }) => readSummaries(redis, this.#connection.fields, ids));
    return new Map(mails.map((mail) => [mail.id, mail]));
  }
}

/** How many came out true. When one fails, the others are waited for all the same: nothing may go on behind the lease's back. */
async function count(outcomes: readonly Promise<boolean>[]): Promise<number> {
  const settled = await Promise.allSettled(outcomes);
  for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
  return settled.filter((outcome) => outcome.status === 'fulfilled' && outcome.value).length;
}

/** Keeps to so many a second. */
class Throttle {
  readonly #interval: number;
  #next = 0;

  constructor(perSecond: number) {
    this.#interval = 1000 / perSecond;
  }

  /** Timings until the next `count` may go. */
  async take(count: number): Promise<void> {
    const wait = this.#next - Date.now();
    if (count > 0 && wait > 0) await sleep(wait);
    this.#next = Math.max(this.#next, Date.now()) + count * this.#interval;
  }
}
