/**
 * An SMTP server that acts as a relay: TLS with a certificate of a temporary authority, login required. It keeps received
 * messages, counts them per recipient, and injects faults on demand.
 *
 * It listens on 127.0.0.1, on a port that the system chooses at the first start and that then stays the same, unless they are given.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Service } from '@posthouse/contract';
import type { CertificateAuthority, CertificateRequest } from './certificate-authority.ts';
import { Inbox, type MessageWait, type ReceivedMessage } from './inbox.ts';
import { RelayLimits } from './relay-limits.ts';
import type { RelayProfile, RelayRefusal } from './relay-profiles.ts';
import { ScriptedServer } from './scripted-server.ts';
import {
  type DelayRule,
  type FaultScope,
  type ReplyRule,
  type SilenceRule,
  SmtpFaults,
  type SmtpPhase,
  type TrickleRule,
} from './smtp-fault.ts';

/** Settings of a server. */
export interface SmtpServerOptions {
  /** Issues its certificate at each start. */
  ca: CertificateAuthority;
  /** TLS from the first byte (usually port 465), or after STARTTLS (usually port 587). */
  mode: 'implicit-tls' | 'starttls';
  /** The loopback address that it listens on; default: 127.0.0.1. */
  address?: string;
  /** Its port; default: one that is free. */
  port?: number;
  /** Names in its certificate; the first is used in `url`. */
  hosts?: readonly [string, ...string[]];
  /** True for an expired certificate. */
  expired?: boolean;
  /** The only account. Sending requires a login. */
  user?: string;
  pass?: string;
  /** Offers OAuth only, and accepts these access tokens of the account's user: XOAUTH2, and OAUTHBEARER (RFC 7628). */
  acceptsToken?: ((token: string) => boolean) | undefined;
  /** False for a server that offers no login and requires none, such as a relay for its own network. */
  login?: boolean;
  /** The relay that it behaves like: see `relayProfile`. */
  profile?: RelayProfile | undefined;
  /** False to count messages without keeping them in `messages`, for thousands of messages. */
  keep?: boolean;
}

/** A temporary SMTP server. */
export class SmtpServer implements Service {
  readonly name = 'smtp';
  /** Errors of connections, such as a client that rejected the certificate or disconnected during a message. */
  readonly errors: Error[] = [];
  readonly #options: Required<Omit<SmtpServerOptions, 'port'>>;
  readonly #faults = new SmtpFaults();
  readonly #limits: RelayLimits;
  readonly #inbox: Inbox;
  #server: ScriptedServer | undefined;
  #port: number | undefined;
  #connections = 0;
  #logins = 0;
  readonly #openings: string[] = [];
  #hangs = 0;

