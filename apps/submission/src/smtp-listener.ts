/** smtp-server's server with connections and handlers of ours: what a command needs besides the protocol is done here. */
import type { Socket } from 'node:net';
import { hashApiKey, isApiKey, senderIssue } from '@posthouse/access';
import { limits, type SubmissionTimings } from '@posthouse/contract';
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
import { acceptSubmitted, unavailable } from './submitted-mail.ts';

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

type Done = (error?: Error | null) => void;

/** One listening server. It cannot be restarted. */
export class SmtpListener extends SMTPServer {
  readonly sessions = new Map<string, SubmissionConnection>();
  readonly #parts: SubmissionParts;

  /** @param mode TLS from the first byte, or after STARTTLS */
  constructor(parts: SubmissionParts, mode: 'tls' | 'starttls') {
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
    const isAdmitted = this.#parts.limits.admit(socket);
    const release = isAdmitted && super._acceptSocket(socket, handshake);
    if (!isAdmitted) socket.on('error', () => undefined).destroy();
    if (!release) return false;
    // The library would wait as long as for a command. The socket that TLS has on top of this one is the one to destroy.
    const timer = setTimeout(() => (this._pendingSockets.get(socket) ?? socket).destroy(), this.#parts.timings.login);
    socket.once('close', () => clearTimeout(timer));
    return () => {
      clearTimeout(timer);
      release();
    };
  }

  override connect(...[socket, options]: Parameters<SMTPServer['connect']>): void {
    const { limits: connectionLimits, timings } = this.#parts;
    const connection = new SubmissionConnection(timings, (below) => connectionLimits.watch(below), this, socket, options);
    connection.isOver = connectionLimits.isOver(socket);
    this.connections.add(connection);
    this.sessions.set(connection.id, connection);
    connection.on('error', (error) => this.emit('error', error));
    connection.init();
  }

  override onConnect(session: SMTPServerSession, done: Done): void {
    done(this.#connection(session).isOver ? replies.tooManyConnections() : null);
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
    // Its end has been counted already, so its login would count for ever.
    if (connection._closed) throw replies.keyRevoked();
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

  override onRcptTo({ address }: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const { rcptTo } = session.envelope;
    // One that was named before counts once.
    const isOver = rcptTo.length >= limits.recipients && !rcptTo.some((known) => known.address.toLowerCase() === address.toLowerCase());
    if (isOver) this.#connection(session).hasLeftOut = true;
    done(isOver ? replies.tooManyRecipients() : null);
  }

  override onData(stream: SMTPServerDataStream, session: SMTPServerSession, done: (error?: Error | null, text?: string) => void): void {
    const { metrics } = this.#parts;
    const connection = this.#connection(session);
    void this.#accept(stream, connection).then(
      (id) => {
        metrics.answered(250);
        done(null, queuedText(id));
      },
      (error) => {
        const reply = this.#asReply(error);
        // A client that has gone gets no answer.
        if (!connection._closed) metrics.answered(reply.responseCode);
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
      const key = await keys.find(login.hash);
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
    if (error instanceof QueueUnavailable) return unavailable(error);
    const { message, stack } = error as Error;
    this.#parts.log.error({ err: { message, stack } }, 'submission failed');
    return replies.internal();
  }
}
