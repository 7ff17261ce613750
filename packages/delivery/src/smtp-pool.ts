/**
 * The connections of one process to one provider. A transaction takes an idle one, or opens one while there are
 * fewer than the pool's size, or waits. Idle ones are closed before the server would.
 */
import { rootCertificates } from 'node:tls';
import type { Gate, Service, Timings } from '@posthouse/contract';
import type { Provider } from './provider.ts';
import { type SmtpEnvelope, SmtpSession, type Transaction } from './smtp-session.ts';

/** Whom to trust beside the authorities that Node ships. */
export interface TlsTrust {
  /** PEM of further certificate authorities. */
  ca?: string;
}

/** A pool. */
export class SmtpPool implements Service {
  readonly name: string;
  readonly provider: Provider;
  readonly #tls: { minVersion: 'TLSv1.2'; ca?: string[] };
  readonly #timings: Timings['smtp'];
  readonly #idle: { session: SmtpSession; timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #proven = false;
  #proof: Promise<SmtpSession> | undefined;
  #stopped = false;

  constructor(provider: Provider, trust: TlsTrust, timings: Timings['smtp']) {
    this.name = `connections to ${provider.name}`;
    this.provider = provider;
    this.#tls = { minVersion: 'TLSv1.2', ...(trust.ca !== undefined && { ca: [...rootCertificates, trust.ca] }) };
    this.#timings = timings;
  }

  /** Opens nothing: the first mail does. `login` tells whether it would work. */
  async start(): Promise<void> {}

  /** Closes the idle connections; transactions in hand end by themselves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { session, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      session.quit();
    }
  }

  /**
   * Opens a connection and keeps it for the first mail.
   * @throws ConnectionError saying why mail cannot be handed over
   */
  async login(): Promise<void> {
    await this.#acquire();
    let session: SmtpSession | undefined;
    try {
      session = await this.#open();
    } finally {
      this.#release(session);
    }
  }

  /**
   * Hands over one message.
   * @param gate asked at the last moment before the message goes out
   * @param lost aborts when the mail is no longer ours
   * @throws ConnectionError when no connection could be opened
   */
  async transact(envelope: SmtpEnvelope, bytes: Buffer, gate: Gate, leaseLost?: AbortSignal): Promise<Transaction> {
    await this.#acquire();
    // Waiting for a connection that others use is nobody's fault, and not counted.
    const deadline = Date.now() + this.#timings.transaction;
    let session: SmtpSession | undefined;
    try {
      session = this.#takeIdle() ?? (await this.#open());
      let transaction = await session.transact(envelope, bytes, gate, deadline - Date.now(), leaseLost);
      const wentStale = session.uses > 1 && !session.usable && !transaction.transcript.answered && !leaseLost?.aborted;
      if (wentStale) {
        // The server had closed the idle connection before it heard of this mail.
        session = await this.#open();
        transaction = await session.transact(envelope, bytes, gate, deadline - Date.now(), leaseLost);
      }
      return transaction;
    } finally {
      this.#release(session);
    }
  }

  /**
   * Until a login has worked, one connection is tried at a time, and those who wait share its fate: a wrong password costs
   * one refused login, not one for each connection.
   */
  async #open(): Promise<SmtpSession> {
    if (!this.#proven) {
      const isFirst = this.#proof === undefined;
      this.#proof ??= this.#connect().finally(() => {
        this.#proof = undefined;
      });
      const session = await this.#proof;
      if (isFirst) return session;
    }
    return await this.#connect();
  }

  async #connect(): Promise<SmtpSession> {
    try {
      const session = await SmtpSession.open(this.provider, { tls: this.#tls }, this.#timings);
      this.#proven = true;
      return session;
    } catch (error) {
      this.#proven = false;
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

  async #acquire(): Promise<void> {
    if (this.#busy < this.provider.pool) this.#busy++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #release(session: SmtpSession | undefined): void {
    if (session?.usable) {
      if (this.#stopped) session.quit();
      else this.#idle.push({ session, timer: setTimeout(() => this.#closeIdle(session), this.#timings.idle) });
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy--;
    else next();
  }

  #closeIdle(session: SmtpSession): void {
    const at = this.#idle.findIndex((kept) => kept.session === session);
    if (at >= 0) this.#idle.splice(at, 1);
    session.quit();
  }
}
