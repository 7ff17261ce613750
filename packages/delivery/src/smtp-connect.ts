/**
 * Opens sockets to one provider. The system looks up the host for each new connection (DNS, /etc/hosts), and its addresses are tried in
 * order. Nothing is cached here, so that a change of address takes effect with the next connection.
 */
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, createSecureContext, rootCertificates, connect as tlsConnect } from 'node:tls';
import {
  ConnectionError,
  certificateRefused,
  connectionError,
  explainError,
  reasonOf,
  type SmtpError,
  withCode,
} from './connection-error.ts';
import { isLoopback, type Provider } from './provider.ts';

/** Whom to trust besides the certificate authorities that Node ships. */
export interface TlsTrust {
  /** PEM of further certificate authorities. */
  ca?: string;
}

/** Finds the addresses of a host, in order of preference. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** The system's look-up. */
export const systemLookup: Lookup = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** Codes of a TLS protocol error: what the server sent is no TLS, or it is another version of it. */
const protocolError = /^(?:ERR_SSL_|EPROTO$)/;

/** A reply of one or more lines (RFC 5321 section 4.2.1). */
const completeReply = /^(?:[245]\d\d-.*\r?\n)*[245]\d\d .*\r?\n/;

/** No greeting is that long, in bytes. */
const maxGreeting = 4096;

/** Opens sockets to one provider. */
export class SmtpConnector {
  readonly provider: Provider;
  /** How TLS is started and verified: for STARTTLS too. */
  readonly tls: ConnectionOptions;
  /** The server has sent a greeting: its port speaks what the URL's scheme says. */
  schemeWorks = false;
  readonly #lookup: Lookup;

  constructor(provider: Provider, trust: TlsTrust, lookup: Lookup = systemLookup) {
    this.provider = provider;
    this.#lookup = lookup;
    // A host name may end in a dot; its certificate does not.
    const servername = provider.servername ?? (isIP(provider.host) === 0 ? provider.host.replace(/\.$/, '') : undefined);
    this.tls = {
      secureContext: createSecureContext({
        minVersion: 'TLSv1.2',
        ...(trust.ca !== undefined && { ca: [...rootCertificates, trust.ca] }),
      }),
      // Also when NODE_TLS_REJECT_UNAUTHORIZED is set.
      rejectUnauthorized: true,
      ...(servername !== undefined && { servername }),
    };
  }

  /**
   * Connects, and for `smtps://` starts TLS and verifies the certificate.
   * @param timeoutMs for all addresses together; each but the last gets its share of what is left, and a quarter at most
   * @throws ConnectionError
   */
  async open(timeoutMs: number): Promise<Socket> {
    const deadline = Date.now() + timeoutMs;
    const addresses = await this.#addresses(timeoutMs);
    const errors: SmtpError[] = [];
    for (const [index, address] of addresses.entries()) {
      const remaining = deadline - Date.now();
      try {
        const isLast = index === addresses.length - 1;
        const share = isLast ? remaining : Math.min(remaining / (addresses.length - index), timeoutMs / 4);
        return await this.#dial(address, this.provider.security, share);
      } catch (thrown) {
        const error = thrown as SmtpError;
        const code = reasonOf(error);
        if (certificateRefused.test(code)) throw connectionError('CONNECT', error);
        if (protocolError.test(code)) throw await this.#explainProtocolError(error, address, deadline - Date.now());
        errors.push(error);
      }
    }
    const last = errors.at(-1) as SmtpError;
    const others = errors.slice(0, -1).map(({ message }) => message);
    throw new ConnectionError('CONNECT', reasonOf(last), [explainError(last), ...others].join('; '));
  }

  /** Whether a server that sends no greeting expects TLS from the first byte. A refused certificate or an alert shows it as well. */
  async speaksTls(address: string, timeoutMs: number): Promise<boolean> {
    try {
      (await this.#dial(address, 'tls', timeoutMs)).destroy();
      return true;
    } catch (error) {
      return /ALERT/.test(reasonOf(error as SmtpError)) || certificateRefused.test(reasonOf(error as SmtpError));
    }
  }

  async #addresses(timeoutMs: number): Promise<readonly string[]> {
    const { host, security } = this.provider;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const error = withCode(`the look-up of ${host} did not finish in ${timeoutMs} ms`, 'EDNS');
      timer = setTimeout(reject, timeoutMs, error);
    });
    try {
      const addresses = await Promise.race([this.#lookup(host), timeout]);
      if (addresses.length === 0) throw withCode(`${host} has no address`, 'ENOTFOUND');
      const remote = security === 'none' ? addresses.find((address) => !isLoopback(address)) : undefined;
      if (remote === undefined) return addresses;
      throw withCode(`${host} has the address ${remote}; with ?tls=off mail goes to loopback addresses (127.0.0.1, ::1) only`, 'ENOTFOUND');
    } catch (error) {
      throw connectionError('CONNECT', error as SmtpError);
    } finally {
      clearTimeout(timer);
    }
  }

  #dial(address: string, security: Provider['security'], timeoutMs: number): Promise<Socket> {
    const target = { host: address, port: this.provider.port };
    return security === 'tls'
      ? opened(tlsConnect({ ...target, ...this.tls }), 'secureConnect', timeoutMs)
      : opened(connect(target), 'connect', timeoutMs);
  }

  /**
   * What looks like broken TLS is often plain text: a port for STARTTLS, or a busy server that refuses the connection before TLS. The
   * greeting shows which.
   */
  async #explainProtocolError(error: SmtpError, address: string, timeoutMs: number): Promise<ConnectionError> {
    const greeting = await this.#plainGreeting(address, timeoutMs);
    if (greeting === undefined) return connectionError('CONNECT', error);
    if (greeting.startsWith('2')) return wrongScheme(this.provider, 'greets without TLS', error.message);
    return new ConnectionError('CONNECT', reasonOf(error), 'the server refused the connection before TLS', greeting);
  }

  async #plainGreeting(address: string, timeoutMs: number): Promise<string | undefined> {
    const deadline = Date.now() + timeoutMs;
    try {
      const socket = await this.#dial(address, 'starttls', timeoutMs);
      return await greetingOf(socket, deadline - Date.now());
    } catch {
      return undefined;
    }
  }
}

/** The port speaks the other one of TLS from the first byte, and STARTTLS. */
export function wrongScheme({ security, port }: Provider, how: string, original?: string): ConnectionError {
  const [used, other] = security === 'tls' ? ['smtps', 'smtp'] : ['smtp', 'smtps'];
  const message = `port ${port} ${how}: write ${other}:// instead of ${used}:// in SMTP_URL`;
  return new ConnectionError('CONNECT', 'wrong-scheme', original === undefined ? message : `${message} (${original})`);
}

/** The name for EHLO of a client that has no host name: its address (RFC 5321 section 4.1.3). */
export function addressLiteral(address: string): string {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)|%.*$/gi, '');
  return isIP(plain) === 6 ? `[IPv6:${plain}]` : `[${plain}]`;
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(withCode(`not connected after ${Math.round(timeoutMs)} ms`, 'EDEADLINE')), Math.max(timeoutMs, 0));
    socket.once('error', fail);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/** The reply that a server sends unasked; undefined when it sends none, or something else. Closes the socket. */
function greetingOf(socket: Socket, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let received = '';
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(completeReply.exec(received)?.[0].trimEnd());
    };
    const timer = setTimeout(end, Math.max(timeoutMs, 0));
    socket.on('error', end).on('close', end);
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
      if (completeReply.test(received) || received.length > maxGreeting) end();
    });
  });
}
