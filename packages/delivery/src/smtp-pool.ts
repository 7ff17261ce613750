/**
 * The connections of one process to one provider. A transaction takes an idle connection, or opens one while there are fewer than the
 * limit, or waits for one. The limit is the pool's size, and less while the provider is busy. Idle connections are closed before the server
 * would close them.
 */
import type { AccessTokens, Gate, Service, Timings } from '@posthouse/contract';
import { abortable, WaitAborted, type WaitSignals } from './abortable.ts';
import { ConnectionError } from './connection-error.ts';
import { ConnectionLimit } from './connection-limit.ts';
import { ConnectionSlots } from './connection-slots.ts';
import { ConnectionsAhead } from './connections-ahead.ts';
import { IdleConnections } from './idle-connections.ts';
import type { OnPhase } from './phase-clock.ts';
import type { Provider } from './provider.ts';
import { ProviderPace } from './provider-pace.ts';
import { connectionEnded, wantsFewerConnections } from './reply-classifier.ts';
import { SendingPause } from './sending-pause.ts';
import { type Lookup, SmtpConnector, type TlsTrust } from './smtp-connect.ts';
import { refusesToken } from './smtp-login.ts';
import { type SmtpEnvelope, SmtpSession, type Transaction } from './smtp-session.ts';
import type { SlowDown } from './verdict-row.ts';

/** A transaction over a connection of a pool. */
export interface PooledTransaction extends Transaction {
  /** What its pool had counted when it had a connection, or began to open one. */
  before: PoolCounts;
}

/** What a pool counts, to know whether something happened during a transaction. */
export interface PoolCounts {
  /** Mails that the provider accepted. */
  accepted: number;
  /** Times that the provider was given fewer connections. */
  slowed: number;
}

/** What a pool may be given besides. */
export interface PoolOptions {
  /** Finds the provider's addresses; default: the system's look-up. */
  lookup?: Lookup;
  /** Called when a phase of one of its connections is slow, and at the end of each phase. */
  onPhase?: OnPhase;
  /** For a provider with OAuth. */
  tokens?: AccessTokens | undefined;
}

