/** The road to one provider: its connections, the circuit and the rate that all workers share, and how trouble is told. */
import { setTimeout } from 'node:timers/promises';
import type { Circuit, Gate, RateLimit, Reason, Receipt, RecipientOutcome, Service, Step, Timings } from '@posthouse/contract';
import { accepted, type Classification, classify } from './reply-classifier.ts';
import type { SmtpPool } from './smtp-pool.ts';
import { ConnectionError, type SmtpEnvelope, type Transaction } from './smtp-session.ts';
import type { VerdictRow } from './verdict-table.ts';

/** What a delivery came to. */
export interface Delivered {
  at: number;
  durationMs: number;
  provider: string;
  steps: Step[];
  /** Why no transaction was possible, in words. */
  detail?: string;
  /** One for each recipient asked for, in that order. */
  outcomes: RecipientOutcome[];
  /** Present when a server accepted the message for anyone. */
  receipt?: Receipt;
}

/** A place in the provider's line that is further away is not waited for, in ms. Those who wait keep the others in order. */
const longestLine = 5 * 60 * 1000;

/** Flash of what says more about us or the provider than about a mail. */
export type OnAlert = (provider: string, reason: string, about: string) => void;

/** Hands messages to one provider. */
export class ProviderClient implements Service {
  readonly pool: SmtpPool;
  readonly #circuit: Circuit;
  readonly #rate: RateLimit | undefined;
  readonly #timings: Timings;
  readonly #onAlert: OnAlert;
  readonly #stopping = new AbortController();
  /** Connections that failed and were told to the circuit: several mails may have waited for one. */
  readonly #told = new WeakSet<ConnectionError>();

  constructor(pool: SmtpPool, circuit: Circuit, rate: RateLimit | undefined, timings: Timings, onAlert: OnAlert) {
    this.pool = pool;
    this.#circuit = circuit;
    this.#rate = rate;
    this.#timings = timings;
    this.#onAlert = onAlert;
  }

  async start(): Promise<void> {}

  /** Sends away the mails that wait in the provider's line; those on their way go on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
  }

  /** The provider's name. */
  get name(): string {
    return this.pool.provider.name;
  }

