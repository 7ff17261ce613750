/** One SMTP server: TLS from the first byte, or after STARTTLS. What a command needs besides the protocol is done here. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { hashApiKey, isApiKey, senderIssue } from '@posthouse/access';
import { limits, type OperatorError, type Service, type SubmissionTimings } from '@posthouse/contract';
import { type ApiKeyRegistry, type MailQueue, QueueUnavailable } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerAuthentication,
  type SMTPServerAuthenticationResponse,
  type SMTPServerDataStream,
  type SMTPServerSession,
} from 'smtp-server';
import type { CertificateFiles } from './certificate-files.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import type { MessageIntake } from './message-intake.ts';
import type { SubmissionMetrics } from './metrics.ts';
import { queuedText, Reply, replies } from './replies.ts';
import { connectionOptions, SubmissionConnection } from './submission-connection.ts';
import { acceptSubmitted } from './submitted-mail.ts';

/** What both servers of a process work with. */
export interface SubmissionParts {
  queue: MailQueue;
  keys: ApiKeyRegistry;
  /** Domains that a sender may have. */
  fromDomains: readonly string[];
  certificate: CertificateFiles;
  limits: ConnectionLimits;
  intake: MessageIntake;
  metrics: SubmissionMetrics;
  timings: SubmissionTimings;
  log: Logger;
}

/** Where a server listens. */
export interface ListenOptions {
  mode: 'tls' | 'starttls';
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** The environment variable that sets the port. */
  portVariable: string;
}

/** A port that cannot be listened on. */
class PortError extends Error implements OperatorError {
  override readonly name = 'PortError';
  readonly forOperator = true;
}

type Done = (error?: Error | null) => void;

/** The library's server with connections and handlers of ours. */
class SmtpListener extends SMTPServer {
  readonly sessions = new Map<string, SubmissionConnection>();
  readonly #parts: SubmissionParts;

  constructor(parts: SubmissionParts, mode: ListenOptions['mode']) {
    const { certificate, timings } = parts;
    super({
      ...connectionOptions,
      ...certificate.current,
      secure: mode === 'tls',
      minVersion: 'TLSv1.2',
      name: certificate.serverName,
      socketTimeout: timings.idle,
      closeTimeout: timings.stopGrace,
    });
    this.#parts = parts;
  }

