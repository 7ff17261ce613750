/**
 * One mail and the run that has leased it: everything that a run may ask of the queue, bound to the mail and to the lock that
 * the run has on its job.
 */
import { randomUUID } from 'node:crypto';
import {
  type Attempt,
  type Deferral,
  type Gate,
  isFinal,
  type KeptContent,
  limits,
  type MailRecord,
  type MailState,
  type Reason,
  type Receipt,
  type RecipientState,
} from '@posthouse/contract';
import { withinAttemptBytes } from '../record/attempt-size.ts';
import type { ActivePauses } from '../record/pause.ts';
import { DecryptionError, KeyMissingError, RecordError } from '../record/record-error.ts';
import type { FieldList } from '../record/record-fields.ts';
import { withoutCodes } from '../record/sealed-transcripts.ts';
import { keptState } from '../record/sealed-values.ts';
import { contentKey, lockKey, mailKeys, parkedKey, pausesKey, recordKey } from '../redis/keys.ts';
import { withTimeout } from '../redis/queue-unavailable.ts';
import { begin } from '../transitions/begin.ts';
import { failUnreadable } from '../transitions/fail-unreadable.ts';
import { gate } from '../transitions/gate.ts';
import type { MailRecords } from '../transitions/mail-records.ts';
import { park } from '../transitions/park.ts';
import { putBack } from '../transitions/put-back.ts';
import { recordAttempt } from '../transitions/record-attempt.ts';
import { recordDeferral } from '../transitions/record-deferral.ts';

/** What a run gets when it begins. */
export type BeginResult =
  /** This run sends the mail. The record comes without its attempts: a run does not need them. */
  | { kind: 'ready'; record: MailRecord }
  /** An earlier run started the message and stored no outcome: whether it arrived is unknown. */
  | { kind: 'outcome-unknown'; record: MailRecord }
  /** The mail is not due before `at`, ms since the epoch. */
  | { kind: 'not-due'; at: number }
  /** The mail is parked under a pause. It comes back when that ends, or at `at`, when it expires. */
  | { kind: 'paused'; at: number }
  /** Another run has the mail. */
  | { kind: 'superseded' }
  /** Nothing is left to do: the mail has ended, or its record has expired. `endedNow`: this run ended it, a mail of this template ('' for none). */
  | { kind: 'ended'; state: MailState | 'missing'; endedNow?: { template: string } }
  /** The record is sealed with the key `keyId`, which this worker does not have; another worker may. Its message may have gone out before. */
  | { kind: 'key-missing'; keyId: string; why: string; messageStarted: boolean }
  /** The record can never be sent; the mail has failed. `why` is for the log. */
  | { kind: 'unreadable'; why: string };

/** The outcome of an attempt, for the record. */
export interface AttemptResult {
  attempt: Omit<Attempt, 'number'> & { reason: Reason };
  /** New states of recipients, by their index in the record; those left out stay as they are. */
  recipients: {
    index: number;
    state: RecipientState;
    at: number;
    provider?: string;
    reason: Reason;
    uncertain?: true;
    code?: number;
    enhancedCode?: string;
  }[];
  receipt?: Receipt;
  /** Hash of the template set that the message was rendered with. */
  renderedHash?: string;
  /** What is kept of the content if this completes the mail: every recipient was accepted. */
  kept?: KeptContent;
  /** How long to wait before the next attempt if a recipient is still pending, in ms. */
  waitMs: number;
  /** The outcome is unknown, and a user is to find out. */
  hold: boolean;
  /** See `DeliveryAttempt.unanswered`. */
  unanswered?: true;
}

/** What a transition of a run did. */
export type TransitionResult =
  /** The mail is in this state now; `at` is when it is tried next (ms since the epoch), 0 where it is not. */
  | { kind: 'changed'; state: MailState; at: number }
  /** Another run has the mail: nothing but an acceptance was recorded. */
  | { kind: 'superseded' }
  /** The record is gone: its retention ended, or somebody deleted it. */
  | { kind: 'missing' };

/** A leased mail. */
export class LeasedMail {
  readonly id: string;
  readonly #token: string;
  /** Names this run alone, unlike the lock's token, which a worker's slot uses for one job after another. */
  readonly #run = randomUUID().slice(-12);
  readonly #records: MailRecords;
  readonly #worker: string;
  readonly #pauses: ActivePauses | undefined;
  /** What a run adds to a record is sealed with the record's own key: a process that could read it still can. */
  #keyId: string | undefined;
  /** An attempt is sealed for its number, which another run may have used since. */
  #attemptNumber = 1;
  /** How many the mail has; known once it has begun. */
  #recipientCount: number | undefined;

