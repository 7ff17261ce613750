/** The steps of accepting one batch (mail-batch.ts), each one round trip to Redis. */
import type { Redis } from 'ioredis';
import type { MailJobs } from '../connection/mail-jobs.ts';
import type { RecordFields } from '../record/record-fields.ts';
import { batchesKey, batchKey, secretsKey, unfinishedKey } from '../redis/keys.ts';
import { packForLua } from '../redis/lua-values.ts';
import { mapRedisErrors, QueueUnavailable } from '../redis/queue-unavailable.ts';
import { runScript } from '../redis/script.ts';
import { abort, close, commit, discard, finishEach, open, stageEach } from '../transitions/batch.ts';
import type { MailTiming } from '../transitions/mail-records.ts';

/** What the steps are run on. */
export interface BatchHandles {
  redis: Redis;
  jobs: MailJobs;
}

/** A record as it is staged. */
export interface StagedMail {
  id: string;
  fields: ReturnType<RecordFields['write']>;
}

/** One batch, known by the id of its first mail. Every step throws QueueUnavailable when Redis refuses it or cannot be reached. */
export class BatchSteps {
  readonly #redis: Redis;
  readonly #jobs: MailJobs;
  readonly #ids: readonly string[];
  readonly #attempt: string;
  readonly #keepTraffic: number;

  /**
   * @param attempt names the request that accepts the batch; '' for the sweeper, which recovers the batch of any request
   * @param keepTraffic how long the counts of an hour are kept, in ms
   */
  constructor({ redis, jobs }: BatchHandles, ids: readonly string[], attempt: string, keepTraffic: number) {
    this.#redis = redis;
    this.#jobs = jobs;
    this.#ids = ids;
    this.#attempt = attempt;
    this.#keepTraffic = keepTraffic;
  }

  /** @returns whether the batch is open to this attempt, or was accepted by an earlier one */
  async open(): Promise<'open' | 'accepted'> {
    const args = { id: this.#id, ids: JSON.stringify(this.#ids), attempt: this.#attempt };
    const state = await mapRedisErrors(runScript(this.#redis, open, this.#keys, args));
    if (state === 'aborted') throw new QueueUnavailable('the records of an earlier attempt are still being discarded');
    return state === 'open' ? 'open' : 'accepted';
  }

  /** @param key that sealed the records */
  async stage(mails: readonly StagedMail[], key: RecordFields['keyCheckArgs']): Promise<void> {
    const packed = packForLua(mails.map(({ id, fields }) => [id, fields]));
    const args = { batchId: this.#id, attempt: this.#attempt, mails: packed, ...key };
    const keys = { batch: this.#keys.batch, secrets: secretsKey };
    const staged = await this.#jobs.runForEach(stageEach, keys, args);
    const refused = staged.find((reply) => reply instanceof QueueUnavailable);
    if (refused !== undefined) throw refused;
    if (staged.some((reply) => reply !== 1)) throw new QueueUnavailable('the batch was aborted, or taken over by another request');
  }

  async commit(): Promise<void> {
    const state = await mapRedisErrors(runScript(this.#redis, commit, { batch: this.#keys.batch }, { attempt: this.#attempt }));
    if (state !== 'committed') throw new QueueUnavailable(`the batch cannot be committed: it is ${state}`);
  }

  async finish(mails: readonly Omit<MailTiming, 'state'>[]): Promise<void> {
    const packed = this.#jobs.packed((jobFor) => mails.map((mail) => [mail.id, jobFor(mail)]));
    const keys = { batch: this.#keys.batch, unfinished: unfinishedKey };
    const args = { ...packed, keepTraffic: this.#keepTraffic };
    const replies = await this.#jobs.runForEach(finishEach, keys, args);
    const refused = replies.find((reply) => reply instanceof QueueUnavailable);
    if (refused !== undefined) throw refused;
  }

  /** @param openedBefore ms since the epoch: a batch that was opened later stays open */
  async abort(openedBefore = Number.MAX_SAFE_INTEGER): Promise<'aborted' | 'committed' | 'superseded' | 'open'> {
    const args = { id: this.#id, attempt: this.#attempt, openedBefore };
    return (await mapRedisErrors(runScript(this.#redis, abort, this.#keys, args))) as 'aborted' | 'committed' | 'superseded' | 'open';
  }

  /** Not in a transaction, which a full Redis refuses even when it only deletes. */
  async discard(): Promise<void> {
    await mapRedisErrors(runScript(this.#redis, discard, { batch: this.#keys.batch }, { batchId: this.#id }, this.#ids));
  }

  async close(): Promise<void> {
    await mapRedisErrors(runScript(this.#redis, close, this.#keys, { id: this.#id }));
  }

  get #id(): string {
    return this.#ids[0] as string;
  }

  get #keys(): { batch: string; batches: string } {
    return { batch: batchKey(this.#id), batches: batchesKey };
  }
}
