/**
 * The side of those who ask: writes a record and its job together, reads records back, and carries out what people wish
 * of a mail.
 */
import type { MailRecord } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { claimKey, mailKeys } from '../redis/keys.ts';
import { queueScript } from '../redis/script.ts';
import { accept } from '../transitions/accept.ts';
import type { MailAction } from '../transitions/applicable-states.ts';
import type { ActionResult } from '../transitions/mail-records.ts';
import { answered, type Claim, claimIds } from './idempotency.ts';
import { acceptBatch, extraTimeFor } from './mail-batch.ts';

/** An Idempotency-Key, whose it is, and the request that it came with. */
export interface IdempotencyKey {
  apiKey: string;
  key: string;
  /** All of the request that must be the same when it is made again. */
  request: string;
}

/** Accepts mails, reads their records and changes them. */
export class MailQueue {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** True when Redis answers. */
  async isReady(): Promise<boolean> {
    return await this.#connection.isReady();
  }

  /**
   * What an idempotency key was answered with before, or that it was used for another request; undefined when it is free.
   * @throws QueueUnavailable
   */
  async answered(key: IdempotencyKey): Promise<Claim | undefined> {
    return await this.#connection.run(({ redis }) => answered(redis, this.#claimKey(key), this.#connection.sealer.digest(key.request)));
  }

  /**
   * Claims an idempotency key for mails that are about to be accepted.
   * @param ids the mails' ids, should the key be new
   * @throws QueueUnavailable
   */
  async claim(key: IdempotencyKey, ids: readonly string[]): Promise<Claim> {
    const durations = { acceptanceTimeout: this.#connection.timings.queue.claim, keep: this.#connection.retention.idempotency };
    return await this.#connection.run(({ redis }) =>
      claimIds(redis, this.#claimKey(key), this.#connection.sealer.digest(key.request), ids, durations),
    );
  }

  /**
   * Stores the answer of a claimed key, once its mails are accepted: a replay gets it.
   * @throws QueueUnavailable
   */
  async completeClaim(key: IdempotencyKey, answer: string): Promise<void> {
    await this.#connection.run(({ redis }) => redis.hset(this.#claimKey(key), { answer }));
  }

  /**
   * Gives up a claim whose acceptance failed: the next request with the key takes it over at once, with the same ids.
   * @throws QueueUnavailable
   */
  async releaseClaim(key: IdempotencyKey): Promise<void> {
    await this.#connection.run(({ redis }) => redis.hset(this.#claimKey(key), { at: 0 }));
  }

  /**
   * Writes records and jobs: of all mails, or of none. Repeating it with the same ids accepts nothing twice.
   * @throws QueueUnavailable; unless `mayHaveRun` is false, the mails may have been accepted all the same
   */
  async accept(records: readonly MailRecord[]): Promise<void> {
    const [record] = records;
    if (record === undefined) return;
    if (records.length === 1) await this.#acceptOne(record);
    else await acceptBatch(this.#connection, records);
  }

  /**
   * @param withContent also what the message says
   * @returns undefined when there is no such mail
   * @throws QueueUnavailable, or RecordError when the record cannot be opened
   */
  async read(id: string, withContent = false): Promise<MailRecord | undefined> {
    return await this.#connection.run(({ records }) => records.read(id, withContent));
  }

  /** Takes a mail back before its message goes out. @throws QueueUnavailable */
  async cancel(id: string): Promise<ActionResult> {
    const change = await this.#connection.run(({ records }) => records.cancel(id));
    if (change?.changed) await this.#connection.run(({ jobs }) => jobs.remove(id));
    return change;
  }

  /** Sends a failed mail again to those who were refused. @param background see `grant`. @throws QueueUnavailable */
  async retry(id: string, background = false): Promise<ActionResult> {
    return await this.#renewed(id, await this.#connection.run(({ records }) => records.retry(id)), background);
  }

  /** Sends a mail at once that waits for its time. @param background see `grant`. @throws QueueUnavailable */
  async sendNow(id: string, background = false): Promise<ActionResult> {
    return await this.#renewed(id, await this.#connection.run(({ records }) => records.sendNow(id)), background);
  }

  /** Ends an uncertain mail: it was delivered, or is to be sent again. @param background see `grant`. @throws QueueUnavailable */
  async resolve(id: string, how: 'delivered' | 'sendAgain', background = false): Promise<ActionResult> {
    return await this.#renewed(id, await this.#connection.run(({ records }) => records.resolve(id, how)), background);
  }

  /**
   * Does what somebody wishes of a mail. Wished twice, it changes nothing the second time.
   * @param background it is one of many: should it be sent again, then after all mails that are not
   * @throws QueueUnavailable
   */
  async apply(id: string, action: MailAction, background = false): Promise<ActionResult> {
    if (action === 'cancel') return await this.cancel(id);
    return action === 'retry' || action === 'sendNow' ? await this[action](id, background) : await this.resolve(id, action, background);
  }

  /**
   * Gives a mail that is to be sent at once a fresh job. Should this break off, the sweeper finds the mail.
   * @param background see `grant`
   * @throws QueueUnavailable
   */
  async renewJob(id: string, background: boolean): Promise<void> {
    await this.#connection.run(async ({ records, jobs }) => {
      const timing = await records.timing(id);
      if (timing?.state === 'queued') await jobs.renew({ ...timing, background });
    });
  }

  /** A mail that is to be sent again gets a job, also when the wish was made before and its answer was lost. */
  async #renewed(id: string, change: ActionResult, background: boolean): Promise<ActionResult> {
    if (change?.state === 'queued') await this.renewJob(id, background);
    return change;
  }

  async #acceptOne(record: MailRecord): Promise<void> {
    const { id, dueAt, createdAt, priority } = record;
    const fields = this.#connection.fields.write(record);
    const keepTraffic = this.#connection.retention.traffic;
    await this.#connection.run(
      async ({ jobs }) => {
        const transaction = await jobs.transaction(accept);
        queueScript(transaction, accept, mailKeys(id), { id, dueAt, now: createdAt, keepTraffic }, fields);
        jobs.add({ id, priority, at: dueAt }, transaction);
        await jobs.execute(transaction);
      },
      extraTimeFor(fields, this.#connection.timings),
    );
  }

  #claimKey({ apiKey, key }: IdempotencyKey): string {
    return claimKey(this.#connection.sealer.digest(`${apiKey}\n${key}`));
  }
}