  override _acceptSocket(socket: Socket, handshake: boolean): (() => void) | false {
    if (this.#parts.limits.admit(socket)) return super._acceptSocket(socket, handshake);
    socket.on('error', () => undefined).destroy();
    return false;
  }

  override connect(...[socket, options]: Parameters<SMTPServer['connect']>): void {
    const connection = new SubmissionConnection(this.#parts.timings, this, socket, options);
    this.connections.add(connection);
    this.sessions.set(connection.id, connection);
    connection.on('error', (error) => this.emit('error', error));
    connection.init();
  }

  override onConnect({ remoteAddress }: SMTPServerSession, done: Done): void {
    done(this.#parts.limits.isOver(remoteAddress) ? replies.tooManyConnections() : null);
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    done: (error: Error | null | undefined, response?: SMTPServerAuthenticationResponse) => void,
  ): void {
    void this.#logIn(auth.password ?? '', this.#connection(session)).then(
      (name) => done(null, { user: name }),
      (error) => done(this.#asReply(error)),
    );
  }

  async #logIn(text: string, connection: SubmissionConnection): Promise<string> {
    const { keys, limits: connectionLimits, metrics } = this.#parts;
    const hash = isApiKey(text) ? hashApiKey(text) : undefined;
    const key = hash === undefined ? undefined : await keys.find(hash).catch((error) => this.#keysUnavailable(error));
    if (key === undefined || hash === undefined) {
      metrics.loggedIn('refused');
      await connectionLimits.slowDown(connection.remoteAddress);
      connection.failedLogins += 1;
      throw connection.failedLogins < limits.submission.loginFailures ? replies.wrongKey() : replies.tooManyWrongKeys();
    }
    if (!key.rights.send) throw replies.mayNotSend();
    if (!connectionLimits.logIn(key.name)) throw replies.tooManyConnectionsOfKey();
    connection.login = { key, hash };
    metrics.loggedIn('accepted');
    return key.name;
  }

  override onMailFrom({ address }: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    done(this.#senderRefusal(address, this.#connection(session).login));
  }

  #senderRefusal(address: string, login: SubmissionConnection['login']): Reply | null {
    if (login === undefined) return replies.keyRevoked();
    const { rights } = login.key;
    if (rights.templates !== undefined) return replies.templatesOnly();
    const advice = address === '' ? undefined : senderIssue(address, this.#parts.fromDomains, rights);
    return advice === undefined ? null : replies.foreignSender(`in MAIL FROM ${advice}`);
  }

  override onRcptTo(_address: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const isOver = session.envelope.rcptTo.length >= limits.recipients;
    if (isOver) this.#connection(session).hasLeftOut = true;
    done(isOver ? replies.tooManyRecipients() : null);
  }

  override onData(stream: SMTPServerDataStream, session: SMTPServerSession, done: (error?: Error | null, text?: string) => void): void {
    const { metrics } = this.#parts;
    void this.#accept(stream, this.#connection(session)).then(
      (id) => {
        metrics.answered(250);
        done(null, queuedText(id));
      },
      (error) => {
        const reply = this.#asReply(error);
        metrics.answered(reply.responseCode);
        done(reply);
      },
    );
  }

  /** @returns the id of the mail */
  async #accept(stream: SMTPServerDataStream, connection: SubmissionConnection): Promise<string> {
    const { queue, keys, fromDomains, intake, metrics, log } = this.#parts;
    const { login } = connection;
    if (login === undefined) throw replies.keyRevoked();
    const received = await intake.read(stream, login.key.name, (reply) => connection.end(reply));
    if (received === undefined || received instanceof Reply) throw received ?? replies.tooSlow();
    const since = performance.now();
    try {
      // It may have been revoked since the login, or its rights may have changed.
      const key = await keys.find(login.hash).catch((error) => this.#keysUnavailable(error));
      if (key?.rights.send !== true) throw replies.keyRevoked();
      const { mailFrom, rcptTo } = connection.session.envelope;
      const envelope = { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
      const { answer, isReplay } = await acceptSubmitted(queue, received.bytes, envelope, key, fromDomains);
      if (!isReplay) metrics.accepted();
      log.debug({ id: answer.id }, 'mail accepted');
      return answer.id;
    } finally {
      received.release();
      metrics.lasted(performance.now() - since);
    }
  }

  override onClose({ id }: SMTPServerSession): void {
    const { login } = this.sessions.get(id) ?? {};
    if (login !== undefined) this.#parts.limits.logOut(login.key.name);
    this.sessions.delete(id);
  }

  #connection({ id }: SMTPServerSession): SubmissionConnection {
    const connection = this.sessions.get(id);
    if (connection === undefined) throw new Error(`There is no session ${id} on this server`);
    return connection;
  }

  #keysUnavailable(error: unknown): never {
    throw error instanceof QueueUnavailable ? replies.keysUnavailable() : error;
  }

  #asReply(error: unknown): Reply {
    if (error instanceof Reply) return error;
    const { message, stack } = error as Error;
    this.#parts.log.error({ err: { message, stack } }, 'submission failed');
    return replies.internal();
  }
}

/** One of the two servers as a service. */
export class SubmissionServer implements Service {
  readonly name: string;
  readonly #parts: SubmissionParts;
  readonly #options: ListenOptions;
  #server: SmtpListener | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: SubmissionParts, options: ListenOptions) {
    this.name = `submission (${options.mode === 'tls' ? 'TLS' : 'STARTTLS'})`;
    this.#parts = parts;
    this.#options = options;
  }

  /** The port that it listens on. @throws when it does not listen */
  get port(): number {
    const address = this.#server?.server.address() as AddressInfo | null | undefined;
    if (!address) throw new Error(`${this.name} does not listen: start it first`);
    return address.port;
  }

  /** @throws PortError */
  async start(): Promise<void> {
    const { certificate, log } = this.#parts;
    const { host, port, portVariable, mode } = this.#options;
    const server = new SmtpListener(this.#parts, mode);
    try {
      await once(server.listen(port, host), 'listening');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const fix = code === 'EACCES' ? 'one from 1024 on, which needs no rights' : 'a free one';
      throw new PortError(`${this.name} cannot listen on ${host}:${port} (${message}). Set ${portVariable} to ${fix}.`);
    }
    // What a client does to its connection is no error of this process: TLS that fails, a connection that breaks off.
    server.on('error', (error: NodeJS.ErrnoException) => log.debug({ code: error.code ?? error.name }, 'connection failed'));
    certificate.onChange((changed) => server.updateSecureContext(changed));
    this.#server = server;
    log.info({ port: this.port, security: mode }, 'ready');
  }

  /** Messages that are coming in are accepted; all other connections are closed with a reply. */
  stop(): Promise<void> {
    this.#stopping ??= this.#server === undefined ? Promise.resolve() : closeListener(this.#server);
    return this.#stopping;
  }
}

async function closeListener(server: SmtpListener): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(resolve));
  for (const connection of server.sessions.values()) if (connection.isIdle) connection.end(replies.stopping());
  await closed;
}
