/** The jobs that belong to the records. A job holds the mail's id and nothing else: it says when, the record says what. */
import type { Durations, Priority } from '@posthouse/contract';
import { type IRedisTransaction, Job, type JobsOptions, Queue, RedisConnection } from 'bullmq';
import type { Redis } from 'ioredis';
import { delayedKey, delayedUnit, jobName, prefix, queueName } from '../redis/keys.ts';
import { type LuaValue, packForLua } from '../redis/lua-values.ts';
import { mapRedisErrors, QueueUnavailable } from '../redis/queue-unavailable.ts';
import { reconnectOnRefusal } from '../redis/redis-client.ts';
import { refusalOf } from '../redis/redis-failures.ts';
import { minRedisVersion } from '../redis/redis-version.ts';
import { type Call, defineScript, queueScript, type Script } from '../redis/script.ts';
import { delayedJob } from '../transitions/job-functions.ts';
import type { MailTiming } from '../transitions/mail-records.ts';

/** BullMQ's priorities: the smaller is the more urgent. */
const jobPriority: Record<Priority, number> = { high: 1, normal: 2, low: 3 };
const backgroundPriority = 3;

/** Entries that Redis keeps of BullMQ's event stream. It is for queue boards only; what happened to a mail is in its record. */
const eventsKept = 1000;

/** How often `renew` tries to remove a job that a worker has. */
const maxRenewTries = 5;

/**
 * What BullMQ's Queue and Worker are given on a connection of ours. Their own check of Redis is off: it prints to the console, between log
 * lines, what `redisWarnings` logs, and a connection that is lost during it makes every later command fail. Without it BullMQ assumes the oldest version that it supports, which we set to ours.
 */
export function bullmqOptions(redis: Redis): { connection: Redis; prefix: string; skipVersionCheck: true } {
  RedisConnection.minimumVersion = minRedisVersion;
  return { connection: redis, prefix, skipVersionCheck: true };
}

/** Adds, replaces and finds jobs. */
export class MailJobs {
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #durations: Durations;

  constructor(redis: Redis, durations: Durations, onError: (error: Error) => void) {
    this.#redis = redis;
    this.#durations = durations;
    this.#queue = new Queue(queueName, { ...bullmqOptions(redis), streams: { events: { maxLen: eventsKept } } });
    this.#queue.on('error', onError);
  }

  /** BullMQ's queue, for a board that shows it. */
  get queue(): Queue {
    return this.#queue;
  }