/** A pool of connections to one provider. */
export class SmtpPool implements Service {
  readonly name: string;
  readonly provider: Provider;
  readonly pace: ProviderPace;
  readonly #connector: SmtpConnector;
  readonly #timings: Timings['smtp'];
  readonly #tokens: AccessTokens | undefined;
  readonly #limit: ConnectionLimit;
  readonly #pause: SendingPause;
  /** The provider has accepted a mail since it last asked for less. */
  #acceptedSince = false;
  #accepted = 0;
  readonly #idle: IdleConnections;
  readonly #ahead = new ConnectionsAhead(
    () => this.#connect(),
    (session) => this.#keep(session),
  );
  readonly #slots = new ConnectionSlots((taken) => taken < this.#limit.current && !this.#pause.isActive);
  /** Connections that were opened. Those that have ended are removed before they are counted. */
  readonly #sessions = new Set<SmtpSession>();
  #loginWorks = false;
  /** While it is unknown whether the login works: the one connection that is being opened. */
  #firstConnection: Promise<SmtpSession> | undefined;
  #stopped = false;

  constructor(provider: Provider, trust: TlsTrust, timings: Timings['smtp'], { lookup, onPhase, tokens }: PoolOptions = {}) {
    if (provider.oauth !== undefined && tokens === undefined) throw new Error(`${provider.name} needs access tokens`);
    this.name = `connections to ${provider.name}`;
    this.provider = provider;
    this.#connector = new SmtpConnector(provider, trust, lookup);
    this.#timings = timings;
    this.#tokens = tokens;
    this.pace = new ProviderPace(timings, onPhase);
    this.#limit = new ConnectionLimit(provider.pool);
    this.#idle = new IdleConnections(timings.idle);
    this.#pause = new SendingPause(timings, () => this.#slots.grant());
  }

  /** How many connections may be used at the moment. */
  get limit(): number {
    return this.#limit.current;
  }

  /** How many transactions have a connection, or are about to. */
  get used(): number {
    return this.#slots.taken;
  }

  /** No transaction begins until a pause is over. */
  get isPausing(): boolean {
    return this.#pause.isActive;
  }

  /** What it has counted. */
  get counts(): PoolCounts {
    return { accepted: this.#accepted, slowed: this.#limit.timesLowered };
  }

  /** The provider accepted a mail: after some of them one more connection is tried, up to the pool's size. */
  speedUp(): void {
    this.#acceptedSince = true;
    this.#accepted += 1;
    this.#pause.shorten();
    this.#limit.raise();
    this.#slots.grant();
  }

  /**
   * The provider wants less. Half of the connections are given up, as soon as their transactions end. Where its sending rate is exceeded,
   * or where it takes nothing over one connection either, no transaction begins for a while: the mails in progress wait.
   * @param before what the pool had counted when the transaction began that the provider refused
   * @returns false where a transaction at the same time has already slowed the pool down: the provider was asked once
   */
  slowDown(before: PoolCounts, by: SlowDown): boolean {
    const { current } = this.#limit;
    const isLowest = current === 1 && !this.#acceptedSince;
    if (!this.#limit.lower(before.slowed, by === 'rate' ? current : undefined)) return false;
    this.#acceptedSince = false;
    if (by === 'rate' || isLowest) this.#pause.begin();
    this.#closeIdleOverLimit();
    return true;
  }

  /** Opens nothing: the first mail does. */
  async start(): Promise<void> {}

  /** Closes the idle connections; those in use are closed after their transaction. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#pause.end();
    this.#idle.close();
  }

  /**
   * A mail is being prepared: where no open connection is left for it, one is opened meanwhile. Nothing is opened ahead of the first login, nor
   * where a sending rate decides when mails go.
   * @returns to be called once: when the mail asks for a connection, or needs none
   */
  expectMail(): () => void {
    const withdraw = this.#ahead.expect();
    const open = this.#idle.size + this.#ahead.size;
    const isWorking = this.#loginWorks && !this.#stopped && !this.#pause.isActive && this.provider.ratePerSecond === undefined;
    if (isWorking && open < this.#ahead.expected && this.used + open < this.#limit.current) this.#ahead.open();
    return withdraw;
  }

  /**
   * Opens a connection and keeps it for the first mail. Ends a pause, because a probe has to be answered.
   * @throws ConnectionError saying why mail cannot be sent
   */
  async login(): Promise<void> {
    this.#pause.end();
    await this.#slots.take({});
    let session: SmtpSession | undefined;
    try {
      session = await this.#open({});
    } finally {
      this.#releaseSlot(session);
    }
  }

  /**
   * Sends one message over a connection of the pool. A reused connection may have reached the server's limit of time or of messages: where
   * the server ends it before the message was sent, the transaction is repeated over a fresh one (RFC 5321 section 3.8). Only what the
   * server says to a fresh connection speaks of the provider.
   * @param gate asked just before the message is sent
   * @param signals all end the wait for a connection; the first two also the transaction: see {@link SmtpSession.transact}
   * @throws ConnectionError when no connection could be opened, WaitAborted when a signal ended the wait
   */
  async transact(envelope: SmtpEnvelope, bytes: Buffer, gate: Gate, signals: WaitSignals): Promise<PooledTransaction> {
    for (;;) {
      await this.#slots.take(signals);
      const before = this.counts;
      let session: SmtpSession | undefined;
      try {
        session = this.#idle.take() ?? (await this.#openAhead(signals));
        if (session !== undefined) {
          const isFirst = session.uses === 0;
          const transaction = await session.transact(envelope, bytes, gate, signals);
          // A server may end a connection that no mail used. One that does not reply to its first mail is slow, as on a fresh one.
          if (isFirst && transaction.error === 'EDEADLINE') return { ...transaction, before };
          if (signals.leaseLost.aborted || !connectionEnded(transaction, envelope.to)) return { ...transaction, before, reused: true };
          session.close();
        }
        session = await this.#open(signals);
        return { ...(await session.transact(envelope, bytes, gate, signals)), before };
      } catch (error) {
        const others = this.openConnections;
        if (!(error instanceof ConnectionError) || !wantsFewerConnections(error) || others === 0) throw error;
        // The server accepts no more than these: the mail waits for one of them.
        this.#limit.lower(before.slowed, others);
      } finally {
        this.#releaseSlot(session);
      }
    }
  }

  get openConnections(): number {
    for (const session of this.#sessions) if (!session.usable) this.#sessions.delete(session);
    return this.#sessions.size;
  }

  /**
   * Opens a connection. Until a login has worked, one connection is opened at a time and the mails that wait for it share its failure: a
   * wrong password costs one refused login, not one for each connection.
   */
  async #open(signals: Partial<WaitSignals>): Promise<SmtpSession> {
    if (this.#loginWorks) return await this.#openUnlessAborted(this.#connect(), signals);
    if (this.#firstConnection === undefined) {
      this.#firstConnection = this.#connect().finally(() => {
        this.#firstConnection = undefined;
      });
      return await this.#openUnlessAborted(this.#firstConnection, signals);
    }
    await abortable(this.#firstConnection, signals);
    return await this.#openUnlessAborted(this.#connect(), signals);
  }

  /** @returns a connection that is being opened already; undefined where there is none */
  async #openAhead(signals: WaitSignals): Promise<SmtpSession | undefined> {
    const opening = this.#ahead.take();
    return opening && (await this.#openUnlessAborted(opening, signals));
  }

  /** Opening may take minutes. A connection that its mail does not wait for has a slot of its own until it is open, for another mail. */
  async #openUnlessAborted(connecting: Promise<SmtpSession>, signals: Partial<WaitSignals>): Promise<SmtpSession> {
    try {
      return await abortable(connecting, signals);
    } catch (error) {
      if (error instanceof WaitAborted) {
        this.#slots.takeAnyway();
        void connecting.then(
          (session) => this.#releaseSlot(session),
          () => this.#releaseSlot(undefined),
        );
      }
      throw error;
    }
  }

  /** A refused access token is replaced once. */
  async #openSession(): Promise<SmtpSession> {
    const open = (token?: string) => SmtpSession.open(this.#connector, this.#timings, this.pace.observe, token);
    const token = await this.#tokens?.current();
    if (token === undefined) return await open();
    try {
      return await open(token);
    } catch (error) {
      const next = error instanceof ConnectionError && refusesToken(error) ? await this.#tokens?.replace(token) : undefined;
      if (next === undefined) throw error;
      return await open(next);
    }
  }

  async #connect(): Promise<SmtpSession> {
    try {
      const session = await this.#openSession();
      this.#loginWorks = true;
      this.#sessions.add(session);
      return session;
    } catch (error) {
      this.#loginWorks = false;
      // The mails that wait share the failure: a refused login is not repeated for each of them.
      if (this.openConnections === 0) this.#slots.failWaiting(error as Error);
      throw error;
    }
  }

  #releaseSlot(session: SmtpSession | undefined): void {
    if (session !== undefined) this.#keep(session);
    else this.#closeIdleOverLimit();
    this.#slots.release();
  }

  /** Keeps a connection for the next transaction, if it can have one. */
  #keep(session: SmtpSession): void {
    if (!session.usable) this.#sessions.delete(session);
    else if (this.#stopped || session.uses >= (this.provider.messages ?? Number.POSITIVE_INFINITY)) session.quit();
    else this.#idle.keep(session);
    this.#closeIdleOverLimit();
  }

  /** Counts open connections, not slots: a slot may be waiting for a connection that the server has just refused. */
  #closeIdleOverLimit(): void {
    this.#idle.close(this.openConnections - this.#limit.current);
  }
}
