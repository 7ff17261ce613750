/**
 * Runs one bulk action under a lease: processes its mails from the newest to the oldest, failed ones before partly sent ones, a chunk at a time, and keeps to its rate.
 * It can be stopped at any point and continued by another process.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MailQueue } from '../acceptance/mail-queue.ts';
import type { RequestConnection } from '../connection/request-connection.ts';
import { type MailSummary, readSummaries } from '../record/mail-summary.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import { MailList } from '../search/mail-list.ts';
import { applicableStates } from '../transitions/applicable-states.ts';
import { cursorOf, writeCursor } from '../transitions/index-walk.ts';
import type { ActionResult } from '../transitions/mail-records.ts';
import { applicableFilters, type BulkAction, type BulkScope } from './bulk-action.ts';
import type { BulkLease, Chunk } from './bulk-lease.ts';

const pageSize = 100;

/** Mails changed at the same time. */
const maxChunk = 50;

/** A mail to process, and the cursor after it. */
interface Candidate {
  mail: MailSummary | undefined;
  cursor: string;
}

/** One process's run of one bulk action. */
export class BulkRun {
  readonly #connection: RequestConnection;
  readonly #bulk: BulkAction;
  readonly #lease: BulkLease;
  readonly #queue: MailQueue;
  readonly #list: MailList;
  readonly #onMailError: (id: string, error: Error) => void;
  readonly #throttle: Throttle;

  /** @param onMailError called with an unexpected error while a mail was changed; the mail is skipped */
  constructor(connection: RequestConnection, bulk: BulkAction, lease: BulkLease, onMailError: (id: string, error: Error) => void) {
    this.#connection = connection;
    this.#bulk = bulk;
    this.#lease = lease;
    this.#queue = new MailQueue(connection);
    this.#list = new MailList(connection);
    this.#onMailError = onMailError;
    this.#throttle = new Throttle(bulk.perSecond);
  }