  /** A transaction that jobs and these scripts can be added to. Waits until Redis has been reached once. */
  async transaction(...scripts: Script[]): Promise<IRedisTransaction> {
    const client = await this.#queue.getBackend().client;
    for (const script of scripts) defineScript(this.#redis, script);
    return client.multi();
  }

  /** Adds a mail's job to a transaction. An existing one is left as it is. */
  add(mail: Omit<MailTiming, 'state'>, transaction: IRedisTransaction, now = Date.now()): void {
    // Its result comes with those of `execute`: a command inside a transaction has none of its own.
    void new Job(this.#queue, jobName, { v: 1, id: mail.id }, optionsOf(mail, now), mail.id).addJob(transaction);
  }

  /**
   * The arguments of a script that adds jobs (job-functions.ts).
   * @param mailsOf makes what the script takes as `mails`, with a job from its parameter for each
   */
  packed(mailsOf: (jobFor: (mail: Omit<MailTiming, 'state'>) => LuaValue) => LuaValue[]): {
    mails: Buffer;
    jobKeys: Buffer;
    jobTime: string;
  } {
    let delayedKeys: LuaValue[] = [];
    let delayed: LuaValue[] = [];
    const runCommand = (_command: string, values: (string | Buffer)[]) => {
      delayedKeys = values.slice(0, delayedJob.keys);
      delayed = values.slice(delayedJob.keys);
    };
    const transaction = { runCommand } as unknown as IRedisTransaction;
    const now = Date.now();
    const mails = mailsOf((mail) => {
      if (mail.at <= now) return [priorityOf(mail)];
      this.add(mail, transaction, now);
      return delayed;
    });
    return { mails: packForLua(mails), jobKeys: packForLua(delayedKeys), jobTime: String(now) };
  }

  /**
   * Runs a transaction.
   * @returns the result of each command
   * @throws QueueUnavailable when any part of it was refused. Redis does not roll back: it must be possible to repeat it
   */
  async execute(transaction: IRedisTransaction): Promise<unknown[]> {
    const replies = await this.executeEach(transaction);
    const refused = replies.find((reply) => reply instanceof QueueUnavailable);
    if (refused !== undefined) throw refused;
    return replies;
  }

  /**
   * Runs a script that changes several mails, each apart from the others. In a transaction, because ioredis sends any other command once more
   * over the next connection, when nobody waits for it any longer.
   * @returns for each mail what the script returns, or the error of one that was refused
   * @throws QueueUnavailable when none was run, or nothing is known of them
   */
  async runForEach<Key extends string, Kinds extends Script['args']>(
    script: Script<Key, Kinds, 'list'>,
    ...call: Call<Key, Kinds>
  ): Promise<unknown[]> {
    const transaction = await this.transaction(script);
    queueScript(transaction, script, ...call);
    const [replies] = await this.execute(transaction);
    return this.#withRefusals(replies as unknown[]);
  }

  /**
   * Runs a transaction. Redis runs its commands after one that it refuses, too.
   * @returns the result of each command, or the error of one that was refused
   * @throws QueueUnavailable when none was run, or nothing is known of them
   */
  async executeEach(transaction: IRedisTransaction): Promise<unknown[]> {
    const replies = await mapRedisErrors(transaction.exec());
    if (replies === null) throw new QueueUnavailable('Redis refused a transaction: it was aborted', { failure: 'refused' });
    return this.#withRefusals(replies.map(([error, result]) => error ?? result));
  }

  /** Of replies to parts of a whole, those that are errors become a QueueUnavailable; the connection is replaced where another one helps. */
  #withRefusals(replies: readonly unknown[]): unknown[] {
    const refused = replies.find((reply) => reply instanceof Error);
    const isReconnecting = refused !== undefined && reconnectOnRefusal(this.#redis, refused);
    return replies.map((reply) => {
      if (!(reply instanceof Error)) return reply;
      const failure = refusalOf(reply) ?? 'damaged';
      return new QueueUnavailable(`Redis refused a part of what it was sent: ${reply.message}`, {
        failure,
        isReconnecting,
        // The record comes first, and without it a job does nothing.
        mayHaveRun: failure !== 'other-key',
      });
    });
  }

  /**
   * Replaces a mail's job by a new one. Waits a moment for a worker that is about to release the old one; when it keeps the
   * job for longer, nothing is replaced.
   */
  async renew(mail: MailTiming): Promise<void> {
    for (let tries = 0; tries < maxRenewTries; tries++) {
      if ((await this.#queue.remove(mail.id)) === 1 || (await this.#queue.getJobState(mail.id)) === 'unknown') break;
      await new Promise((resolve) => setTimeout(resolve, this.#durations.timings.queue.jobRelease));
    }
    const transaction = await this.transaction();
    this.add(mail, transaction);
    await this.execute(transaction);
  }

  /** Removes a mail's job, unless a worker has it. */
  async remove(id: string): Promise<void> {
    await this.#queue.remove(id);
  }

  /** True when a worker has the mail's job, or will be able to take it by that time (ms since the epoch). */
  async isScheduled(id: string, by: number): Promise<boolean> {
    const state = await this.#queue.getJobState(id);
    if (state === 'delayed') return Number(await this.#redis.zscore(delayedKey, id)) / delayedUnit <= by;
    return ['waiting', 'prioritized', 'active'].includes(state);
  }

  /**
   * Makes a delayed job due now; it keeps its priority, and comes after those that are due already.
   * @returns false while a worker has the job: it may be about to delay it
   */
  async promote(mail: MailTiming): Promise<boolean> {
    const job = new Job(this.#queue, jobName, { v: 1, id: mail.id }, {}, mail.id);
    const isPromoted = await job.promote().then(
      () => true,
      () => false,
    );
    if (isPromoted) return true;
    const state = await this.#queue.getJobState(mail.id);
    if (state === 'unknown' || state === 'failed') await this.renew(mail);
    return state !== 'active' && state !== 'delayed';
  }

  /** Whether another tool has paused BullMQ's queue: Posthouse's own pauses are in `Pauses`. */
  async isPausedByTool(): Promise<boolean> {
    return await this.#queue.isPaused();
  }

  /** Ends the pause of another tool. */
  async resume(): Promise<void> {
    await this.#queue.resume();
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}

/** As JSON at most 64 bytes: with a longer field the hash of a job loses its compact encoding. What all jobs share is set on the worker. */
function optionsOf(mail: Omit<MailTiming, 'state'>, now: number): JobsOptions {
  const delay = mail.at - now;
  return { attempts: 1, priority: priorityOf(mail), ...(delay > 0 && { delay }) };
}

function priorityOf({ priority, background }: Omit<MailTiming, 'state'>): number {
  return jobPriority[priority] + (background ? backgroundPriority : 0);
}
