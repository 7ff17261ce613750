/**
 * The records, as the API and a worker change them: typed callers of the transitions, and reading.
 */
import type { Durations, MailRecord, MailState, Priority, Retention, Timings } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { FieldList, RecordFields } from '../record/record-fields.ts';
import { openKey, recordKey } from '../redis/keys.ts';
import { orUnavailable } from '../redis/queue-unavailable.ts';
import { runTransition, type Transition } from './transitions.ts';

/** Every wish; `delivered` and `sendAgain` resolve uncertain mails. */
export const mailActions = ['retry', 'sendNow', 'cancel', 'delivered', 'sendAgain'] as const;

/** One of them. */
export type MailAction = (typeof mailActions)[number];

/** The states in which a mail is meant by a wish; in any other it is passed by. */
export const applicableStates: Readonly<Record<MailAction, readonly MailState[]>> = {
  retry: ['failed'],
  sendNow: ['scheduled', 'retrying'],
  cancel: ['queued', 'scheduled', 'sending', 'retrying'],
  delivered: ['uncertain'],
  sendAgain: ['uncertain'],
};

/** Whether a person's wish changed a mail, and the state that it is in now; undefined when there is no such mail. */
export type ActionResult = { changed: boolean; state: MailState } | undefined;

/** When a mail is to be looked at, and how urgent it is. */
export interface MailTiming {
  id: string;
  state: MailState;
  priority: Priority;
  /** ms since the epoch. */
  at: number;
  /** After all mails that are not so, whatever their priority: thousands that are sent again must not hold up new mail. */
  background?: boolean;
}

/** Reads and changes records. */
export class MailRecords {
  readonly fields: RecordFields;
  readonly timings: Timings;
  readonly retention: Retention;
  readonly #redis: Redis;

  constructor(redis: Redis, fields: RecordFields, { timings, retention }: Durations) {
    this.#redis = redis;
    this.fields = fields;
    this.timings = timings;
    this.retention = retention;
  }

  /**
   * Runs a transition on a mail and the index of open mails.
   * @throws QueueUnavailable when Redis refuses for now
   */
  async run<T>(transition: Transition, id: string, ...args: (string | number | Buffer)[]): Promise<T> {
    return await orUnavailable(runTransition<T>(this.#redis, transition, [recordKey(id), openKey], ...args));
  }

  /** Runs a transition on a mail and one other key. */
  async runWith<T>(transition: Transition, id: string, key: string, ...args: (string | number | Buffer)[]): Promise<T> {
    return await orUnavailable(runTransition<T>(this.#redis, transition, [recordKey(id), key], ...args));
  }

  /**
   * A mail's record, or undefined when there is none (any more).
   * @param withContent also what the message says
   * @throws RecordError when it cannot be opened
   */
  async read(id: string, withContent: boolean): Promise<MailRecord | undefined> {
    const list = await this.run<FieldList>('read', id, withContent ? 1 : 0);
    return list.length === 0 ? undefined : this.fields.read(id, list);
  }

  /** What a mail's job needs to know of it, also where the record cannot be opened; undefined when there is none. */
  async timing(id: string): Promise<MailTiming | undefined> {
    const [state, priority, nextAttemptAt, dueAt] = await this.#redis.hmget(recordKey(id), 'state', 'priority', 'nextAttemptAt', 'dueAt');
    if (state == null) return undefined;
    return { id, state: state as MailState, priority: (priority ?? 'normal') as Priority, at: Number(nextAttemptAt ?? dueAt ?? 0) };
  }

  /** Takes a mail back, as long as its message has not begun to go out. */
  async cancel(id: string): Promise<ActionResult> {
    return await this.#action('cancel', id, this.retention.sent);
  }

  /** Gives a failed mail its schedule anew, for the recipients that were refused. */
  async retry(id: string): Promise<ActionResult> {
    return await this.#action('retry', id);
  }

  /** Makes a mail due that is scheduled, or waits for its next try. */
  async sendNow(id: string): Promise<ActionResult> {
    return await this.#action('sendNow', id);
  }

  /** Ends an uncertain mail: a person has found out whether it arrived. */
  async resolve(id: string, how: 'delivered' | 'sendAgain'): Promise<ActionResult> {
    return await this.#action('resolve', id, how, this.retention.sent);
  }

  async #action(transition: Transition, id: string, ...args: (string | number)[]): Promise<ActionResult> {
    const [changed, state] = await this.run<[Buffer, Buffer]>(transition, id, Date.now(), id, ...args);
    return state.toString() === 'missing' ? undefined : { changed: changed.toString() === '1', state: state.toString() as MailState };
  }
}
