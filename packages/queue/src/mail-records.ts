/**
 * The records, as a run and the API see them: typed callers of the transitions.
 */
import {
  type Attempt,
  type Deferral,
  limits,
  type MailRecord,
  type MailState,
  type Receipt,
  type RecipientState,
  type Waits,
} from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { recordKey } from './keys.ts';
import { type FieldList, RecordFault, type RecordFields } from './record-fields.ts';
import { runTransition } from './transitions.ts';

/** What a run found when it asked for a mail. */
export type Begun =
  /** It is this run's to send. The attempts are not in the record: a run does not need them. */
  | { found: 'mail'; record: MailRecord }
  /** Its time has not come. */
  | { found: 'early'; dueAt: number }
  /** Nothing is left to do: it has ended, or its record's retention has. */
  | { found: 'ended'; state: MailState | 'missing' }
  /** It can never be sent; it has failed with this reason. */
  | { found: 'unreadable'; reason: string };

/** What an attempt came to, for the record. */
export interface Conclusion {
  attempt: Omit<Attempt, 'number'>;
  /** New states by recipient, in the order of the record's recipients; those left out stay as they are. */
  recipients: {
    index: number;
    state: RecipientState;
    at: number;
    provider?: string;
    reason: string;
    code?: number;
    enhancedCode?: string;
  }[];
  receipt?: Receipt;
  /** Hash of the template set it was rendered with. */
  renderedHash?: string;
  /** When to try again, should a recipient still be pending; ms since the epoch. */
  nextAttemptAt: number;
}

/** Reads and changes records. */
export class MailRecords {
  readonly #redis: Redis;
  readonly #fields: RecordFields;
  readonly #retention: Waits['retention'];

  constructor(redis: Redis, fields: RecordFields, retention: Waits['retention']) {
    this.#redis = redis;
    this.#fields = fields;
    this.#retention = retention;
  }

  /** Takes a mail for sending. */
  async begin(id: string): Promise<Begun> {
    const [found, detail] = await runTransition<[Buffer, FieldList & Buffer]>(this.#redis, 'begin', recordKey(id), Date.now());
    switch (found.toString()) {
      case 'begun':
        return await this.#opened(id, detail);
      case 'early':
        return { found: 'early', dueAt: Number(detail) };
      default:
        return { found: 'ended', state: found.toString() as MailState | 'missing' };
    }
  }

  /** Writes down what an attempt came to; answers the state that follows from it. */
  async conclude(record: MailRecord, conclusion: Conclusion): Promise<MailState> {
    const { attempt, receipt } = conclusion;
    const [state] = await runTransition<[Buffer]>(
      this.#redis,
      'conclude',
      recordKey(record.id),
      Date.now(),
      JSON.stringify(conclusion.recipients),
      this.#fields.seal(record.id, 'attempt', attempt),
      receipt === undefined ? '' : this.#fields.seal(record.id, 'receipt', receipt),
      attempt.provider ?? '',
      attempt.verdict,
      attempt.reason,
      conclusion.renderedHash ?? '',
      conclusion.nextAttemptAt,
      this.#retention.sent,
      this.#retention.failed,
      limits.attemptsKept,
    );
    return state.toString() as MailState;
  }

  /** Writes down that the provider could not take the mail; answers the state that follows from it. */
  async defer(record: MailRecord, deferral: Deferral, nextAttemptAt: number): Promise<MailState> {
    const sealed = this.#fields.seal(record.id, 'deferral', deferral);
    const [state] = await runTransition<[Buffer]>(
      this.#redis,
      'defer',
      recordKey(record.id),
      sealed,
      deferral.provider ?? '',
      deferral.reason,
      nextAttemptAt,
    );
    return state.toString() as MailState;
  }

  /**
   * A mail's record, or undefined when there is none (any more).
   * @param withContent also what the message says
   * @throws RecordFault when it cannot be opened
   */
  async read(id: string, withContent: boolean): Promise<MailRecord | undefined> {
    const list = await runTransition<FieldList>(this.#redis, 'read', recordKey(id), withContent ? 1 : 0);
    return list.length === 0 ? undefined : this.#fields.read(list);
  }

  async #opened(id: string, list: FieldList): Promise<Begun> {
    try {
      return { found: 'mail', record: this.#fields.read(list) };
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error;
      await runTransition(this.#redis, 'abandon', recordKey(id), Date.now(), error.message, this.#retention.failed);
      return { found: 'unreadable', reason: error.message };
    }
  }
}
