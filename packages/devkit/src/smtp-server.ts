/**
 * An SMTP server as a relay is one: TLS with a certificate of our own authority, login required. It keeps
 * what it was sent and counts every arrival, and it misbehaves when it is told to.
 *
 * It listens on 127.0.0.1, on a port that the system chooses at the first start and that stays.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Service } from '@posthouse/contract';
import type { CertificateAuthority, CertificateRequest } from './certificate-authority.ts';
import { Inbox, type MessageWait, type ReceivedMessage } from './inbox.ts';
import { ScriptedServer } from './scripted-server.ts';
import { type ReplyRule, type SilenceRule, SmtpFaults, type SmtpPhase, type TrickleRule } from './smtp-fault.ts';

/** What kind of server it is. */
export interface SmtpServerOptions {
  /** Signs its certificate at every start. */
  ca: CertificateAuthority;
  /** TLS from the first byte (port 465 in the world), or after STARTTLS (587). */
  mode: 'implicit-tls' | 'starttls';
  /** Names that its certificate is for; the first is the one in `url`. */
  hosts?: readonly [string, ...string[]];
  /** True for a certificate that has expired. */
  expired?: boolean;
  /** The one account that can log in. Nobody sends without. */
  user?: string;
  pass?: string;
  /** False where thousands of messages only need to be counted: `messages` stays empty. */
  keep?: boolean;
}

/** A throw-away SMTP server. */
export class SmtpServer implements Service {
  readonly name = 'smtp';
  /** What went wrong on connections, seen from here: a client that refused the certificate, or that left in mid-message. */
  readonly errors: Error[] = [];
  readonly #options: Required<SmtpServerOptions>;
  readonly #faults = new SmtpFaults();
  readonly #inbox: Inbox;
  #server: ScriptedServer | undefined;
  #port: number | undefined;
  #connections = 0;
  #logins = 0;

  constructor(options: SmtpServerOptions) {
    this.#options = {
      hosts: ['localhost', '127.0.0.1'],
      expired: false,
      user: 'posthouse',
      pass: 'correct horse',
      keep: true,
      ...options,
    };
    this.#inbox = new Inbox(this.#options.keep);
  }

  /** Fixed from the first start on. */
  get port(): number {
    if (this.#port === undefined) throw new Error('This SMTP server has no port yet: start it first');
    return this.#port;
  }

  /** With its credentials, as SMTP_URL wants it: `smtps://` for implicit TLS, `smtp://` for STARTTLS. */
  get url(): string {
    const { mode, hosts, user, pass } = this.#options;
    const scheme = mode === 'implicit-tls' ? 'smtps' : 'smtp';
    return `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(pass)}@${hosts[0]}:${this.port}`;
  }

  async start(): Promise<void> {
    const { ca, mode, hosts, expired } = this.#options;
    const server = new ScriptedServer({
      certificate: await ca.issue({ hosts, expired }),
      mode,
      host: hosts[0],
      mayLogIn: (user, pass) => user === this.#options.user && pass === this.#options.pass,
      faults: this.#faults,
      inbox: this.#inbox,
      onLogin: () => {
        this.#logins += 1;
      },
    });
    server.server.on('connection', () => {
      this.#connections += 1;
    });
    server.on('error', (error) => this.errors.push(error));
    await once(server.listen(this.#port ?? 0, '127.0.0.1'), 'listening');
    this.#port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Drops every connection; nobody is told. Messages and plans stay. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.shut();
  }

  /** A crash and a fresh start on the same port. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** The messages that were accepted, oldest first. */
  get messages(): readonly ReceivedMessage[] {
    return this.#inbox.messages;
  }

  /** How often a message reached a recipient, by `<message-id> recipient`. More than 1 is a double. */
  get arrivals(): ReadonlyMap<string, number> {
    return this.#inbox.arrivals;
  }

  /** TCP connections that clients have made so far, whatever became of them. */
  get connectionCount(): number {
    return this.#connections;
  }

  /** Logins that succeeded so far. */
  get loginCount(): number {
    return this.#logins;
  }

  /** SMTP sessions that are open now. */
  get openConnections(): number {
    return this.#server?.sessions.size ?? 0;
  }

  /** See {@link Inbox.onMessage}. */
  onMessage(listener: (message: ReceivedMessage) => void): () => void {
    return this.#inbox.onMessage(listener);
  }

  /** See {@link Inbox.nextMessage}. */
  nextMessage(wait?: MessageWait): Promise<ReceivedMessage> {
    return this.#inbox.nextMessage(wait);
  }

  /** See {@link Inbox.waitForMessages}. */
  waitForMessages(count: number, timeoutMs?: number): Promise<readonly ReceivedMessage[]> {
    return this.#inbox.waitForMessages(count, timeoutMs);
  }

  /**
   * Answers with a given reply instead of the usual one: `replyTo('RCPT', { address, reply: '450 4.2.0 Greylisted', times: 1 })`,
   * or `replyTo('AUTH', { reply: '535 5.7.8 No' })` for credentials that were revoked. A 4yz or 5yz means that the
   * command is not carried out; after 421 the connection is closed. DATA is the reply in place of 354, DOT the one to the message.
   */
  replyTo(phase: SmtpPhase, { reply, ...scope }: ReplyRule): void {
    this.#faults.plan(phase, scope, { kind: 'reply', reply });
  }

  /** Says nothing at that moment, nor anything after it on that connection, which stays open. */
  hangAt(phase: SmtpPhase, { lost = false, ...scope }: SilenceRule = {}): void {
    this.#faults.plan(phase, scope, { kind: 'hang', lost });
  }

  /** Closes the connection at that moment in place of a reply. */
  closeAt(phase: SmtpPhase, { lost = false, ...scope }: SilenceRule = {}): void {
    this.#faults.plan(phase, scope, { kind: 'close', lost });
  }

  /** Says its usual reply byte by byte, with a gap between them. */
  trickleAt(phase: SmtpPhase, { gapMs, ...scope }: TrickleRule): void {
    this.#faults.plan(phase, scope, { kind: 'trickle', gapMs });
  }

  /**
   * Shows another certificate to those who connect from now on, until the next start; by default a good one. Connections
   * that are open do not notice: see {@link killConnections}.
   */
  async swapCertificate({
    ca = this.#options.ca,
    hosts = this.#options.hosts,
    expired = false,
  }: Partial<CertificateRequest> & { ca?: CertificateAuthority } = {}): Promise<void> {
    this.#server?.showCertificate(await ca.issue({ hosts, expired }));
  }

  /** Changes the account's password, and with it `url`. Connections that are logged in stay so: see {@link killConnections}. */
  setPassword(pass: string): void {
    this.#options.pass = pass;
  }

  /** Forgets all planned misbehaviour. Connections that hang already keep hanging. */
  behave(): void {
    this.#faults.clear();
  }

  /** Closes every open connection without a word, and goes on listening. */
  killConnections(): void {
    this.#server?.dropConnections();
  }
}