  /**
   * @param token of the lock on the job
   * @param worker id of this worker's heartbeat
   * @param pauses that this worker knows of
   */
  constructor(id: string, token: string, records: MailRecords, worker: string, pauses?: ActivePauses) {
    this.id = id;
    this.#token = token;
    this.#records = records;
    this.#worker = worker;
    this.#pauses = pauses;
  }

  /** Takes the mail for sending. @throws QueueUnavailable when Redis refuses */
  async begin(): Promise<BeginResult> {
    try {
      return await this.#begin();
    } catch (thrown) {
      const error = thrown instanceof RecordError ? thrown : await this.#records.damageOf(this.id, thrown);
      await this.#fail();
      return { kind: 'unreadable', why: error.message };
    }
  }

  async #fail(): Promise<void> {
    await this.#records.run(failUnreadable, mailKeys(this.id), { id: this.id, ...this.#records.retentionArgs });
  }

  /** What a transition did. A record that was edited since this run began cannot take it, however often it is tried: the mail fails. */
  async #transition(reply: Promise<string[]>): Promise<string[]> {
    try {
      return await reply;
    } catch (error) {
      await this.#records.damageOf(this.id, error);
      await this.#fail();
      return ['failed'];
    }
  }

  async #begin(): Promise<BeginResult> {
    const { timings, retentionArgs } = this.#records;
    const { reply, queue, crashBackoff, heartbeat } = timings;
    const [outcome, ...fields] = await this.#records.run(begin, mailKeys(this.id), {
      id: this.id,
      run: this.#run,
      replyTimeout: reply.unknown,
      heartbeatExpiry: heartbeat.gone,
      // The mails of a process that died must not all come back together: one of them may have killed it.
      crashBackoff: Math.round(crashBackoff * (1 + Math.random())),
      maxRuns: limits.runsWithoutVerdict,
      overdueAfter: queue.lock + queue.stalled,
      ...retentionArgs,
    });
    const found = String(outcome);
    if (found === 'not-due') return { kind: found, at: Number(fields[0]) };
    if (found === 'ready' || found === 'outcome-unknown') {
      const [, stateBefore, ...record] = fields;
      const result = await this.#read(found, record);
      return result.kind === 'ready' ? await this.#unlessPaused(result, String(stateBefore)) : result;
    }
    if (found !== 'missing' && !isFinal(found as MailState)) throw new RecordError(`the record's state "${found.slice(0, 20)}" is unknown`);
    return {
      kind: 'ended',
      state: found as MailState | 'missing',
      ...(fields.length > 0 && { endedNow: { template: String(fields[0]) } }),
    };
  }

  /** Parks the mail where a pause concerns it. The script knows whether that has ended in the meantime. */
  async #unlessPaused(ready: BeginResult & { kind: 'ready' }, stateBefore: string): Promise<BeginResult> {
    const pause = this.#pauses?.parking(ready.record);
    if (pause === undefined) return ready;
    const keys = { ...mailKeys(this.id), pauses: pausesKey, parked: parkedKey(pause) };
    const args = { id: this.id, run: this.#run, pause, stateBefore: stateBefore === 'scheduled' ? 'queued' : stateBefore };
    const [outcome = '', at] = await this.#records.run(park, keys, args);
    if (outcome === 'pause-ended') return ready;
    if (outcome === 'parked') return { kind: 'paused', at: Number(at) };
    return outcome === 'superseded' ? { kind: outcome } : { kind: 'ended', state: outcome as MailState | 'missing' };
  }

  /** Asked at the last moment before the message's bytes go out. When Redis cannot be asked, the gate is denied. */
  readonly gate: Gate = async (replyWithinMs) => {
    const keys = { record: recordKey(this.id), lock: lockKey(this.id) };
    try {
      const args = { token: this.#token, worker: this.#worker, replyWithin: replyWithinMs };
      const reply = this.#records.run(gate, keys, args);
      const answer = String(await withTimeout(reply, this.#records.timings.queue.gate));
      return answer === 'open' || answer === 'lease-lost' ? { kind: answer } : { kind: 'denied', why: answer };
    } catch (error) {
      return { kind: 'denied', why: (error as Error).message };
    }
  };

  /**
   * Stores the outcome of an attempt. Needs no lock: a known 250 must never be lost.
   * @throws QueueUnavailable when Redis refuses: call it again
   */
  async recordAttempt(result: AttemptResult): Promise<TransitionResult> {
    const { attempt, receipt, recipients, renderedHash, kept, waitMs, hold, unanswered = false } = result;
    const { fields, retention, retentionArgs } = this.#records;
    const keys = { ...mailKeys(this.id), content: contentKey(this.id) };
    const numbered = { number: this.#attemptNumber, ...withinAttemptBytes(attempt) };
    // Without its receipt the mail would be sent again: where replicas have to have it, it is stored again until they do.
    const confirm = receipt === undefined ? undefined : this.#records.replicas.begin();
    const recording = this.#records.run(recordAttempt, keys, {
      id: this.id,
      run: this.#run,
      outcomes: JSON.stringify(recipients.map(withoutCodes)),
      number: this.#attemptNumber,
      ...fields.sealAttempt(this.id, numbered, receipt, this.#recipientCount, this.#keyId),
      provider: attempt.provider ?? '',
      verdict: attempt.verdict,
      reason: attempt.reason,
      cause: fields.cause(attempt),
      renderedHash: renderedHash ?? '',
      kept: kept === undefined ? '' : fields.seal(this.id, 'keptContent', kept, this.#keyId),
      keptState: kept === undefined ? '' : keptState(kept),
      keepContent: kept === undefined || kept.template !== undefined ? 0 : retention.content,
      wait: waitMs,
      hold,
      unanswered,
      maxAttempts: limits.attemptsKept,
      ...retentionArgs,
    });
    const reply = await this.#transition(recording);
    if (reply[0] !== 'renumber') {
      await confirm?.();
      return transitionResult(reply);
    }
    this.#attemptNumber = Number(reply[1]);
    return await this.recordAttempt(result);
  }

  /**
   * Stores that the provider could not take the mail.
   * @param waitMs until it is tried again
   * @throws QueueUnavailable when Redis refuses: call it again
   */
  async recordDeferral(deferral: Deferral, waitMs: number): Promise<TransitionResult> {
    const recording = this.#records.run(recordDeferral, mailKeys(this.id), {
      id: this.id,
      run: this.#run,
      deferral: this.#records.fields.seal(this.id, 'deferral', withinAttemptBytes(deferral), this.#keyId),
      provider: deferral.provider ?? '',
      reason: deferral.reason,
      wait: waitMs,
    });
    return transitionResult(await this.#transition(recording));
  }

  /**
   * Puts back a mail whose key this worker does not have.
   * @param waitMs until it is tried again
   * @throws QueueUnavailable when Redis refuses: call it again
   */
  async putBack(keyId: string, waitMs: number): Promise<TransitionResult> {
    const args = { id: this.id, run: this.#run, keyMissing: JSON.stringify({ at: Date.now(), keyId }), wait: waitMs };
    return transitionResult(await this.#transition(this.#records.run(putBack, mailKeys(this.id), args)));
  }

  async #read(kind: 'ready' | 'outcome-unknown', fields: FieldList): Promise<BeginResult> {
    try {
      const record = this.#records.fields.read(this.id, fields);
      this.#keyId = this.#records.fields.keyIdOf(fields);
      this.#attemptNumber = record.attemptCount + 1;
      this.#recipientCount = record.recipients.length;
      return { kind, record };
    } catch (error) {
      // Only with the right key does a value that cannot be decrypted show that it was edited.
      if (!(error instanceof DecryptionError) || (await this.#records.provesKey(error.keyId))) throw error;
      const { keyId, message } = error;
      // All fields of a record are sealed with the same key.
      const own = this.#records.fields.keyIdOf(fields);
      if (own !== undefined && own !== keyId && (await this.#records.provesKey(own))) {
        throw new RecordError(`a field of the record is sealed with the key "${keyId}", the others with "${own}"`);
      }
      const why =
        error instanceof KeyMissingError ? message : `it is sealed with another key of the name "${keyId}": check POSTHOUSE_SECRET`;
      return { kind: 'key-missing', keyId, why, messageStarted: kind === 'outcome-unknown' };
    }
  }
}

function transitionResult([result, at]: string[]): TransitionResult {
  if (result === 'superseded' || result === 'missing') return { kind: result };
  return { kind: 'changed', state: result as MailState, at: Number(at ?? 0) };
}
