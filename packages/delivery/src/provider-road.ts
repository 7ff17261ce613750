/** The road to one provider: its connections, the circuit and the rate that all workers share, and how trouble is told. */
import type { Circuit, Gate, RateLimit, Receipt, RecipientOutcome, Step, Waits } from '@posthouse/contract';
import { accepted, type Judgement, judge } from './judge.ts';
import type { SmtpPool } from './smtp-pool.ts';
import { SessionFault, type SmtpEnvelope, type Transaction } from './smtp-session.ts';
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

/** A place in the provider's line that is further away is not waited for, in ms. */
const longestQueue = 5000;

/** Hands messages to one provider. */
export class ProviderRoad {
  readonly pool: SmtpPool;
  readonly #circuit: Circuit;
  readonly #rate: RateLimit | undefined;
  readonly #waits: Waits;
  readonly #onAlert: (provider: string, reason: string, about: string) => void;

  /** @param onAlert told of what says more about us or the provider than about a mail */
  constructor(
    pool: SmtpPool,
    circuit: Circuit,
    rate: RateLimit | undefined,
    waits: Waits,
    onAlert: (provider: string, reason: string, about: string) => void,
  ) {
    this.pool = pool;
    this.#circuit = circuit;
    this.#rate = rate;
    this.#waits = waits;
    this.#onAlert = onAlert;
  }

  /** The provider's name. */
  get name(): string {
    return this.pool.provider.name;
  }

  /** One transaction, or the reason why there was none. Never throws for what a server says. */
  async deliver(envelope: SmtpEnvelope, bytes: Buffer, gate: Gate, lost?: AbortSignal): Promise<Delivered> {
    const at = Date.now();
    const provider = this.pool.provider.name;
    const put = (outcomes: RecipientOutcome[], more: Partial<Delivered> = {}): Delivered => ({
      at,
      durationMs: Date.now() - at,
      provider,
      steps: [],
      outcomes,
      ...more,
    });
    const deferred = (reason: string, detail: string, waitMs?: number) =>
      put(
        envelope.to.map((address) => ({ address, verdict: 'DEFER', reason, ...(waitMs !== undefined && { waitMs }) })),
        { detail },
      );

    if (this.#circuit.isOpen) return deferred('circuit-open', `the circuit of ${provider} is open`);
    let place: number;
    try {
      place = (await this.#rate?.take(longestQueue)) ?? 0;
    } catch (error) {
      return deferred('rate', `nobody could tell the rate of ${provider}: ${(error as Error).message}`);
    }
    if (place > longestQueue) return deferred('rate', `the rate of ${provider} is used up for now`, place);
    if (place > 0) await new Promise((resolve) => setTimeout(resolve, place));

    let transaction: Transaction;
    try {
      transaction = await this.pool.transact(envelope, bytes, gate, lost);
    } catch (error) {
      if (!(error instanceof SessionFault)) throw error;
      const judgement = await this.#trouble(error);
      return put(
        envelope.to.map((address) => ({ address, ...judgement.outcome })),
        { detail: error.message },
      );
    }
    const judged = envelope.to.map((address) => ({ address, ...this.#judged(transaction, address) }));
    const isWell = transaction.transcript.reply('MAIL')?.startsWith('2') ?? false;
    await this.#report(
      judged.map(({ row, outcome }) => ({ row, reason: outcome.reason })),
      isWell,
    );
    const outcomes = judged.map(({ address, outcome }) => ({ address, ...outcome }));
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
      if (!(error instanceof SessionFault)) throw error;
      return { reason: (await this.#trouble(error)).outcome.reason, detail: error.message };
    }
  }

  /** Tries the login for the circuit's prober, who tells the circuit. @returns undefined when it is well, else why not and how long to leave it alone */
  async probe(): Promise<{ reason: string; wait: { first: number; most: number } } | undefined> {
    try {
      await this.pool.login();
      return undefined;
    } catch (error) {
      if (!(error instanceof SessionFault)) throw error;
      const { outcome, row } = this.#judgedFault(error);
      return { reason: outcome.reason, wait: this.#waits.circuit[row.trouble?.kind ?? 'unreachable'] };
    }
  }

  async #trouble(fault: SessionFault): Promise<Judgement> {
    const judgement = this.#judgedFault(fault);
    await this.#report([{ row: judgement.row, reason: judgement.outcome.reason }], false);
    return judgement;
  }

  #judgedFault({ step, code, reply }: SessionFault): Judgement {
    return judge({ step, error: code, messageBegan: false, ...(reply !== undefined && { reply }) }, this.#waits.reply);
  }

  /** The first refusal on a recipient's way decides: of the sender, of the recipient, of the message. */
  #judged({ transcript, messageBegan, error }: Transaction, address: string): { outcome: Judgement['outcome']; row?: VerdictRow } {
    const answers = [
      { step: 'MAIL', reply: transcript.reply('MAIL'), good: '2' },
      { step: 'RCPT', reply: transcript.reply(`RCPT ${address}`), good: '2' },
      { step: 'DATA', reply: transcript.reply('DATA'), good: '23' },
      { step: 'DOT', reply: transcript.reply('.'), good: '2' },
    ] as const;
    for (const { step, reply, good } of answers) {
      if (reply === undefined) return judge({ step, messageBegan, error: error ?? 'ECONNECTION' }, this.#waits.reply);
      if (!good.includes(reply.charAt(0))) return judge({ step, reply, messageBegan }, this.#waits.reply);
    }
    return { outcome: accepted(transcript.reply('.') as string) };
  }

  /** Trouble is told to the circuit; without any, a provider that has taken MAIL is well. */
  async #report(judged: readonly { row?: VerdictRow | undefined; reason: string }[], isWell: boolean): Promise<void> {
    for (const { row, reason } of judged) if (row?.alert) this.#onAlert(this.pool.provider.name, reason, row.about);
    const troubled = judged.find(({ row }) => row?.trouble !== undefined);
    const trouble = troubled?.row?.trouble;
    try {
      if (troubled !== undefined && trouble !== undefined) {
        await this.#circuit.fail(troubled.reason, { after: trouble.after, wait: this.#waits.circuit[trouble.kind] });
      } else if (isWell) await this.#circuit.succeed();
    } catch (error) {
      // What the server said stands, above all that it took the message.
      this.#onAlert(this.pool.provider.name, (error as Error).message, 'the circuit could not be told');
    }
  }
}
