/** From an open socket to a connection that takes messages: greeting, EHLO, STARTTLS and login. */
import type { Socket } from 'node:net';
import type { Timings } from '@posthouse/contract';
import { ConnectionError, connectionError, type SmtpError } from './connection-error.ts';
import { type OnPhase, PhaseClock } from './phase-clock.ts';
import type { Provider } from './provider.ts';
import { noCapabilities, parseCapabilities, type SmtpCapabilities } from './smtp-capabilities.ts';
import { SmtpChannel } from './smtp-channel.ts';
import { addressLiteral, type SmtpConnector, wrongScheme } from './smtp-connect.ts';
import { login, loginWithToken } from './smtp-login.ts';
import { parseReply, replyReason } from './smtp-reply.ts';

/** A connection that takes messages, and what its server offers. */
export interface ReadyChannel {
  channel: SmtpChannel;
  clock: PhaseClock;
  capabilities: SmtpCapabilities;
}

/**
 * Connects, starts TLS, verifies the certificate and logs in; each phase has its own deadline.
 * @param token the access token, for a provider with OAuth
 * @throws ConnectionError
 */
export async function openChannel(
  connector: SmtpConnector,
  timings: Timings['smtp'],
  onPhase?: OnPhase,
  token?: string,
): Promise<ReadyChannel> {
  const { provider } = connector;
  const clock = new PhaseClock(timings, onPhase);
  clock.enter('connect');
  let socket: Socket;
  try {
    socket = await connector.open(timings.connect);
  } catch (error) {
    clock.stop();
    throw error;
  }
  const { localAddress = '', remoteAddress = '' } = socket;
  const { security } = provider;
  const name = provider.ehlo ?? addressLiteral(localAddress);
  const options = {
    connection: socket,
    host: provider.host,
    port: provider.port,
    name,
    secure: security === 'tls',
    secured: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: connector.tls,
    ...timeoutsBeyond(timings),
  };
  const channel = new SmtpChannel(options, clock);
  const replies = new HandshakeReplies();
  channel.onLine = (from, line) => replies.read(from, line);
  // A socket that is closed already has no address.
  const isUnknown = !connector.schemeWorks && remoteAddress !== '';
  const expectsTls = async () => isUnknown && (await connector.speaksTls(remoteAddress, timings.schemeCheck));
  const failure = (await greet(channel, replies, provider, expectsTls, timings)) ?? (await logIn(channel, replies, provider, token));
  channel.onLine = undefined;
  connector.schemeWorks ||= replies.greeted;
  if (failure === null) return { channel, clock, capabilities: replies.capabilities };
  channel.close();
  throw replies.ehloRefusal === undefined ? failure : ehloRefused(name, replies.ehloRefusal);
}

/** Timeouts of nodemailer's that no connection reaches, so that the clock decides. */
function timeoutsBeyond({ connect, greeting, ehlo, starttls, auth, dot }: Timings['smtp']) {
  const longest = connect + greeting + 2 * ehlo + starttls + auth + dot;
  return { connectionTimeout: longest, greetingTimeout: longest, socketTimeout: longest };
}

/** Follows the replies of a handshake. */
class HandshakeReplies {
  /** The server has sent something. */
  greeted = false;
  /** The reply to the last EHLO, when it was no 2yz. */
  ehloRefusal: string | undefined;
  /** Those of the last EHLO: what a server offers before STARTTLS does not count (RFC 3207 section 4.2). */
  capabilities: SmtpCapabilities = noCapabilities;
  #lastCommand = '';

  read(from: 'client' | 'server', line: string): void {
    if (from === 'client') {
      this.#lastCommand = line;
      return;
    }
    this.greeted = true;
    const isForEhlo = this.#lastCommand.startsWith('EHLO ');
    this.#lastCommand = '';
    if (!isForEhlo) return;
    const accepted = line.startsWith('2');
    this.ehloRefusal = accepted ? undefined : line;
    this.capabilities = accepted ? parseCapabilities(line) : noCapabilities;
  }
}

/**
 * Waits for the greeting, sends EHLO and, for STARTTLS, starts TLS. A server without a greeting may be one that expects TLS from the
 * first byte: that is found out after a while, or when the connection fails.
 */
async function greet(
  channel: SmtpChannel,
  replies: HandshakeReplies,
  provider: Provider,
  expectsTls: () => Promise<boolean>,
  timings: Timings['smtp'],
): Promise<ConnectionError | null> {
  let check: Promise<boolean> | undefined;
  const hasWrongScheme = async () => {
    if (provider.security === 'tls' || replies.greeted) return false;
    check ??= expectsTls();
    return (await check) && !replies.greeted;
  };
  const error = wrongScheme(provider, 'sends no greeting and expects TLS from the first byte');
  const timer = setTimeout(async () => {
    if (await hasWrongScheme()) channel.closeWith(error);
  }, timings.schemeCheck);
  const failure = await channel.exchange((done) => channel.connection.connect((refused) => done(refused ?? null)));
  clearTimeout(timer);
  if (failure === null) return null;
  return (await hasWrongScheme()) ? error : connectionError('CONNECT', failure);
}

/** Sending without the configured login would hide that it does not work: a server that offers none is an error. */
async function logIn(
  channel: SmtpChannel,
  { capabilities: { mechanisms } }: HandshakeReplies,
  provider: Provider,
  token: string | undefined,
): Promise<ConnectionError | null> {
  const { credentials, oauth } = provider;
  if (oauth !== undefined) return await loginWithToken(channel, { ...provider, oauth }, mechanisms, token ?? '');
  if (credentials === undefined) return null;
  return await login(provider, mechanisms, (method) =>
    channel.exchange((done) => channel.connection.login({ ...credentials, method }, (error: SmtpError | null) => done(error))),
  );
}

function ehloRefused(name: string, reply: string): ConnectionError {
  const why = `EHLO ${name} was refused with ${replyReason(parseReply(reply))}; set ?ehlo= in SMTP_URL to a name that the server accepts`;
  return new ConnectionError('CONNECT', 'EPROTOCOL', why, reply);
}
