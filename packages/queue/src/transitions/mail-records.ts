/**
 * Every change of a record's state is one Lua script, which runs completely or not at all. A script names the states that it
 * accepts; in any other it changes nothing and returns the state.
 *
 *     (none) ──stageMail──► staged ──finishMail──► queued | scheduled      staged ──discardMails──► (none)
 *     (none) ──accept──► queued | scheduled ──begin──► sending ──recordAttempt──► sent | failed | retrying | uncertain
 *                                  retrying ──begin──►         ──recordDeferral──► retrying
 *                                                              ──putBack──► retrying
 *                                                              ──park──► as before begin
 *                                                              ──failUnreadable──► failed
 *     failed | sent to some ──retry───► queued      uncertain ──resolve──► sent | queued      before the gate ──cancel──► cancelled
 *     scheduled ──reschedule──► scheduled | queued
 *     scheduled | retrying ──sendNow──► queued      an end whose retention is over ──purge──► (none)
 *
 * Each script also updates the indexes (index-functions.ts) and the set of unfinished mails, which the sweeper reads.
 * `MailRecords` runs them, and has a method for each that a user starts; the others are called where they belong: by
 * `MailQueue`, `LeasedMail` and the sweeper.
 */
import {
  type Durations,
  type MailRecord,
  type MailState,
  mailStates,
  type Priority,
  priorities,
  type RecordedAction,
  type Retention,
  type Timings,
} from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { DecryptionError, failsOnData, isWrongType, RecordError } from '../record/record-error.ts';
import type { RecordFields } from '../record/record-fields.ts';
import { maxTime } from '../record/record-shape.ts';
import { contentKey, endedKey, mailKeys, recordKey, secretsKey } from '../redis/keys.ts';
import { damagedData, mapRedisErrors, QueueUnavailable } from '../redis/queue-unavailable.ts';
import { ReplicaWait } from '../redis/replica-wait.ts';
import { type Call, runScript, type Script } from '../redis/script.ts';
import { type MailAction, rescheduleAction } from './applicable-states.ts';
import { cancel } from './cancel.ts';
import { read } from './read.ts';
import { reschedule } from './reschedule.ts';
import { resolve } from './resolve.ts';
import { retry } from './retry.ts';
import { sendNow } from './send-now.ts';

/** Whether an action changed a mail, and the state that it is in now; undefined when there is no such mail. */
export type ActionResult = { changed: boolean; state: MailState } | undefined;

/** Who acts on a mail. */
export interface Actor {
  /** To an API key that may act on its own mails only, a mail of another key's name does not exist; absent for any mail. */
  owner?: string;
  /** Recorded with the action; absent for none. */
  by?: Omit<RecordedAction, 'at' | 'action'>;
}

/** The state in a record. `staged` is that of a mail whose batch is being accepted: to everybody else it does not exist yet. */
type StoredState = MailState | 'staged';

/** When a mail is to be handed to a worker, and how urgent it is. */
export interface MailTiming {
  id: string;
  state: StoredState;
  priority: Priority;
  /** ms since the epoch. */
  at: number;
  /** After all mails that are not, whatever their priority: thousands that are sent again must not delay new mail. */
  background?: boolean;
}

/** Reads and changes records. */
export class MailRecords {
  readonly fields: RecordFields;
  readonly timings: Timings;
  readonly retention: Retention;
  /** Confirms what is acknowledged. */
  readonly replicas: ReplicaWait;
  readonly #redis: Redis;

  /** @param waitReplicas how many replicas must have what is acknowledged */
  constructor(redis: Redis, fields: RecordFields, { timings, retention }: Durations, waitReplicas = 0) {
    this.#redis = redis;
    this.fields = fields;
    this.timings = timings;
    this.retention = retention;
    this.replicas = new ReplicaWait(redis, waitReplicas, timings.redis);
  }

  /** How long an ending mail and the counts of the hour are kept, as the scripts take it. */
  get retentionArgs() {
    const { sent, failed, traffic } = this.retention;
    return { keepSent: sent, keepFailed: failed, keepTraffic: traffic };
  }

