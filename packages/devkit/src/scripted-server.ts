/**
 * smtp-server's server with planned faults: each handler first applies the fault for its phase (see `ScriptedConnection.at`),
 * then does what a relay does.
 */
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerAuthentication,
  type SMTPServerAuthenticationResponse,
  type SMTPServerDataStream,
  type SMTPServerSession,
} from 'smtp-server';
import type { IssuedCertificate } from './certificate-authority.ts';
import type { Inbox, ReceivedMessage } from './inbox.ts';
import type { RelayLimits } from './relay-limits.ts';
import type { RelayProfile } from './relay-profiles.ts';
import { asSent, type ConnectionScript, recipientsOf, ScriptedConnection } from './scripted-connection.ts';
import type { SmtpFaults } from './smtp-fault.ts';

/** Settings of a scripted server. */
export interface ScriptedServerOptions {
  certificate: IssuedCertificate;
  mode: 'implicit-tls' | 'starttls';
  /** Its host name in the greeting. */
  host: string;
  /** The only account. Without one it offers no login and requires none. */
  account: (() => { user: string; pass: string; acceptsToken: ((token: string) => boolean) | undefined }) | undefined;
  faults: SmtpFaults;
  profile: RelayProfile | undefined;
  limits: RelayLimits;
  inbox: Inbox;
  /** Called after each successful login. */
  onLogin: () => void;
  /** See {@link ConnectionScript.onOpening}. */
  onOpening: (command: string) => void;
  /** See {@link ConnectionScript.onHang}. */
  onHang: () => void;
}

type Done = (error?: Error | null) => void;

/** One listening server. It cannot be restarted. */
export class ScriptedServer extends SMTPServer {
  /** Open SMTP sessions by id. A connection becomes a session after its TLS handshake. */
  readonly sessions = new Map<string, ScriptedConnection>();
  readonly #script: ScriptedServerOptions;
  #closed = false;

  constructor(script: ScriptedServerOptions) {
    super({
      secure: script.mode === 'implicit-tls',
      key: script.certificate.keyPem,
      cert: script.certificate.certPem,
      minVersion: 'TLSv1.2',
      name: script.host,
      disableReverseLookup: true,
      // A server waits at least five minutes for the next command (RFC 5321 section 4.5.3.2.7).
      socketTimeout: script.profile?.limits.idleMs?.max ?? 5 * 60 * 1000,
      ...(script.account === undefined && { disabledCommands: ['AUTH'] }),
      ...(script.account?.().acceptsToken !== undefined && { authMethods: ['XOAUTH2', 'OAUTHBEARER'] }),
      ...(script.profile !== undefined && optionsOf(script.profile)),
    });
    this.#script = script;
  }

  override connect(...[socket, options]: Parameters<SMTPServer['connect']>): void {
    if (this.#closed) return void socket.destroy();
    const { faults, profile, limits, onOpening, onHang } = this.#script;
    const rank = () => [...this.sessions.keys()].indexOf(connection.id) + 1;
    const script: ConnectionScript = { faults, profile, limits, rank, onOpening, onHang };
    const connection: ScriptedConnection = new ScriptedConnection(script, this, socket, options);
    this.connections.add(connection);
    this.sessions.set(connection.id, connection);
    connection.on('error', (error) => this.emit('error', error));
    connection.init();
  }

  /** Uses another certificate from the next handshake on. */
  useCertificate({ keyPem, certPem }: IssuedCertificate): void {
    this.updateSecureContext({ key: keyPem, cert: certPem });
  }

  /** Stops listening, closes every connection and resolves when none is left. */
  async shutDown(): Promise<void> {
    this.#closed = true;
    const closed = new Promise<void>((resolve) => this.close(resolve));
    this.dropConnections();
    await closed;
  }

  dropConnections(): void {
    for (const connection of this.sessions.values()) connection.destroy();
  }

  override onConnect(session: SMTPServerSession, done: Done): void {
    this.#session(session).at('CONNECT', [], done);
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    done: (error: Error | null | undefined, response?: SMTPServerAuthenticationResponse) => void,
  ): void {
    const connection = this.#session(session);
    connection.at('AUTH', [auth.method], (refusal) => {
      if (refusal !== undefined) return done(refusal);
      const { account, profile, limits, onLogin } = this.#script;
      const { user, pass, acceptsToken } = account?.() ?? {};
      if (auth.accessToken !== undefined && (auth.username !== user || acceptsToken?.(auth.accessToken) !== true)) {
        // Sent as a challenge; the refusal follows when the client has replied to it.
        return done(null, { data: { status: 'invalid_token', schemes: 'bearer', scope: 'https://mail.example/' } });
      }
      // CRAM-MD5 sends no password, but proves that the client has it.
      const isProven =
        auth.accessToken !== undefined ||
        (auth.method === 'CRAM-MD5' ? pass !== undefined && auth.validatePassword?.(pass) : auth.password === pass);
      if (user === undefined || auth.username !== user || !isProven) {
        const refused = profile?.refusals['wrongPassword'];
        if (refused !== undefined) connection.replaceNextReply(refused.reply);
        return done(null, { message: '5.7.8 Username or password not accepted' });
      }
      limits.countLogin();
      onLogin();
      done(null, { user });
    });
  }

  override onMailFrom(address: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    this.#session(session).at('MAIL', [asSent(address)], done);
  }

  override onRcptTo(address: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    this.#session(session).at('RCPT', [asSent(address)], done);
  }

  override onData(stream: SMTPServerDataStream, session: SMTPServerSession, done: (error?: Error | null, reply?: string) => void): void {
    const connection = this.#session(session);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const message = receivedMessage(Buffer.concat(chunks), session);
      connection.at('DOT', message.to, (refusal) => {
        const { inbox, limits, profile } = this.#script;
        if (refusal === undefined) {
          limits.countMessage();
          inbox.receive(message);
        }
        const enhancedCode = profile?.ehlo.includes('ENHANCEDSTATUSCODES') === false ? '' : '2.0.0 ';
        done(refusal, `${enhancedCode}Ok: queued as ${message.id}`);
      });
    });
  }

  override onClose(session: SMTPServerSession): void {
    this.sessions.delete(session.id);
  }

  #session({ id }: SMTPServerSession): ScriptedConnection {
    const connection = this.sessions.get(id);
    if (connection === undefined) throw new Error(`There is no session ${id} on this server`);
    return connection;
  }
}

/** The library's options for what the EHLO reply of a profile offers. */
function optionsOf({ ehlo }: RelayProfile): { size: number; rejectOversized: true; authMethods: string[] } {
  const parameters = (keyword: string) =>
    ehlo.flatMap((line) => {
      const [first, ...others] = line.toUpperCase().split(/[ =]/);
      return first === keyword ? others : [];
    });
  return {
    size: Number(parameters('SIZE')[0] ?? 0),
    rejectOversized: true,
    // The library has no OAUTHBEARER: see ScriptedConnection.
    authMethods: parameters('AUTH').map((method) => (method === 'OAUTHBEARER' ? 'XOAUTH2' : method)),
  };
}

function receivedMessage(raw: Buffer, session: SMTPServerSession): ReceivedMessage {
  const header = raw.toString('latin1', 0, raw.indexOf('\r\n\r\n') + 2);
  return {
    id: `${session.id}-${session.transaction}`,
    from: session.envelope.mailFrom ? asSent(session.envelope.mailFrom) : '',
    to: recipientsOf(session),
    raw,
    messageId: /^message-id:\s*(<[^>]*>)/im.exec(header)?.[1] ?? '',
    at: Date.now(),
    sessionId: session.id,
    authUser: session.user ?? '',
  };
}
