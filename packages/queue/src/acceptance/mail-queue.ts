/** The caller's side of the queue: accepts mails, reads their records, and runs the actions of users on them. */
import type { KeyRate } from '@posthouse/access';
import { limits, type MailRecord } from '@posthouse/contract';
import type { RedisState, RequestConnection } from '../connection/request-connection.ts';
import { copiesIndex } from '../record/index-names.ts';
import { claimKey, recordKey } from '../redis/keys.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import { runScript } from '../redis/script.ts';
import type { MailAction } from '../transitions/applicable-states.ts';
import { fromNewest, olderMails } from '../transitions/index-walk.ts';
import type { ActionResult, Actor, MailRecords } from '../transitions/mail-records.ts';
import { releaseScript } from './claim-script.ts';
import { GroupCommit } from './group-commit.ts';
import { type Claim, claimIds, findClaim } from './idempotency.ts';
import { type RateUse, takeMails } from './key-rate.ts';
import { acceptBatch, recoverBatch } from './mail-batch.ts';
import { mailsInScript } from './stored-size.ts';

/** An Idempotency-Key, the API key that it belongs to, and the request that it came with. */
export interface IdempotencyKey {
  apiKey: string;
  key: string;
  /** The parts of the request that must be the same when it is repeated. */
  request: string;
}

/** Options of an action. */
export interface ActionOptions extends Actor {
  /** The mail is one of many: if it is sent again, then after all mails that are not. */
  background?: boolean;
}