  /**
   * One transaction, or the reason why there was none. Never throws for what a server says.
   * @param compose makes the message's bytes; not asked while the road is closed
   */
  async deliver(envelope: SmtpEnvelope, compose: () => Promise<Buffer>, gate: Gate, leaseLost?: AbortSignal): Promise<Delivered> {
    const at = Date.now();
    const provider = this.name;
    const put = (outcomes: RecipientOutcome[], more: Partial<Delivered> = {}): Delivered => ({
      at,
      durationMs: Date.now() - at,
      provider,
      steps: [],
      outcomes,
      ...more,
    });
    const deferred = (reason: Reason, detail: string, waitMs?: number) =>
      put(
        envelope.to.map((address) => ({ address, verdict: 'DEFER', reason, ...(waitMs !== undefined && { waitMs }) })),
        { detail },
      );

    if (this.#circuit.isOpen) return deferred('circuit-open', `the circuit of ${provider} is open`);
    const bytes = await compose();
    let place: number;
    try {
      place = (await this.#rate?.take(longestLine)) ?? 0;
    } catch (error) {
      return deferred('rate-unknown', `the rate of ${provider} cannot be read: ${(error as Error).message}`);
    }
    if (place > longestLine) return deferred('rate-limited', `the rate of ${provider} is used up`, place);
    if (!(await this.#waited(place, leaseLost)))
      return deferred('EGATEDENIED', 'the mail left the line: its worker stops, or another has it');

    let transaction: Transaction;
    try {
      transaction = await this.pool.transact(envelope, bytes, gate, leaseLost);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const classification = this.#judgedFault(error);
      await this.#tell(error, classification);
      return put(
        envelope.to.map((address) => ({ address, ...classification.outcome })),
        { detail: error.message },
      );
    }
    const classified = envelope.to.map((address) => ({ address, ...this.#classified(transaction, address) }));
    const isHealthy = transaction.transcript.reply('MAIL')?.startsWith('2') ?? false;
    await this.#report(classified, isHealthy);
    const outcomes = classified.map(({ address, outcome }) => ({ address, ...outcome }));
    const taken = outcomes.filter(({ verdict }) => verdict === 'ACCEPT').map(({ address }) => address);
    const response = transaction.transcript.reply('.') ?? '';
    return put(outcomes, {
      steps: transaction.transcript.steps,
      ...(taken.length > 0 && { receipt: { at: Date.now(), provider, response, accepted: taken } }),
    });
  }

  /** Tries the login and tells the circuit. @returns undefined when mail can be handed over, else why not */
  async login(): Promise<{ reason: string; detail: string } | undefined> {
    try {
      await this.pool.login();
      return undefined;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const classification = this.#judgedFault(error);
      await this.#tell(error, classification);
      return { reason: classification.outcome.reason, detail: error.message };
    }
  }

  /** Tries the login for the circuit's prober, who tells the circuit. @returns undefined when it is well, else why not and how long to leave it alone */
  async probe(): Promise<{ reason: string; wait: { initial: number; max: number } } | undefined> {
    try {
      await this.pool.login();
      return undefined;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const { outcome, row } = this.#judgedFault(error);
      return { reason: outcome.reason, wait: this.#timings.circuit[row.failure?.kind ?? 'unreachable'] };
    }
  }

  /** Timings for the mail's place in the line. @returns false when it is not to be waited for any longer */
  async #waited(place: number, leaseLost: AbortSignal | undefined): Promise<boolean> {
    if (place <= 0) return true;
    const signal = leaseLost === undefined ? this.#stopping.signal : AbortSignal.any([this.#stopping.signal, leaseLost]);
    return await setTimeout(place, true, { signal }).catch(() => false);
  }

  /** Tells the circuit of a connection that could not be opened, once. */
  async #tell(fault: ConnectionError, { outcome, row }: Classification): Promise<void> {
    if (this.#told.has(fault)) return;
    this.#told.add(fault);
    await this.#report([{ row, outcome }], false);
  }

  #judgedFault({ step, code, reply }: ConnectionError): Classification {
    return classify({ step, error: code, messageStarted: false, ...(reply !== undefined && { reply }) }, this.#timings.reply);
  }

  /** The first refusal on a recipient's way decides: of the sender, of the recipient, of the message. */
  #classified(
    { transcript, messageStarted, error }: Transaction,
    address: string,
  ): { outcome: Classification['outcome']; row?: VerdictRow } {
    const answers = [
      { step: 'MAIL', reply: transcript.reply('MAIL'), good: '2' },
      { step: 'RCPT', reply: transcript.reply(`RCPT ${address}`), good: '2' },
      { step: 'DATA', reply: transcript.reply('DATA'), good: '23' },
      { step: 'DOT', reply: transcript.reply('.'), good: '2' },
    ] as const;
    for (const { step, reply, good } of answers) {
      if (reply === undefined) return classify({ step, messageStarted, error: error ?? 'ECONNECTION' }, this.#timings.reply);
      if (!good.includes(reply.charAt(0))) return classify({ step, reply, messageStarted }, this.#timings.reply);
    }
    return { outcome: accepted(transcript.reply('.') as string) };
  }

  /**
   * Trouble is told to the circuit, for as long as the server named if it named a time; without any, a provider that has
   * taken MAIL is well. A circuit that cannot be told must not cost what is known of the mail.
   */
  async #report(
    classified: readonly { row?: VerdictRow | undefined; outcome: Classification['outcome'] }[],
    isHealthy: boolean,
  ): Promise<void> {
    for (const { row, outcome } of classified) if (row?.alert) this.#onAlert(this.name, outcome.reason, row.about);
    const troubled = classified.find(({ row }) => row?.failure !== undefined);
    try {
      if (troubled?.row?.failure !== undefined) {
        const { kind, after } = troubled.row.failure;
        const { initial, max } = this.#timings.circuit[kind];
        const wait = { initial: Math.max(initial, troubled.outcome.waitMs ?? 0), max: Math.max(max, troubled.outcome.waitMs ?? 0) };
        await this.#circuit.fail(troubled.outcome.reason, { after, wait });
      } else if (isHealthy) await this.#circuit.succeed();
    } catch (error) {
      this.#onAlert(this.name, (error as Error).message, 'its circuit could not be told');
    }
  }
}
