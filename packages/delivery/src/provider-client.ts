/** Sends messages to one provider: over its connections, within its sending rate, and reporting its failures to its circuit. */
import { setMaxListeners } from 'node:events';
import {
  type Backoff,
  type Circuit,
  type DeliveryAttempt,
  type FailureDetails,
  type Gate,
  limits,
  mayConcernAccount,
  type RateLimit,
  type RecipientOutcome,
  type Service,
  type Timings,
} from '@posthouse/contract';
import { sleep, WaitAborted, type WaitSignals } from './abortable.ts';
import { ConnectionError } from './connection-error.ts';
import { type DeliveryResult, deliveryKind, putBack, withoutCircuitWait } from './delivery-result.ts';
import { firstTry, type MailHistory } from './mail-history.ts';
import type { Provider } from './provider.ts';
import { type RefusalOwner, RefusalStreak } from './refusal-streak.ts';
import { type Classification, classify, classifyRecipient, type MailContext } from './reply-classifier.ts';
import type { PoolCounts, PooledTransaction, SmtpPool } from './smtp-pool.ts';
import type { SmtpEnvelope } from './smtp-session.ts';
import type { VerdictRow } from './verdict-row.ts';

/** Called for what needs an operator: a failure of the provider, the account or Posthouse. `meaning` is the verdict table's. */
export type OnAlert = (provider: string, reason: string, meaning: string) => void;

/** A provider that cannot be used. */
export interface LoginFailure extends FailureDetails {
  reason: string;
  /** What happened, as the verdict table says it. */
  meaning: string;
  detail: string;
  /** How long to wait before the next probe. */
  wait: Backoff;
  /** Other workers may still reach the provider. */
  mayBeLocal: boolean;
}

/** Sends messages to one provider. */
export class ProviderClient implements Service {
  readonly name: string;
  readonly pool: SmtpPool;
  readonly provider: Provider;
  /** Called with the result of each delivery attempt. */
  onResult: (attempt: DeliveryAttempt) => void = () => undefined;
  readonly #circuit: Circuit;
  readonly #rate: RateLimit | undefined;
  readonly #timings: Timings;
  readonly #onAlert: OnAlert;
  readonly #stopping = new AbortController();
  /** Aborted when the mails that wait for a connection are to leave, and replaced then. */
  #leaving = new AbortController();
  /** Failed connections that the circuit knows about: several mails may have waited for one. */
  readonly #reported = new WeakSet<ConnectionError>();
  readonly #refusals: RefusalStreak;
  /** When the provider last accepted a mail of this process, ms since the epoch. */
  #acceptedAt = Number.NEGATIVE_INFINITY;