  constructor({ port, ...options }: SmtpServerOptions) {
    this.#port = port;
    this.#options = {
      address: '127.0.0.1',
      hosts: ['localhost', '127.0.0.1'],
      expired: false,
      user: 'posthouse',
      pass: 'correct horse',
      keep: true,
      login: true,
      acceptsToken: undefined,
      profile: undefined,
      ...options,
    };
    this.#limits = new RelayLimits(options.profile);
    this.#inbox = new Inbox(this.#options.keep);
  }

  /** Chosen at the first start, then fixed. */
  get port(): number {
    if (this.#port === undefined) throw new Error('This SMTP server has no port yet: start it first');
    return this.#port;
  }

  /** Its URL with credentials, in the format of SMTP_URL: `smtps://` for implicit TLS, `smtp://` for STARTTLS. */
  get url(): string {
    const { mode, hosts, user, pass, login, acceptsToken } = this.#options;
    const scheme = mode === 'implicit-tls' ? 'smtps' : 'smtp';
    const password = acceptsToken === undefined ? `:${encodeURIComponent(pass)}` : '';
    const credentials = login ? `${encodeURIComponent(user)}${password}@` : '';
    return `${scheme}://${credentials}${hosts[0]}:${this.port}`;
  }

  async start(): Promise<void> {
    const { ca, mode, address, hosts, expired, login, profile } = this.#options;
    const server = new ScriptedServer({
      certificate: await ca.issue({ hosts, expired }),
      mode,
      host: hosts[0],
      account: login ? () => this.#options : undefined,
      faults: this.#faults,
      profile,
      limits: this.#limits,
      inbox: this.#inbox,
      onLogin: () => {
        this.#logins += 1;
      },
      onOpening: (command) => this.#openings.push(command),
      onHang: () => {
        this.#hangs += 1;
      },
    });
    server.server.on('connection', () => {
      this.#connections += 1;
    });
    server.on('error', (error) => this.errors.push(error));
    await once(server.listen(this.#port ?? 0, address), 'listening');
    this.#port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Closes every connection without a reply. Messages and planned faults are kept. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.shutDown();
  }

  /** Stops and starts it on the same port, as after a crash. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Accepted messages, oldest first. */
  get messages(): readonly ReceivedMessage[] {
    return this.#inbox.messages;
  }

  /** How often a message was accepted for a recipient, by `<message-id> recipient`. More than 1 is a duplicate. */
  get arrivals(): ReadonlyMap<string, number> {
    return this.#inbox.arrivals;
  }

  /** Number of TCP connections so far, including failed ones. */
  get connectionCount(): number {
    return this.#connections;
  }

  /** Number of successful logins so far. */
  get loginCount(): number {
    return this.#logins;
  }

  /** Each EHLO and AUTH command so far, without credentials: `EHLO client.example`, `AUTH PLAIN`. */
  get openingCommands(): readonly string[] {
    return this.#openings;
  }

  /** Number of replies so far that `hangAt` or `holdAt` withheld: from then on the client waits. */
  get withheldReplies(): number {
    return this.#hangs;
  }

  /** Number of SMTP sessions that are open. */
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
   * Replaces a reply: `replyTo('RCPT', { address, reply: '450 4.2.0 Greylisted', times: 1 })`, or
   * `replyTo('AUTH', { reply: '535 5.7.8 No' })` for revoked credentials. With a 4yz or 5yz reply the command is not executed; after
   * 421 the connection is closed.
   */
  replyTo(phase: SmtpPhase, { reply, ...scope }: ReplyRule): void {
    this.#faults.plan(phase, scope, { kind: 'reply', reply });
  }

  /** Replies with one of a profile's refusals: `refuse(relayProfiles.office365.refusals.sendAsDenied, { times: 1 })`. */
  refuse({ phase, reply }: RelayRefusal, scope: FaultScope = {}): void {
    this.replyTo(phase, { ...scope, reply });
  }

  /** Makes the quota and the logins of its profile available again, as on the next day. */
  resetLimits(): void {
    this.#limits.reset();
  }

  /** Sends no reply in that phase and none afterwards on that connection, which stays open. */
  hangAt(phase: SmtpPhase, { lost = false, ...scope }: SilenceRule = {}): void {
    this.#faults.plan(phase, scope, { kind: 'hang', lost });
  }

  /** Closes the connection instead of replying in that phase. */
  closeAt(phase: SmtpPhase, { lost = false, ...scope }: SilenceRule = {}): void {
    this.#faults.plan(phase, scope, { kind: 'close', lost });
  }

  /** Withholds the usual reply. @returns what sends the replies that it has withheld, and makes later ones come at once */
  holdAt(phase: SmtpPhase, scope: FaultScope = {}): () => void {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#faults.plan(phase, scope, { kind: 'hold', released });
    return release;
  }

  /** Sends the usual reply after a delay, as a server that scans the message before it replies to the final dot. */
  delayAt(phase: SmtpPhase, { delayMs, ...scope }: DelayRule): void {
    this.#faults.plan(phase, scope, { kind: 'delay', delayMs });
  }

  /** Sends the usual reply byte by byte, with a gap after each. */
  trickleAt(phase: SmtpPhase, { gapMs, ...scope }: TrickleRule): void {
    this.#faults.plan(phase, scope, { kind: 'trickle', gapMs });
  }

  /**
   * Uses another certificate for new connections until the next start; by default a valid one. Open connections are not
   * affected: see {@link killConnections}.
   */
  async swapCertificate({
    ca = this.#options.ca,
    hosts = this.#options.hosts,
    expired = false,
  }: Partial<CertificateRequest> & { ca?: CertificateAuthority } = {}): Promise<void> {
    this.#server?.useCertificate(await ca.issue({ hosts, expired }));
  }

  /** Changes the account's password, and thereby `url`. Open connections stay logged in: see {@link killConnections}. */
  setPassword(pass: string): void {
    this.#options.pass = pass;
  }

  /** Removes all planned faults. Connections that already hang keep hanging. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** Closes every open connection without a reply, and keeps listening. */
  killConnections(): void {
    this.#server?.dropConnections();
  }
}
