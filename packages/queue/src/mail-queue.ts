/**
 * The producer's side: writes a record and its job together, reads records back, and carries out what people wish of a
 * mail. It answers within a second or throws QueueUnavailable; it never hangs, and it may start while Redis is away.
 */
import type { MailRecord, Service, Waits } from '@posthouse/contract';
import { Redis } from 'ioredis';
import { answered, type Claim, claimIds, claimKey, defineClaim } from './idempotency.ts';
import { openKey, recordKey } from './keys.ts';
import { MailJobs } from './mail-jobs.ts';
import { type Change, MailRecords } from './mail-records.ts';
import { inTime, QueueUnavailable } from './queue-unavailable.ts';
import { RecordFields } from './record-fields.ts';
import { tellTrouble } from './redis-trouble.ts';
import type { Sealer } from './sealer.ts';
import { commandName, defineTransitions } from './transitions.ts';

/** Mails accepted in one MULTI. A thousand would hold Redis for too long at a time. */
const chunkSize = 200;

/** Bytes a second that a slow link to Redis is granted beyond the usual wait: 34 MB of attachments take their time. */
const bytesPerSecond = 10 * 1024 * 1024;

/** An Idempotency-Key, whose it is, and the request that it came with. */
export interface IdempotencyKey {
  apiKey: string;
  key: string;
  /** All of the request that must be the same when it is made again. */
  request: string;
}

/** Accepts mails, reads their records and changes them. */
export class MailQueue implements Service {
  readonly name = 'mail queue';
  readonly #url: string;
  readonly #waits: Waits;
  readonly #fields: RecordFields;
  readonly #onTrouble: (message: string) => void;
  #open: { redis: Redis; jobs: MailJobs; records: MailRecords } | undefined;

  /** @param onTrouble told when the connection is in trouble, which mends itself, and of what Redis is not set up for */
  constructor(redisUrl: string, sealer: Sealer, waits: Waits, onTrouble: (message: string) => void) {
    this.#url = redisUrl;
    this.#fields = new RecordFields(sealer);
    this.#waits = waits;
    this.#onTrouble = onTrouble;
  }

  /** Begins to connect; does not wait for Redis. */
  async start(): Promise<void> {
    const redis = new Redis(this.#url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      connectTimeout: 2000,
      // A server that is gone without a word would otherwise be waited for as long as the kernel does.
      socketTimeout: 5000,
      retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
    });
    const onError = tellTrouble(redis, (message) => {
      if (this.#open !== undefined) this.#onTrouble(message);
    });
    defineTransitions(redis);
    defineClaim(redis);
    this.#open = { redis, jobs: new MailJobs(redis, this.#waits, onError), records: new MailRecords(redis, this.#fields, this.#waits) };
  }

  async stop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    await open.jobs.close();
    open.redis.disconnect();
  }

  /** True when Redis answers. */
  async isReady(): Promise<boolean> {
    try {
      return (await this.#inTime(({ redis }) => redis.ping())) === 'PONG';
    } catch {
      return false;
    }
  }

  /**
   * What an idempotency key was answered with before, or that it was used for another request; undefined when it is free.
   * @throws QueueUnavailable
   */
  async answered(key: IdempotencyKey): Promise<Claim | undefined> {
    return await this.#inTime(({ redis }) => answered(redis, this.#claimKey(key), this.#fields.digest(key.request)));
  }

  /**
   * Claims an idempotency key for mails that are about to be accepted.
   * @param ids the mails' ids, should the key be new
   * @throws QueueUnavailable
   */
  async claim(key: IdempotencyKey, ids: readonly string[]): Promise<Claim> {
    const waits = { claim: this.#waits.queue.claim, keep: this.#waits.retention.idempotency };
    return await this.#inTime(({ redis }) => claimIds(redis, this.#claimKey(key), this.#fields.digest(key.request), ids, waits));
  }

  /**
   * Writes down what a claimed key is to be answered with, once its mails are accepted; or, without an answer, that their
   * acceptance broke off and may be taken up at once.
   * @throws QueueUnavailable
   */
  async settleClaim(key: IdempotencyKey, answer?: string): Promise<void> {
    const field = answer === undefined ? { at: 0 } : { answer };
    await this.#inTime(({ redis }) => redis.hset(this.#claimKey(key), field));
  }

  /**
   * Writes the records and their jobs: all of a chunk of 200, or none of it. Repeating it with the same ids changes nothing.
   * @throws QueueUnavailable; the mails may have been accepted all the same
   */
  async accept(records: readonly MailRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += chunkSize) await this.#acceptChunk(records.slice(at, at + chunkSize));
  }

  /**
   * @param withContent also what the message says
   * @returns undefined when there is no such mail
   * @throws QueueUnavailable, or RecordFault when the record cannot be opened
   */
  async read(id: string, withContent = false): Promise<MailRecord | undefined> {
    return await this.#inTime(({ records }) => records.read(id, withContent));
  }

  /** Takes a mail back before its message goes out. @throws QueueUnavailable */
  async cancel(id: string): Promise<Change> {
    const change = await this.#inTime(({ records }) => records.cancel(id));
    if (change?.changed) await this.#inTime(({ jobs }) => jobs.remove(id));
    return change;
  }

  /** Sends a failed mail again to those who were refused. @throws QueueUnavailable */
  async retry(id: string): Promise<Change> {
    return await this.#renewed(id, await this.#inTime(({ records }) => records.retry(id)));
  }

  /** Ends an uncertain mail: it was delivered, or is to be sent again. @throws QueueUnavailable */
  async resolve(id: string, how: 'delivered' | 'sendAgain'): Promise<Change> {
    return await this.#renewed(id, await this.#inTime(({ records }) => records.resolve(id, how)));
  }

  /**
   * A mail that is to be sent again gets a job, also when the wish was made before and its answer was lost. Should this
   * break off, the sweeper finds the mail.
   */
  async #renewed(id: string, change: Change): Promise<Change> {
    if (change?.state !== 'queued') return change;
    await this.#inTime(async ({ records, jobs }) => {
      const timing = await records.timing(id);
      if (timing?.state === 'queued') await jobs.renew(timing);
    });
    return change;
  }

  async #acceptChunk(records: readonly MailRecord[]): Promise<void> {
    const { jobs } = this.#ready();
    const multi = await this.#inTime(() => jobs.transaction());
    let bytes = 0;
    for (const record of records) {
      const fields = this.#fields.write(record);
      for (const field of fields) bytes += Buffer.isBuffer(field) ? field.length : 0;
      void multi.runCommand(commandName('accept'), [recordKey(record.id), openKey, record.id, record.dueAt, ...fields]);
      jobs.add({ id: record.id, priority: record.priority, at: record.dueAt }, multi);
    }
    await this.#inTime(() => jobs.execute(multi), (bytes / bytesPerSecond) * 1000);
  }

  #claimKey({ apiKey, key }: IdempotencyKey): string {
    return claimKey((value) => this.#fields.digest(value), apiKey, key);
  }

  async #inTime<T>(ask: (open: { redis: Redis; jobs: MailJobs; records: MailRecords }) => Promise<T>, moreMs = 0): Promise<T> {
    return await inTime(ask(this.#ready()), this.#waits.queue.command + moreMs);
  }

  #ready() {
    if (this.#open === undefined) throw new QueueUnavailable('the queue is not started');
    // Without this check a command given before the first connection would wait for it.
    if (this.#open.redis.status !== 'ready') throw new QueueUnavailable('Redis cannot be reached');
    return this.#open;
  }
}