  constructor(pool: SmtpPool, circuit: Circuit, rate: RateLimit | undefined, timings: Timings, onAlert: OnAlert) {
    this.name = `client of ${pool.provider.name}`;
    this.pool = pool;
    this.provider = pool.provider;
    this.#circuit = circuit;
    this.#rate = rate;
    this.#timings = timings;
    this.#onAlert = onAlert;
    // All transactions in progress listen to it.
    setMaxListeners(0, this.#stopping.signal);
    this.#refusals = new RefusalStreak(timings.refusal);
  }

  async start(): Promise<void> {}

  /** Puts back the mails whose message has not begun. Those that are being sent go on, for `timings.smtp.stopGrace` at most. */
  async stop(): Promise<void> {
    this.#stopping.abort();
  }

  /** Whether its circuit is open. */
  get isOpen(): boolean {
    return this.#circuit.isOpen;
  }

  /** Whether a mail would have to wait: the provider takes no more at the moment, or its replies take long. */
  get mustWait(): boolean {
    return this.pool.isPausing || this.pool.pace.isSlow;
  }

  /** The mails that wait for a connection go to another provider. Transactions go on. */
  sendWaitingElsewhere(): void {
    this.#leaving.abort();
    this.#leaving = new AbortController();
  }

  /**
   * One transaction, or why there was none. Never throws for what a server replies.
   * @param compose makes the message's bytes; not called while the circuit is open
   * @param leaseLost ends the wait for a connection or a sending slot, and the transaction up to the gate
   * @param history distinguishes a failure of the provider from one of this mail
   */
  async deliver(
    envelope: SmtpEnvelope,
    compose: () => Promise<Buffer>,
    gate: Gate,
    leaseLost: AbortSignal = new AbortController().signal,
    history: MailHistory = firstTry,
  ): Promise<DeliveryAttempt> {
    const at = Date.now();
    const signals = { leaseLost, workerStopping: this.#stopping.signal, providerSlow: this.#leaving.signal };
    const result = await this.#deliver(envelope, compose, gate, signals, history);
    const attempt = { at, durationMs: Date.now() - at, provider: this.provider.name, steps: [], ...result };
    this.onResult(attempt);
    return attempt;
  }

  async #deliver(
    envelope: SmtpEnvelope,
    compose: () => Promise<Buffer>,
    gate: Gate,
    signals: WaitSignals,
    history: MailHistory,
  ): Promise<DeliveryResult> {
    const { to } = envelope;
    const circuitOpen = () => putBack('circuit-open', 'circuit-open', `the circuit of ${this.provider.name} is open`, to);
    if (this.#circuit.isOpen) return circuitOpen();
    if (history.mail !== undefined && this.#refusals.mustWait(history.mail.group, Date.now())) {
      return putBack('circuit-open', 'circuit-open', `mails of other templates probe ${this.provider.name} first`, to);
    }
    const bytes = await compose();
    const max = this.#timings.rateWaitMax;
    let waitMs: number;
    try {
      waitMs = (await this.#rate?.take(max)) ?? 0;
    } catch (error) {
      return putBack(
        'rate-limited',
        'rate-unknown',
        `the sending rate of ${this.provider.name} cannot be read: ${(error as Error).message}`,
        to,
      );
    }
    if (waitMs > max) return putBack('rate-limited', 'rate-limited', `the sending rate of ${this.provider.name} is used up`, to, waitMs);
    try {
      if (waitMs > 0) await sleep(waitMs, signals);
      if (this.#circuit.isOpen) return circuitOpen();
      const transaction = await this.pool.transact(envelope, bytes, gate, signals);
      if (transaction.denied?.kind === 'worker-stopping') throw new WaitAborted('worker-stopping');
      return await this.#resultOf(transaction, to, history);
    } catch (error) {
      if (error instanceof WaitAborted) return putBack(error.kind, error.kind, error.message, to, 0);
      if (!(error instanceof ConnectionError)) throw error;
      const { outcome } = await this.#reportConnection(error);
      const outcomes = to.map((address) => withoutCircuitWait({ address, ...outcome }));
      return { kind: 'connection-failed', detail: error.message, outcomes };
    }
  }

  /** Logs in and reports a failure to the circuit. @returns undefined when the login works */
  async login(): Promise<LoginFailure | undefined> {
    return await this.#login((error) => this.#reportConnection(error));
  }

  /** Logs in for the circuit's elected prober, which reports the result to the circuit. @returns undefined when the login works */
  async probe(): Promise<LoginFailure | undefined> {
    const failure = await this.#login((error) => this.#classifyConnection(error));
    if (failure === undefined) this.#refusals.probed(Date.now());
    return failure;
  }

  async #login(classification: (error: ConnectionError) => Classification | Promise<Classification>): Promise<LoginFailure | undefined> {
    try {
      await this.pool.login();
      return undefined;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const { outcome, row } = await classification(error);
      const { kind = 'unreachable', mayBeLocal = false } = row.failure ?? {};
      return {
        ...{ reason: outcome.reason, meaning: row.meaning, detail: error.message },
        ...{ step: outcome.step, account: row.kind, wait: this.#timings.circuit[kind], mayBeLocal },
      };
    }
  }

  async #resultOf(transaction: PooledTransaction, recipients: readonly string[], history: MailHistory): Promise<DeliveryResult> {
    const { transcript, denied, detail, unanswered, before } = transaction;
    const { deferralCount, lastTriedAt = Number.POSITIVE_INFINITY } = history;
    const mail: MailContext = { deferralCount, othersAccepted: this.#acceptedAt > lastTriedAt };
    const classified = recipients.map((address) => ({ address, ...classifyRecipient(transaction, address, this.#timings.reply, mail) }));
    const refusal = this.#refusalOf(classified, history);
    const outcomes = classified.map(({ address, outcome, row }) =>
      this.#decided({ address, ...outcome }, row?.unsupported ? undefined : refusal?.owner),
    );
    const accepted = outcomes.filter(({ verdict }) => verdict === 'ACCEPT').map(({ address }) => address);
    const othersAccepted = mail.othersAccepted || this.pool.counts.accepted > before.accepted;
    const slowedDown = this.#adaptPool(classified, accepted.length > 0, before);
    const ofProvider = classified.filter(
      ({ row }) =>
        // One mail alone must not open the circuit for the others.
        (row?.ownVerdict === undefined || (deferralCount === 0 && !othersAccepted)) &&
        // Several refusals at the same time are one: the provider has not been asked for less yet.
        (row?.slowDown === undefined || slowedDown),
    );
    const isHealthy = transcript.reply('MAIL')?.startsWith('2') === true && classified.every(({ row, isOwn }) => !row?.failure || isOwn);
    await this.#report(classified, ofProvider, isHealthy && (refusal === undefined || refusal.owner === 'mail'));
    if (refusal?.owner === 'account') await this.#openForRefusals(refusal);
    const response = transcript.reply('.')?.slice(0, limits.replyLength) ?? '';
    const receipt = { at: Date.now(), provider: this.provider.name, response, accepted };
    const isUnsupported = classified.every(({ row }) => row?.unsupported === true);
    const kind = deliveryKind(denied, isUnsupported);
    return {
      kind: kind === 'attempted' && refusal?.owner === 'undecided' ? 'refusal-undecided' : kind,
      outcomes: outcomes.map(withoutCircuitWait),
      steps: transcript.steps,
      transactionAt: transcript.began,
      ...(detail !== undefined && { detail }),
      ...(unanswered && { unanswered }),
      ...(accepted.length > 0 && { receipt }),
    };
  }

  /** Whose a permanent refusal of the sender or the message is, where there was one that no row knows as the account's. */
  #refusalOf(
    classified: readonly ({ address: string } & Classification<VerdictRow | undefined>)[],
    { mail, deferred }: MailHistory,
  ): (FailureDetails & { owner: RefusalOwner; reason: string }) | undefined {
    const concerned = classified.filter(({ address, outcome, row }) => !row?.unsupported && mayConcernAccount({ address, ...outcome }));
    const { reason, step } = concerned[0]?.outcome ?? {};
    if (reason === undefined || mail === undefined) return undefined;
    const recipients = concerned.map(({ address }) => address);
    const before = deferred?.reason === reason ? { refusedAt: deferred.at } : {};
    return { owner: this.#refusals.refused({ ...mail, recipients, reason, ...before }, Date.now()), reason, step };
  }

  /** Until it is decided whose a refusal is, the mail is deferred: no final state is ever undone. */
  #decided(outcome: RecipientOutcome, owner: RefusalOwner | undefined): RecipientOutcome {
    if (owner === undefined || owner === 'mail' || !mayConcernAccount(outcome)) return outcome;
    return owner === 'account' ? { ...outcome, verdict: 'OPEN' } : { ...outcome, verdict: 'DEFER', waitMs: this.#timings.refusal.wait };
  }

  async #openForRefusals({ reason, step }: FailureDetails & { reason: string }): Promise<void> {
    this.#onAlert(this.provider.name, reason, 'several mails in a row are refused alike, so it is about the account');
    await this.#updated(this.#circuit.fail(reason, { after: 1, wait: this.#timings.circuit.quota, mayBeLocal: false, step }));
  }

  /** An error of the circuit must not lose the outcome of the mail. */
  async #updated(circuit: Promise<void>): Promise<void> {
    await circuit.catch((error: Error) => this.#onAlert(this.provider.name, error.message, 'its circuit cannot be updated in Redis'));
  }

  /** @returns whether the pool has become slower */
  #adaptPool(classified: readonly Classification<VerdictRow | undefined>[], isAccepted: boolean, before: PoolCounts): boolean {
    if (isAccepted) {
      this.#acceptedAt = Date.now();
      this.#refusals.accepted(this.#acceptedAt);
      this.pool.speedUp();
    }
    const slowing = classified.find(({ row, isOwn }) => row?.slowDown && !isOwn);
    return slowing?.row?.slowDown !== undefined && this.pool.slowDown(before, slowing.row.slowDown);
  }

  async #reportConnection(error: ConnectionError): Promise<Classification> {
    const classification = this.#classifyConnection(error);
    if (!this.#reported.has(error)) {
      this.#reported.add(error);
      await this.#report([classification], [classification], false);
      const { slowDown } = classification.row;
      if (slowDown !== undefined) this.pool.slowDown(this.pool.counts, slowDown);
    }
    return classification;
  }

  #classifyConnection({ step, code, reply }: ConnectionError): Classification {
    return classify({ step, error: code, messageStarted: false, ...(reply !== undefined && { reply }) }, this.#timings.reply);
  }

  /**
   * Raises alerts, and reports to the circuit: a failure, for at least as long as the server asks; without one, that the provider is healthy.
   */
  async #report(
    classified: readonly Classification<VerdictRow | undefined>[],
    ofProvider: readonly Classification<VerdictRow | undefined>[],
    isHealthy: boolean,
  ): Promise<void> {
    for (const { row, outcome } of classified) if (row?.alert) this.#onAlert(this.provider.name, outcome.reason, row.meaning);
    const failed = ofProvider.find(({ row }) => row?.failure !== undefined);
    if (failed?.row?.failure !== undefined) {
      const { kind, after, mayBeLocal = false } = failed.row.failure;
      const { initial, max } = this.#timings.circuit[kind];
      const retryAfter = failed.retryAfterMs ?? 0;
      const wait = { initial: Math.max(initial, retryAfter), max: Math.max(max, retryAfter) };
      const { reason, step } = failed.outcome;
      await this.#updated(this.#circuit.fail(reason, { after, wait, mayBeLocal, account: failed.row.kind, step }));
    } else if (isHealthy) await this.#updated(this.#circuit.succeed());
  }
}