  /**
   * Runs until all is done, the action is stopped, the lease is lost, or `stopping` aborts.
   * @throws QueueUnavailable when Redis cannot be reached; or why the action cannot be done at all
   */
  async run(stopping: AbortSignal): Promise<void> {
    const { scope } = this.#bulk;
    if (scope === undefined)
      throw new Error(
        'The mails to act on are sealed with a key that this worker lacks. Add it to POSTHOUSE_SECRET of the workers, then resume',
      );
    let { cursor, pendingChunk } = await this.#lease.progress();
    if (pendingChunk !== undefined) {
      if (!(await this.#lease.commitChunk(pendingChunk, await this.#completePending(pendingChunk)))) return;
      cursor = pendingChunk.cursor;
    }
    for (;;) {
      const { candidates, next } = await this.#page(scope, cursor);
      for (const chunk of this.#chunks(candidates)) {
        await this.#throttle.take(chunk.ids.length);
        if (stopping.aborted || !(await this.#lease.beginChunk(chunk))) return;
        if (!(await this.#lease.commitChunk(chunk, await this.#change(chunk)))) return;
      }
      if (next === undefined) return await this.#lease.end();
      // Without a match a page is empty, although the search has advanced.
      if (!(await this.#lease.commitChunk({ ids: [], processed: 0, cursor: next }, 0))) return;
      cursor = next;
    }
  }

  async #page(scope: BulkScope, cursor: string | undefined): Promise<{ candidates: Candidate[]; next?: string }> {
    if ('filter' in scope) {
      // Each of the filters in turn, so a cursor begins with the position of its filter.
      const [, position = '0', within = cursor] = /^(\d+):(.*)$/.exec(cursor ?? '') ?? [];
      const filters = applicableFilters(this.#bulk.action, scope.filter);
      const filter = filters[Number(position)];
      if (filter === undefined) return { candidates: [] };
      const { mails, next } = await this.#list.page(filter, { limit: pageSize, ...(within && { cursor: within }) });
      const candidates = mails.map((mail) => ({ mail, cursor: `${position}:${writeCursor(cursorOf(mail.id))}` }));
      if (next !== undefined) return { candidates, next: `${position}:${next}` };
      return Number(position) + 1 < filters.length ? { candidates, next: `${Number(position) + 1}:` } : { candidates };
    }
    const from = Number(cursor ?? 0);
    const ids = scope.ids.slice(from, from + pageSize);
    const mails = await this.#summaries(ids);
    const candidates = ids.map((id, n) => ({ mail: mails.get(id), cursor: String(from + n + 1) }));
    return { candidates, ...(from + ids.length < scope.ids.length && { next: String(from + ids.length) }) };
  }

  #chunks(candidates: readonly Candidate[]): Chunk[] {
    const size = Math.min(Math.max(Math.floor((this.#bulk.perSecond * this.#connection.timings.bulk.chunk) / 1000), 1), maxChunk);
    const chunks: Chunk[] = [];
    for (let at = 0; at < candidates.length; at += size) {
      const part = candidates.slice(at, at + size);
      const ids = part.flatMap(({ mail }) => (mail !== undefined && this.#isApplicable(mail) ? [mail.id] : []));
      chunks.push({ ids, processed: part.length, cursor: part.at(-1)?.cursor ?? '' });
    }
    return chunks;
  }

  /** A mail that has ended since the action was started is skipped: it may have ended because of the action. */
  #isApplicable({ state, partial, endedAt = 0, error }: MailSummary): boolean {
    const isApplicable = applicableStates[this.#bulk.action].includes(state) && (state !== 'sent' || partial);
    return error === undefined && isApplicable && endedAt <= this.#bulk.createdAt;
  }

  /** @returns how many were changed */
  async #change({ ids }: Chunk): Promise<number> {
    return await count(ids.map(async (id) => (await this.#act(id))?.changed === true));
  }

  /**
   * Completes a chunk that a process has begun and not committed. A mail that the action no longer applies to was changed by that
   * process; the others are changed now. A mail that was changed and is queued may lack its job; it gets that and nothing more,
   * because by now it may have failed again, and the action would apply to it once more.
   * @returns how many were changed, by either process
   */
  async #completePending({ ids }: Chunk): Promise<number> {
    const mails = await this.#summaries(ids);
    return await count(
      [...mails.values()].map(async (mail) => {
        if (!this.#isApplicable(mail)) {
          if (mail.state === 'queued') await this.#queue.renewJob(mail.id, { background: true });
          return mail.error === undefined;
        }
        const result = await this.#act(mail.id);
        return result !== undefined && (result.changed || !applicableStates[this.#bulk.action].includes(result.state));
      }),
    );
  }

  async #act(id: string): Promise<ActionResult> {
    try {
      return await this.#queue.apply(id, this.#bulk.action, { background: true, by: { who: this.#bulk.by, bulk: this.#bulk.id } });
    } catch (error) {
      if (error instanceof QueueUnavailable) throw error;
      this.#onMailError(id, error as Error);
      return undefined;
    }
  }

  async #summaries(ids: readonly string[]): Promise<Map<string, MailSummary>> {
    const mails = await this.#connection.run(({ redis }) => readSummaries(redis, this.#connection.fields, ids));
    return new Map(mails.map((mail) => [mail.id, mail]));
  }
}

/** Keeps to a number per second. */
class Throttle {
  readonly #interval: number;
  #next = 0;

  constructor(perSecond: number) {
    this.#interval = 1000 / perSecond;
  }

  /** Waits until the next `count` may go. */
  async take(count: number): Promise<void> {
    const wait = this.#next - Date.now();
    if (count > 0 && wait > 0) await sleep(wait);
    this.#next = Math.max(this.#next, Date.now()) + count * this.#interval;
  }
}

/** How many resolve to true. When one rejects, the others are still waited for: nothing may go on without the lease. */
async function count(outcomes: readonly Promise<boolean>[]): Promise<number> {
  const settled = await Promise.allSettled(outcomes);
  for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
  return settled.filter((outcome) => outcome.status === 'fulfilled' && outcome.value).length;
}
