/**
 * Bulk work as people see it: they begin it, look how far it has come, stop it and let it go on. A `BulkRunner`, in whatever
 * process, carries it out.
 */
import type { MailFilter } from '@posthouse/contract';
import { v7 } from 'uuid';
import type { RequestConnection } from '../connection/request-connection.ts';
import { bulkKey, bulksKey, runningBulksKey } from '../redis/keys.ts';
import { type MailCount, MailList } from '../search/mail-list.ts';
import { applicableStates, type MailAction } from '../transitions/mail-records.ts';
import { type BulkJob, type BulkScope, type NewBulkJob, readBulkJob, writeBulkJob } from './bulk-job.ts';

const jobsKept = 200;

/** KEYS: bulk work. ARGV: now, who. */
const stop = `
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'stopped', 'endedAt', ARGV[1], 'stoppedBy', ARGV[2])
return 1`;

/** KEYS: bulk work, running ones. ARGV: id, ms to keep. */
const resume = `
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'stopped' and state ~= 'failed' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'running')
redis.call('HDEL', KEYS[1], 'endedAt', 'stoppedBy', 'fault')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[1])
return 1`;

/** Begins, reads, stops and resumes. Everything here throws QueueUnavailable while Redis is. */
export class BulkJobs {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** How many mails a wish would look at. */
  async estimate(action: MailAction, scope: BulkScope): Promise<MailCount> {
    if ('ids' in scope) return { mails: scope.ids.length, exact: true };
    return await new MailList(this.#connection).count(restrictToApplicable(action, scope.filter));
  }

  /**
   * Begins; mails that are accepted from now on are not meant. Done twice it does no harm: no wish changes a mail twice.
   * @returns its id
   */
  async start(job: NewBulkJob): Promise<string> {
    const { action, scope } = job;
    const [id, createdAt, estimate] = [v7(), Date.now(), await this.estimate(action, scope)];
    const bounded = 'ids' in scope ? scope : { filter: upTo(createdAt, restrictToApplicable(action, scope.filter)) };
    const fields = writeBulkJob(this.#connection.sealer, { ...job, id, createdAt, estimate, scope: bounded });
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

  /** @returns undefined when there is no such work (any more) */
  async read(id: string): Promise<BulkJob | undefined> {
    return await this.#connection.run(async ({ redis }) =>
      readBulkJob(this.#connection.sealer, id, await redis.hgetallBuffer(bulkKey(id))),
    );
  }

  /** What was begun last comes first. */
  async newest(limit: number): Promise<BulkJob[]> {
    const ids = await this.#connection.run(({ redis }) => redis.zrevrange(bulksKey, 0, limit - 1));
    const jobs = await Promise.all(ids.map((id) => this.read(id)));
    return jobs.filter((job) => job !== undefined);
  }

  /** Takes effect within a second. @returns false when it was not running */
  async stop(id: string, by: string): Promise<boolean> {
    return (await this.#connection.run(({ redis }) => redis.eval(stop, 1, bulkKey(id), Date.now(), by))) === 1;
  }

  /** Goes on where it was stopped, or failed. @returns false when it was neither */
  async resume(id: string): Promise<boolean> {
    const keep = this.#connection.retention.bulk;
    return (await this.#connection.run(({ redis }) => redis.eval(resume, 2, bulkKey(id), runningBulksKey, id, keep))) === 1;
  }

  async #purgeOldest(): Promise<void> {
    await this.#connection.run(async ({ redis }) => {
      const [oldest, running] = await Promise.all([redis.zrange(bulksKey, '0', String(-jobsKept - 1)), redis.smembers(runningBulksKey)]);
      const over = oldest.filter((id) => !running.includes(id));
      if (over.length > 0) await redis.multi().del(over.map(bulkKey)).zrem(bulksKey, over).exec();
    });
  }
}

/** Of the mails that fit, those that a wish would change: nobody waits for a look at the others. */
function restrictToApplicable(action: MailAction, filter: MailFilter): MailFilter {
  const meant = applicableStates[action];
  return { ...filter, state: filter.state?.filter((state) => meant.includes(state)) ?? [...meant] };
}

function upTo(at: number, filter: MailFilter): MailFilter {
  return { ...filter, to: Math.min(filter.to ?? at, at) };
}