  /**
   * Runs a script.
   * @throws QueueUnavailable when Redis refuses it or cannot be reached
   */
  async run<Key extends string, Kinds extends Script['args'], Reply extends Script['returns']>(
    script: Script<Key, Kinds, Reply>,
    ...call: Call<Key, Kinds>
  ) {
    return await mapRedisErrors(runScript(this.#redis, script, ...call));
  }

  /**
   * A mail's record, or undefined when there is none (any more).
   * @param withContent also the message's content, or what is kept of it
   * @param owner a mail of another API key's name counts as missing; '' for any mail
   * @throws RecordError when it cannot be read
   */
  async read(id: string, withContent: boolean, owner = ''): Promise<MailRecord | undefined> {
    const keys = { record: recordKey(id), content: contentKey(id), ended: endedKey };
    const list = await this.run(read, keys, { id, withContent, owner }).catch((error: Error) => {
      if (!failsOnData(error)) throw error;
      throw new RecordError(isWrongType(error) ? 'the key of the record holds something else' : "the record's fields were edited");
    });
    return list.length === 0 ? undefined : this.fields.read(id, list);
  }

  /**
   * Why a transition failed: on the record, or on another key, which says nothing about the mail.
   * @returns what is wrong with the record @throws `error`; or QueueUnavailable where another key holds something else
   */
  async damageOf(id: string, error: unknown): Promise<RecordError> {
    if (!failsOnData(error)) throw error;
    const damage = await this.read(id, false).catch((reason: Error) => reason);
    if (damage instanceof RecordError && !(damage instanceof DecryptionError)) return damage;
    throw damagedData(error);
  }

  /** Whether this process has the very key that seals records under that name, and not another one of the same name. */
  async provesKey(keyId: string): Promise<boolean> {
    const check = this.fields.checkValues.get(keyId);
    return check !== undefined && (await mapRedisErrors(this.#redis.hget(secretsKey, keyId))) === check;
  }

  /** What a mail's job depends on, also where the record cannot be read; undefined when there is none. */
  async timing(id: string): Promise<MailTiming | undefined> {
    const fields = ['state', 'priority', 'nextAttemptAt', 'dueAt'];
    const [state, priority, nextAttemptAt, dueAt] = await this.#redis.hmget(recordKey(id), ...fields).catch((error: Error) => {
      if (isWrongType(error)) return [];
      throw error;
    });
    if (state == null) return undefined;
    const at = Number(nextAttemptAt ?? dueAt);
    // A job of an edited record is due now: the worker that takes it fails the mail.
    return {
      id,
      state: state as StoredState,
      priority: priorities.find((known) => known === priority) ?? 'normal',
      at: at <= maxTime ? at : 0,
    };
  }

  /** Cancels a mail, as long as its message has not begun to go out; also one whose record cannot be read. */
  async cancel(id: string, actor: Actor = {}): Promise<ActionResult> {
    return await this.#action(id, this.run(cancel, mailKeys(id), { id, ...actorArgs(actor, 'cancel'), ...this.retentionArgs }));
  }

  /** Starts the retry schedule of a failed or partly sent mail from the beginning, for the rejected recipients. @throws RecordError when it was edited */
  async retry(id: string, actor: Actor = {}): Promise<ActionResult> {
    return await this.#action(id, this.run(retry, mailKeys(id), { id, ...actorArgs(actor, 'retry') }));
  }

  /** Makes a scheduled or retrying mail due now. @throws RecordError when it was edited */
  async sendNow(id: string, actor: Actor = {}): Promise<ActionResult> {
    return await this.#action(id, this.run(sendNow, mailKeys(id), { id, ...actorArgs(actor, 'sendNow') }));
  }

  /**
   * Sends a scheduled mail at another time.
   * @param at ms since the epoch; a past time means now
   * @param movesExpiry whether it expires as long after it is due as before
   * @throws RecordError when it was edited
   */
  async reschedule(id: string, at: number, movesExpiry: boolean, actor: Actor = {}): Promise<ActionResult> {
    return await this.#action(id, this.run(reschedule, mailKeys(id), { id, ...actorArgs(actor, rescheduleAction), at, movesExpiry }));
  }

  /** Ends an uncertain mail: a user has found out whether it arrived. @throws RecordError when it was edited */
  async resolve(id: string, how: 'delivered' | 'sendAgain', actor: Actor = {}): Promise<ActionResult> {
    const args = { id, ...actorArgs(actor, how), delivered: how === 'delivered', ...this.retentionArgs };
    return await this.#action(id, this.run(resolve, mailKeys(id), args));
  }

  async #action(id: string, action: Promise<string[]>): Promise<ActionResult> {
    const [changed, state] = await action.catch(async (error: Error) => {
      throw await this.damageOf(id, error);
    });
    if (state === 'staged') throw new QueueUnavailable('the batch of this mail is still being accepted', { mayHaveRun: false });
    if (state === 'missing') return undefined;
    if (!mailStates.some((known) => known === state)) throw new RecordError("the record's state is unknown");
    return { changed: changed === '1', state: state as MailState };
  }
}

function actorArgs({ owner = '', by }: Actor, action: MailAction | typeof rescheduleAction): { owner: string; by: string } {
  return { owner, by: by === undefined ? '' : JSON.stringify({ ...by, action }) };
}
