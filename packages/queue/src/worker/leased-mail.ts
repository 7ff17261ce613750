/**
 * One mail in the hands of one run: everything that a run may ask of the queue, bound to the mail and to the lock that
 * the run holds on its job.
 */
import { randomUUID } from 'node:crypto';
import {
  type Attempt,
  type Deferral,
  type Gate,
  isFinal,
  limits,
  type MailRecord,
  type MailState,
  type Receipt,
  type RecipientState,
} from '@posthouse/contract';
import { type FieldList, RecordError } from '../record/record-fields.ts';
import { KeyMissingError } from '../record/sealer.ts';
import { lockKey } from '../redis/keys.ts';
import { inTime } from '../redis/queue-unavailable.ts';
import type { MailRecords } from '../transitions/mail-records.ts';

/** What a run found when it asked for its mail. */
export type BeginResult =
  /** This run sends the mail. The record comes without its attempts: a run does not need them. */
  | { kind: 'ready'; record: MailRecord }
  /** An earlier run started the message and died: whether it arrived is unknown. */
  | { kind: 'outcome-unknown'; record: MailRecord }
  /** The mail is not due before `at`, ms since the epoch. */
  | { kind: 'not-due'; at: number }
  /** Nothing is left to do: the mail has ended, or its record has expired. */
  | { kind: 'ended'; state: MailState | 'missing' }
  /** The record is sealed with a key that this worker does not have; another worker may. Its message may have gone out before. */
  | { kind: 'key-missing'; reason: string; messageStarted: boolean }
  /** The record can never be sent; the mail has failed with this reason. */
  | { kind: 'unreadable'; reason: string };

/** What an attempt came to, for the record. */
export interface AttemptResult {
  attempt: Omit<Attempt, 'number'>;
  /** New states by recipient, by its place in the record; those left out stay as they are. */
  recipients: {
    index: number;
    state: RecipientState;
    at: number;
    provider?: string;
    reason: string;
    uncertain?: true;
    code?: number;
    enhancedCode?: string;
  }[];
  receipt?: Receipt;
  /** Hash of the template set it was rendered with. */
  renderedHash?: string;
  /** When to try again, should a recipient still be pending; ms since the epoch. */
  nextAttemptAt: number;
  /** Nobody knows whether it arrived, and a person is to find out. */
  hold: boolean;
}

/** What a transition of a run did. */
export type TransitionResult =
  /** The mail is in this state now; `at` is when it is tried next (ms since the epoch), 0 where it is not. */
  | { kind: 'changed'; state: MailState; at: number }
  /** Another run has the mail: nothing but an acceptance was recorded. */
  | { kind: 'superseded' }
  /** The record is gone: its retention ended, or somebody deleted it. */
  | { kind: 'missing' };

/** A mail in hand. */
export class LeasedMail {
  readonly id: string;
  readonly #token: string;
  /** Unlike the lock's token, which a worker's slot uses for one job after another, it names this run alone. */
  readonly #run = randomUUID();
  readonly #records: MailRecords;

  /** @param token of the lock on the job */
  constructor(id: string, token: string, records: MailRecords) {
    this.id = id;
    this.#token = token;
    this.#records = records;
  }

  /** Takes the mail for sending. */
  async begin(): Promise<BeginResult> {
    try {
      return await this.#begin();
    } catch (error) {
      // A script that stumbles over a record stumbles again each time: somebody has edited the record.
      const isStumble = error instanceof Error && error.name === 'ReplyError';
      if (!isStumble && !(error instanceof RecordError)) throw error;
      const reason = isStumble ? "the record's fields are not what they were written as" : error.message;
      await this.#records.run('failUnreadable', this.id, Date.now(), this.id, reason, this.#records.retention.failed);
      return { kind: 'unreadable', reason };
    }
  }

  async #begin(): Promise<BeginResult> {
    const { reply, queue, crashBackoff } = this.#records.timings;
    const { retention } = this.#records;
    const [answer, detail] = await this.#records.run<[Buffer, FieldList | Buffer | undefined]>(
      'begin',
      this.id,
      Date.now(),
      this.id,
      reply.unknown,
      // Those who were in hand when a process died must not all come back together: one of them may have killed it.
      Math.round(crashBackoff * (1 + Math.random())),
      limits.runsWithoutVerdict,
      queue.lock + queue.stalled,
      retention.sent,
      retention.failed,
      this.#run,
    );
    const found = answer.toString();
    if (found === 'not-due') return { kind: found, at: Number(detail) };
    if (found === 'ready' || found === 'outcome-unknown') return this.#opened(found, detail as FieldList);
    if (found !== 'missing' && !isFinal(found as MailState)) throw new RecordError(`the record's state "${found.slice(0, 20)}" is none`);
    return { kind: 'ended', state: found as MailState | 'missing' };
  }

  /** Asked at the last moment before the message's bytes go out; what cannot be asked is denied. */
  readonly gate: Gate = async () => {
    try {
      const asked = this.#records.runWith<Buffer>('gate', this.id, lockKey(this.id), Date.now(), this.#token);
      const answer = (await inTime(asked, this.#records.timings.queue.gate)).toString();
      return answer === 'open' || answer === 'lease-lost' ? { kind: answer } : { kind: 'denied', why: answer };
    } catch (error) {
      return { kind: 'denied', why: (error as Error).message };
    }
  };

  /**
   * Writes down what an attempt came to. Needs no lock: a known 250 must never be forgotten.
   * @throws QueueUnavailable when Redis refuses for now: offer it again
   */
  async recordAttempt(conclusion: AttemptResult): Promise<TransitionResult> {
    const { attempt, receipt } = conclusion;
    const { fields, retention } = this.#records;
    return transitionResult(
      await this.#records.run<Buffer[]>(
        'recordAttempt',
        this.id,
        Date.now(),
        this.id,
        JSON.stringify(conclusion.recipients),
        fields.seal(this.id, 'attempt', attempt),
        receipt === undefined ? '' : fields.seal(this.id, 'receipt', receipt),
        attempt.provider ?? '',
        attempt.verdict,
        attempt.reason,
        conclusion.renderedHash ?? '',
        conclusion.nextAttemptAt,
        retention.sent,
        retention.failed,
        limits.attemptsKept,
        conclusion.hold ? 1 : 0,
        this.#run,
      ),
    );
  }

  /**
   * Writes down that the provider could not take the mail.
   * @throws QueueUnavailable when Redis refuses for now: offer it again
   */
  async recordDeferral(deferral: Deferral, nextAttemptAt: number): Promise<TransitionResult> {
    const sealed = this.#records.fields.seal(this.id, 'deferral', deferral);
    return transitionResult(
      await this.#records.run<Buffer[]>(
        'recordDeferral',
        this.id,
        this.id,
        sealed,
        deferral.provider ?? '',
        deferral.reason,
        nextAttemptAt,
        this.#run,
        Date.now(),
      ),
    );
  }

  #opened(kind: 'ready' | 'outcome-unknown', list: FieldList): BeginResult {
    try {
      return { kind, record: this.#records.fields.read(this.id, list) };
    } catch (error) {
      if (error instanceof KeyMissingError)
        return { kind: 'key-missing', reason: error.message, messageStarted: kind === 'outcome-unknown' };
      throw error;
    }
  }
}

function transitionResult([result, at]: Buffer[]): TransitionResult {
  const kind = String(result);
  if (kind === 'superseded' || kind === 'missing') return { kind };
  return { kind: 'changed', state: kind as MailState, at: Number(at ?? 0) };
}
