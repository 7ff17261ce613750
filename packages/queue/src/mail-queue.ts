/**
 * The producer's side: writes a record and its job together, and reads records back. It answers within a
 * second or throws QueueUnavailable; it never hangs, and it may start while Redis is away.
 */
import type { MailRecord, Priority, Service, Waits } from '@posthouse/contract';
import { Job, type JobsOptions, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { jobName, prefix, queueName, recordKey } from './keys.ts';
import { MailRecords } from './mail-records.ts';
import { inTime, QueueUnavailable } from './queue-unavailable.ts';
import { RecordFields } from './record-fields.ts';
import type { Sealer } from './sealer.ts';
import { commandName, defineTransitions } from './transitions.ts';

/** Mails accepted in one MULTI. A thousand would hold Redis for too long at a time. */
const chunkSize = 200;

/** Bytes a second that a slow link to Redis is granted beyond the usual wait: 34 MB of attachments take their time. */
const bytesPerSecond = 10 * 1024 * 1024;

/** Entries of BullMQ's event stream that Redis keeps; the records tell the story, the stream is for queue boards. */
const eventsKept = 1000;

/** BullMQ's priorities: the smaller is the more urgent. */
const jobPriority: Record<Priority, number> = { high: 1, normal: 2, low: 3 };

/** Accepts mails and reads their records. */
export class MailQueue implements Service {
  readonly name = 'mail queue';
  readonly #url: string;
  readonly #waits: Waits;
  readonly #fields: RecordFields;
  readonly #onError: (error: Error) => void;
  #open: { redis: Redis; queue: Queue; records: MailRecords } | undefined;

  /** @param onError told when the connection is in trouble; it mends itself */
  constructor(redisUrl: string, sealer: Sealer, waits: Waits, onError: (error: Error) => void) {
    this.#url = redisUrl;
    this.#fields = new RecordFields(sealer);
    this.#waits = waits;
    this.#onError = onError;
  }

  /** Begins to connect; does not wait for Redis. */
  async start(): Promise<void> {
    const redis = new Redis(this.#url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      connectTimeout: 2000,
      retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
    });
    redis.on('error', this.#onError);
    defineTransitions(redis);
    const queue = new Queue(queueName, { connection: redis, prefix, streams: { events: { maxLen: eventsKept } } });
    queue.on('error', this.#onError);
    this.#open = { redis, queue, records: new MailRecords(redis, this.#fields, this.#waits.retention) };
  }

  async stop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    await open.queue.close();
    open.redis.disconnect();
  }

  /** True when Redis answers. */
  async isReady(): Promise<boolean> {
    try {
      return (await inTime(this.#ready().redis.ping(), this.#waits.queue.command)) === 'PONG';
    } catch {
      return false;
    }
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
    const { records } = this.#ready();
    return await inTime(records.read(id, withContent), this.#waits.queue.command);
  }

  async #acceptChunk(records: readonly MailRecord[]): Promise<void> {
    const { queue } = this.#ready();
    const backend = queue.getBackend();
    const multi = (await inTime(backend.client, this.#waits.queue.command)).multi();
    let bytes = 0;
    for (const record of records) {
      const fields = this.#fields.write(record);
      for (const field of fields) bytes += Buffer.isBuffer(field) ? field.length : 0;
      // The replies are read from exec: a command inside a transaction has none of its own.
      void multi.runCommand(commandName('accept'), [recordKey(record.id), ...fields]);
      void new Job(queue, jobName, { v: 1, id: record.id }, this.#jobOptions(record), record.id).addJob(multi);
    }
    const replies = await inTime(multi.exec(), this.#waits.queue.command + (bytes / bytesPerSecond) * 1000);
    const fault = replies?.find(([error]) => error !== null)?.[0];
    if (replies === null || fault) throw new QueueUnavailable(`Redis refused the mail: ${fault?.message ?? 'the transaction was aborted'}`);
  }

  #jobOptions(record: MailRecord): JobsOptions {
    return {
      jobId: record.id,
      attempts: 1,
      priority: jobPriority[record.priority],
      delay: Math.max(record.dueAt - Date.now(), 0),
      removeOnComplete: true,
      removeOnFail: { age: this.#waits.retention.failed / 1000 },
    };
  }

  #ready() {
    if (this.#open === undefined) throw new QueueUnavailable('the queue is not started');
    // Without this check a command given before the first connection would wait for it.
    if (this.#open.redis.status !== 'ready') throw new QueueUnavailable('Redis cannot be reached');
    return this.#open;
  }
}