/** Accepts mails, reads their records and changes them. */
export class MailQueue {
  readonly #connection: RequestConnection;
  readonly #groupCommit: GroupCommit;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
    this.#groupCommit = new GroupCommit(connection);
  }

  /** Whether Redis can be used; if not, why. */
  async redisState(): Promise<RedisState> {
    return await this.#connection.state();
  }

  /** True when Redis can be used. */
  async isReady(): Promise<boolean> {
    return await this.#connection.isReady();
  }

  /**
   * The time of acceptance, ms since the epoch: by the clock of Redis, which decides when a mail is due, whatever this process's clock says.
   * @throws QueueUnavailable
   */
  async now(): Promise<number> {
    return this.#connection.handles.clock.known ?? (await this.#connection.run(({ clock }) => clock.now()));
  }

  /**
   * What is known of an idempotency key; undefined when it is free.
   * @throws QueueUnavailable
   */
  async findClaim(key: IdempotencyKey): Promise<Claim | undefined> {
    const { sealer, timings } = this.#connection;
    return await this.#connection.run(({ redis, records }) =>
      confirmed(records, () => findClaim(redis, this.#claimKey(key), sealer.digest(key.request), timings.queue.claim)),
    );
  }

  /**
   * Claims an idempotency key for mails that are about to be accepted.
   * @param ids of the mails, used when the key is new
   * @param rate of the API key; a new claim takes its mails from it, a repeated one does not
   * @throws QueueUnavailable
   */
  async claim(key: IdempotencyKey, ids: readonly string[], rate?: KeyRate): Promise<Claim> {
    const durations = { acceptanceTimeout: this.#connection.timings.queue.claim, keep: this.#connection.retention.idempotency };
    const body = this.#connection.sealer.digest(key.request);
    return await this.#connection.run(({ redis, records }) =>
      confirmed(records, () => claimIds(redis, this.#claimKey(key), body, ids, { name: key.apiKey, rate }, durations)),
    );
  }

  /**
   * Takes mails from the rate of an API key, for a request without an idempotency key.
   * @param apiKey its name
   * @throws QueueUnavailable
   */
  async takeMails(apiKey: string, rate: KeyRate, mails: number): Promise<RateUse> {
    return await this.#connection.run(({ redis }) => takeMails(redis, apiKey, rate, mails));
  }

  /**
   * Stores the answer to a claimed key once its mails are accepted: a repeated request gets it.
   * @throws QueueUnavailable
   */
  async completeClaim(key: IdempotencyKey, answer: string): Promise<void> {
    await this.#connection.run(({ redis }) => redis.hset(this.#claimKey(key), { answer }));
  }

  /**
   * Gives up a claim whose acceptance failed: the next request with the key takes it over at once, with the same ids.
   * @param ids of the claim; that of another request stays
   * @throws QueueUnavailable
   */
  async releaseClaim(key: IdempotencyKey, ids: readonly string[]): Promise<void> {
    const args = { ids: JSON.stringify(ids) };
    await this.#connection.run(({ redis }) => runScript(redis, releaseScript, { claim: this.#claimKey(key) }, args));
  }

  /**
   * Accepts a mail once for an idempotency key, in one round trip: the key is claimed and answered in the transaction that stores the mail.
   * @param answer for a repeated request
   * @returns `claimed` without `isRepeat` where it was accepted. With `isRepeat`, an earlier request has claimed the key and its outcome is
   *   not known: nothing was accepted
   * @throws QueueUnavailable; unless `mayHaveRun` is false, the mail may have been accepted all the same
   */
  async acceptOnce(record: MailRecord, key: IdempotencyKey, answer: string): Promise<Claim> {
    const { sealer, timings, retention } = this.#connection;
    const reply = await this.#groupCommit.accept(record, {
      claim: this.#claimKey(key),
      body: sealer.digest(key.request),
      ids: JSON.stringify([record.id]),
      answer,
      acceptanceTimeout: timings.queue.claim,
      keep: retention.idempotency,
    });
    const [status, detail = ''] = reply as string[];
    if (status === 'claimed') return { status, ids: [record.id], isRepeat: false };
    if (status === 'reclaimed') return { status: 'claimed', ids: JSON.parse(detail), isRepeat: true };
    return status === 'replay' ? { status, answer: detail } : { status: status as 'busy' | 'mismatch' };
  }

  /**
   * Writes records and jobs: of all mails, or of none. Repeating it with the same ids accepts nothing twice.
   * @param isRepeat an earlier request had the same ids, and its outcome is not known
   * @throws QueueUnavailable; unless `mayHaveRun` is false, the mails may have been accepted all the same
   */
  async accept(records: readonly MailRecord[], isRepeat = false): Promise<void> {
    const [record] = records;
    if (record === undefined) return;
    if (records.length === 1) await this.#groupCommit.accept(record);
    else await acceptBatch(this.#connection, records, isRepeat);
  }

  /**
   * Finishes what an earlier request has accepted, if it was interrupted. The sweeper would, a little later.
   * @param ids of the mails of that request
   * @throws QueueUnavailable
   */
  async finishAcceptance(ids: readonly string[]): Promise<void> {
    const [first] = ids;
    if (first === undefined) return;
    const { retention, timings } = this.#connection;
    await this.#connection.run(async ({ records }) => {
      if (!records.replicas.isOn) return;
      const confirm = records.replicas.begin();
      if ((await records.timing(first)) === undefined) throw new QueueUnavailable('the mail was lost in a failover');
      await confirm();
    });
    if (ids.length === 1) return;
    const moreMs = timings.queue.command * Math.ceil(ids.length / mailsInScript);
    await this.#connection.run(async ({ redis, jobs, records }) => {
      const timing = (id: string) => records.timing(id);
      await recoverBatch({ redis, jobs, timing }, first, retention.traffic);
    }, moreMs);
  }

  /**
   * @param withContent also the message's content
   * @param owner a mail of another API key's name counts as missing; by default none does
   * @returns undefined when there is no such mail
   * @throws QueueUnavailable, or RecordError when the record cannot be read
   */
  async read(id: string, withContent = false, owner?: string): Promise<MailRecord | undefined> {
    return await this.#connection.run(({ records }) => records.read(id, withContent, owner));
  }

  /**
   * The ids of a mail's newest copies, newest first, at most `limits.copiesListed`.
   * @param owner as for `read`
   * @throws QueueUnavailable
   */
  async copyIds(id: string, owner?: string): Promise<string[]> {
    return await this.#connection.run(async ({ redis }) => {
      const copies = await olderMails(redis, [copiesIndex(id)], fromNewest, 0, limits.copiesListed);
      const ids = copies.map((copy) => copy.id);
      if (owner === undefined) return ids;
      const owners = await Promise.all(ids.map((copy) => redis.hget(recordKey(copy), 'apiKey')));
      return ids.filter((_, n) => owners[n] === owner);
    });
  }

  /** Cancels a mail whose message has not begun to go out. @throws QueueUnavailable */
  async cancel(id: string, options?: ActionOptions): Promise<ActionResult> {
    const result = await this.#connection.run(({ records }) => records.cancel(id, options));
    if (result?.changed) await this.#connection.run(({ jobs }) => jobs.remove(id));
    return result;
  }

  /** Sends a failed or partly sent mail again to the rejected recipients. @throws QueueUnavailable */
  async retry(id: string, options?: ActionOptions): Promise<ActionResult> {
    return await this.#withJob(id, await this.#connection.run(({ records }) => records.retry(id, options)), options);
  }

  /** Sends a scheduled or retrying mail now. @throws QueueUnavailable */
  async sendNow(id: string, options?: ActionOptions): Promise<ActionResult> {
    return await this.#withJob(id, await this.#connection.run(({ records }) => records.sendNow(id, options)), options);
  }

  /**
   * Sends a scheduled mail at another time.
   * @param at ms since the epoch; a past time means now
   * @param movesExpiry whether it expires as long after it is due as before
   * @throws QueueUnavailable
   */
  async reschedule(id: string, at: number, movesExpiry: boolean, options?: ActionOptions): Promise<ActionResult> {
    const result = await this.#connection.run(({ records }) => records.reschedule(id, at, movesExpiry, options));
    // Also when the action was run before and its reply was lost.
    if (result?.state === 'scheduled' || result?.state === 'queued') await this.renewJob(id, options);
    return result;
  }

  /** Ends an uncertain mail: it was delivered, or is sent again. @throws QueueUnavailable */
  async resolve(id: string, how: 'delivered' | 'sendAgain', options?: ActionOptions): Promise<ActionResult> {
    return await this.#withJob(id, await this.#connection.run(({ records }) => records.resolve(id, how, options)), options);
  }

  /** Runs an action on a mail. Repeating it changes nothing. @throws QueueUnavailable */
  async apply(id: string, action: MailAction, options?: ActionOptions): Promise<ActionResult> {
    if (action === 'cancel') return await this.cancel(id, options);
    return action === 'retry' || action === 'sendNow' ? await this[action](id, options) : await this.resolve(id, action, options);
  }

  /** Replaces the job of a mail that waits by one that is due when the mail is. If this fails halfway, the sweeper finds the mail. @throws QueueUnavailable */
  async renewJob(id: string, { background = false }: ActionOptions = {}): Promise<void> {
    await this.#connection.run(async ({ records, jobs }) => {
      const timing = await records.timing(id);
      if (timing?.state === 'queued' || timing?.state === 'scheduled') await jobs.renew({ ...timing, background });
    });
  }

  /** A queued mail gets a job, also when the action was run before and its reply was lost. */
  async #withJob(id: string, result: ActionResult, options: ActionOptions | undefined): Promise<ActionResult> {
    if (result?.state === 'queued') await this.renewJob(id, options);
    return result;
  }

  #claimKey({ apiKey, key }: IdempotencyKey): string {
    return claimKey(this.#connection.sealer.digest(`${apiKey}\n${key}`));
  }
}

/** The answer to an earlier request is given again only where the replicas have its mails. */
async function confirmed<T extends Claim | undefined>({ replicas }: MailRecords, find: () => Promise<T>): Promise<T> {
  const confirm = replicas.begin();
  const claim = await find();
  if (claim?.status === 'replay') await confirm();
  return claim;
}
