/**
 * The connections of one process to one provider. A transaction takes an idle connection, or opens one while there are fewer than the
 * pool's size, or waits for one. Idle connections are closed before the server would close them.
 */
import type { Gate, Service, Timings } from '@posthouse/contract';
import { abortable, type WaitSignals } from './abortable.ts';
import type { Provider } from './provider.ts';
import { type Lookup, SmtpConnector, type TlsTrust } from './smtp-connect.ts';
import { type SmtpEnvelope, SmtpSession, type Transaction } from './smtp-session.ts';

/** A pool of connections to one provider. */
export class SmtpPool implements Service {
  readonly name: string;
  readonly provider: Provider;
  readonly #connector: SmtpConnector;
  readonly #timings: Timings['smtp'];
  readonly #idle: { session: SmtpSession; timer: NodeJS.Timeout }[] = [];
  /** Transactions that wait for a slot, in order. */
  readonly #waiting: (() => void)[] = [];
  /** Slots in use, each with a connection or about to open one. */
  #slotsTaken = 0;
  #loginWorks = false;
  /** While it is unknown whether the login works: the one connection that is being opened. */
  #firstConnection: Promise<SmtpSession> | undefined;
  #stopped = false;

  /** @param lookup finds the provider's addresses; default: the system's look-up */
  constructor(provider: Provider, trust: TlsTrust, timings: Timings['smtp'], lookup?: Lookup) {
    this.name = `connections to ${provider.name}`;
    this.provider = provider;
    this.#connector = new SmtpConnector(provider, trust, lookup);
    this.#timings = timings;
  }

  /** Opens nothing: the first mail does. */
  async start(): Promise<void> {}

  /** Closes the idle connections; those in use are closed after their transaction. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { session, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      session.quit();
    }
  }

  /**
   * Opens a connection and keeps it for the first mail.
   * @throws ConnectionError saying why mail cannot be sent
   */
  async login(): Promise<void> {
    await this.#takeSlot({});
    let session: SmtpSession | undefined;
    try {
      session = await this.#open({});
    } finally {
      this.#releaseSlot(session);
    }
  }

  /**
   * Sends one message over a connection of the pool.
   * @param gate asked just before the message is sent
   * @param signals both end the wait for a connection that other mails use or open; a lost lease also ends the transaction, up to the gate
   * @throws ConnectionError when no connection could be opened, WaitAborted when a signal ended the wait
   */
  async transact(envelope: SmtpEnvelope, bytes: Buffer, gate: Gate, signals: WaitSignals): Promise<Transaction> {
    await this.#takeSlot(signals);
    // The wait for a slot is not part of the transaction's time.
    const deadline = Date.now() + this.#timings.transaction;
    const { leaseLost } = signals;
    let session: SmtpSession | undefined;
    try {
      session = this.#takeIdle() ?? (await this.#open(signals));
      let transaction = await session.transact(envelope, bytes, gate, deadline - Date.now(), leaseLost);
      const wasStale = session.uses > 1 && !session.usable && !transaction.transcript.answered && !leaseLost.aborted;
      if (wasStale) {
        // The server had closed the idle connection before this mail used it.
        session = await this.#open(signals);
        transaction = await session.transact(envelope, bytes, gate, deadline - Date.now(), leaseLost);
      }
      return transaction;
    } finally {
      this.#releaseSlot(session);
    }
  }

  /**
   * Opens a connection. Until a login has worked, one connection is opened at a time and the mails that wait for it share its failure: a
   * wrong password costs one refused login, not one for each connection.
   */
  async #open(signals: Partial<WaitSignals>): Promise<SmtpSession> {
    if (!this.#loginWorks) {
      const isFirst = this.#firstConnection === undefined;
      this.#firstConnection ??= this.#connect().finally(() => {
        this.#firstConnection = undefined;
      });
      if (isFirst) return await this.#firstConnection;
      await abortable(this.#firstConnection, signals);
    }
    return await this.#connect();
  }

  async #connect(): Promise<SmtpSession> {
    try {
      const session = await SmtpSession.open(this.#connector, this.#timings);
      this.#loginWorks = true;
      return session;
    } catch (error) {
      this.#loginWorks = false;
      throw error;
    }
  }

  #takeIdle(): SmtpSession | undefined {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      clearTimeout(kept.timer);
      if (kept.session.usable) return kept.session;
    }
    return undefined;
  }

  /** Takes a slot as soon as one is free. @throws WaitAborted when a signal aborts first; no slot is taken then */
  async #takeSlot(signals: Partial<WaitSignals>): Promise<void> {
    if (this.#slotsTaken < this.provider.pool) {
      this.#slotsTaken++;
      return;
    }
    let take: () => void = () => undefined;
    const taken = new Promise<void>((resolve) => {
      take = resolve;
    });
    this.#waiting.push(take);
    try {
      await abortable(taken, signals);
    } catch (error) {
      const index = this.#waiting.indexOf(take);
      // A slot that was handed over in the same moment goes to the next one.
      if (index >= 0) this.#waiting.splice(index, 1);
      else this.#releaseSlot(undefined);
      throw error;
    }
  }

  #releaseSlot(session: SmtpSession | undefined): void {
    if (session?.usable) {
      if (this.#stopped) session.quit();
      else this.#idle.push({ session, timer: setTimeout(() => this.#closeIdle(session), this.#timings.idle) });
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#slotsTaken--;
    else next();
  }

  #closeIdle(session: SmtpSession): void {
    const index = this.#idle.findIndex((kept) => kept.session === session);
    if (index >= 0) this.#idle.splice(index, 1);
    session.quit();
  }
}
