/** Bulk actions as users see them: they start, read, stop and resume them. The `BulkRunner` of a worker runs them. */
import type { MailFilter, MailState } from '@posthouse/contract';
import { v7 } from 'uuid';
import type { RequestConnection } from '../connection/request-connection.ts';
import { bulkIndexes, bulkStates } from '../record/index-names.ts';
import { bulkKey, bulksKey, runningBulksKey } from '../redis/keys.ts';
import { redisTime } from '../redis/redis-time.ts';
import { runScript } from '../redis/script.ts';
import { type MailCount, MailList } from '../search/mail-list.ts';
import { applicableStates, type MailAction } from '../transitions/applicable-states.ts';
import { countIndexed } from '../transitions/index-walk.ts';
import {
  applicableFilters,
  type BulkAction,
  type BulkEstimate,
  type BulkScope,
  type NewBulkAction,
  readBulkAction,
  writeBulkAction,
} from './bulk-action.ts';
import { resumeBulkAction, stopBulkAction } from './bulk-scripts.ts';

/** Bulk actions kept, besides those that are running. */
const jobsKept = 200;

/** The mails that an action changed, by their state now. Those `sent` were sent to all, those `partial` to some. */
export type BulkOutcome = Record<MailState | 'partial', number>;

/** Starts, reads, stops and resumes. Every method throws QueueUnavailable when Redis cannot be reached. */
export class BulkActions {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** How many mails an action would process. */
  async estimate(action: MailAction, scope: BulkScope): Promise<BulkEstimate> {
    const list = new MailList(this.#connection);
    if ('ids' in scope) {
      const estimate = { mails: scope.ids.length, exact: true };
      if (action !== 'retry') return estimate;
      const mails = await list.summaries(scope.ids);
      const counted = (state: MailState) => mails.filter((mail) => mail.state === state && (state !== 'sent' || mail.partial)).length;
      return withRetried(estimate, counted('failed'), counted('sent'));
    }
    const filters = applicableFilters(action, scope.filter);
    const counts = await Promise.all(filters.map((filter) => list.count(filter)));
    const total = (counted: readonly MailCount[]) => counted.reduce((sum, { mails }) => sum + mails, 0);
    const estimate = { mails: total(counts), exact: counts.every(({ exact }) => exact) };
    const partlySent = action === 'retry' ? total(counts.filter((_, n) => filters[n]?.partial === true)) : 0;
    return withRetried(estimate, estimate.mails - partlySent, partlySent);
  }

  /**
   * Starts an action. Mails that are accepted from now on are skipped. Starting it twice does no harm: no action changes a mail twice.
   * @returns its id
   */
  async start(bulk: NewBulkAction): Promise<string> {
    const { action, scope } = bulk;
    // What ended or was accepted later is skipped, and mails have the times of Redis.
    const createdAt = await this.#connection.run(({ redis }) => redisTime(redis));
    const [id, estimate] = [v7(), await this.estimate(action, scope)];
    const bounded = 'ids' in scope ? scope : { filter: upTo(createdAt, restrictToApplicable(action, scope.filter)) };
    const fields = writeBulkAction(this.#connection.sealer, { ...bulk, id, createdAt, estimate, scope: bounded });
    await this.#connection.run(({ redis }) =>
      redis
        .multi()
        .hset(bulkKey(id), fields)
        .pexpire(bulkKey(id), this.#connection.retention.bulk)
        .zadd(bulksKey, createdAt, id)
        .sadd(runningBulksKey, id)
        .exec(),
    );
    await this.#purgeOldest();
    return id;
  }

  /** @returns undefined when there is no such action (any more) */
  async read(id: string): Promise<BulkAction | undefined> {
    return await this.#connection.run(async ({ redis }) =>
      readBulkAction(this.#connection.sealer, id, await redis.hgetallBuffer(bulkKey(id))),
    );
  }

  /**
   * How many of the mails that the action changed are in each state now. A mail that a later action changed is counted there alone.
   * @throws QueueUnavailable
   */
  async outcome(id: string): Promise<BulkOutcome> {
    const names = bulkIndexes(id);
    const sizes = await this.#connection.run(({ redis }) => Promise.all(names.map((name) => countIndexed(redis, [name]))));
    return Object.fromEntries(bulkStates.map((state, n) => [state, sizes[n]?.mails ?? 0])) as BulkOutcome;
  }

  /** The actions started last, newest first. */
  async newest(limit: number): Promise<BulkAction[]> {
    const ids = await this.#connection.run(({ redis }) => redis.zrevrange(bulksKey, 0, limit - 1));
    const bulkActions = await Promise.all(ids.map((id) => this.read(id)));
    return bulkActions.filter((bulk) => bulk !== undefined);
  }

  /** Takes effect within a second. @returns false when it was not running */
  async stop(id: string, by: string): Promise<boolean> {
    return (await this.#connection.run(({ redis }) => runScript(redis, stopBulkAction, { bulk: bulkKey(id) }, { by }))) === 1;
  }

  /** Continues where it was stopped, or failed. @returns false when it was neither */
  async resume(id: string): Promise<boolean> {
    const keys = { bulk: bulkKey(id), running: runningBulksKey };
    const args = { id, keep: this.#connection.retention.bulk };
    return (await this.#connection.run(({ redis }) => runScript(redis, resumeBulkAction, keys, args))) === 1;
  }

  async #purgeOldest(): Promise<void> {
    await this.#connection.run(async ({ redis }) => {
      const [oldest, running] = await Promise.all([redis.zrange(bulksKey, '0', String(-jobsKept - 1)), redis.smembers(runningBulksKey)]);
      const excess = oldest.filter((id) => !running.includes(id));
      if (excess.length > 0) await redis.multi().del(excess.map(bulkKey)).zrem(bulksKey, excess).exec();
    });
  }
}

function withRetried(estimate: MailCount, failed: number, partlySent: number): BulkEstimate {
  return { ...estimate, ...(partlySent > 0 && { retried: { failed, partlySent } }) };
}

/** Of the states that were asked for those that the action applies to. */
function restrictToApplicable(action: MailAction, { state, ...filter }: MailFilter): MailFilter {
  return { ...filter, ...(state !== undefined && { state: state.filter((one) => applicableStates[action].includes(one)) }) };
}

function upTo(at: number, filter: MailFilter): MailFilter {
  return { ...filter, to: Math.min(filter.to ?? at, at) };
}
