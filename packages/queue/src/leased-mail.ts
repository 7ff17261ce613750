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
import { lockKey } from './keys.ts';
import type { MailRecords } from './mail-records.ts';
import { inTime } from './queue-unavailable.ts';
import { type FieldList, RecordError } from './record-fields.ts';
import { KeyMissingError } from './sealer.ts';

/** What a run found when it asked for its mail. */
export type BeginResult =
  /** It is this run's to send. The attempts are not in the record: a run does not need them. */
  | { found: 'mail'; record: MailRecord }
  /** A run before this one let the message out and died: nobody knows whether it arrived. */
  | { found: 'unknown'; record: MailRecord }
  /** Its time has not come. */
  | { found: 'early'; at: number }
  /** Nothing is left to do: it has ended, or its record's retention has. */
  | { found: 'ended'; state: MailState | 'missing' }
  /** It was sealed with a key that this worker was not given; another may have it. Its message may have gone out before. */
  | { found: 'sealed'; reason: string; messageStarted: boolean }
  /** It can never be sent; it has failed with this reason. */
  | { found: 'unreadable'; reason: string };

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

/** The state that follows, or `taken` where another run has the mail; and while it waits, the time of the next try. */
export interface TransitionResult {
  state: MailState | 'taken';
  at: number;
}

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
      await this.#records.run('failUnreadable', this.id, Date.now(), this.id, reason, this.#records.timings.retention.failed);
      return { found: 'unreadable', reason };
    }
  }

  async #begin(): Promise<BeginResult> {
    const { reply, queue, crashBackoff, retention } = this.#records.timings;
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
    if (found === 'early') return { found, at: Number(detail) };
    if (found === 'begun') return this.#opened('mail', detail as FieldList);
    if (found === 'unknown') return this.#opened('unknown', detail as FieldList);
    if (found !== 'missing' && !isFinal(found as MailState)) throw new RecordError(`the record's state "${found.slice(0, 20)}" is none`);
    return { found: 'ended', state: found as MailState | 'missing' };
  }

  /** Asked at the last moment before the message's bytes go out; what cannot be asked is denied. */
  readonly gate: Gate = async () => {
    try {
      const asked = this.#records.runWith<Buffer>('gate', this.id, lockKey(this.id), Date.now(), this.#token);
      const answer = (await inTime(asked, this.#records.timings.queue.gate)).toString();
      return answer === 'open' ? 'open' : { denied: answer };
    } catch (error) {
      return { denied: (error as Error).message };
    }
  };

  /**
   * Writes down what an attempt came to. Needs no lock: a known 250 must never be forgotten.
   * @throws QueueUnavailable when Redis refuses for now: offer it again
   */
  async recordAttempt(conclusion: AttemptResult): Promise<TransitionResult> {
    const { attempt, receipt } = conclusion;
    const { fields, timings } = this.#records;
    return following(
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
        timings.retention.sent,
        timings.retention.failed,
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
    return following(
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

  #opened(found: 'mail' | 'unknown', list: FieldList): BeginResult {
    try {
      return { found, record: this.#records.fields.read(this.id, list) };
    } catch (error) {
      if (error instanceof KeyMissingError) return { found: 'sealed', reason: error.message, messageStarted: found === 'unknown' };
      throw error;
    }
  }
}

function following([state, at]: Buffer[]): TransitionResult {
  return { state: String(state) as TransitionResult['state'], at: Number(at ?? 0) };
}
