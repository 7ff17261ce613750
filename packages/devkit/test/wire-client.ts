/** An SMTP client for tests: sends lines and returns raw replies. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect } from 'node:tls';
import type { CertificateAuthority } from '../src/certificate-authority.ts';
import type { SmtpServer } from '../src/smtp-server.ts';

/** A reply of one or more lines (RFC 5321 section 4.2.1). */
const completeReply = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/;

export class WireClient {
  readonly #socket: Socket;
  #received = '';
  /** Resolves the pending wait for a reply. */
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.#received += chunk;
      this.#wake();
    });
    socket.on('close', () => this.#wake());
    socket.on('error', () => undefined); // the tests check replies, not how a connection ends
  }

  /** Connects with implicit TLS; the greeting is the first reply. */
  static async connect(server: SmtpServer, ca: CertificateAuthority): Promise<WireClient> {
    const socket = connect({ port: server.port, host: '127.0.0.1', servername: 'localhost', ca: ca.caPem });
    const client = new WireClient(socket);
    await once(socket, 'secureConnect');
    return client;
  }

  /** Connects to a server with STARTTLS, without starting TLS; the greeting is the first reply. */
  static async connectWithoutTls(server: SmtpServer): Promise<WireClient> {
    const socket = connectTcp(server.port, '127.0.0.1');
    const client = new WireClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** The next raw reply with its line ends, or what has been received when the connection closes before it is complete. */
  async reply(): Promise<string> {
    for (;;) {
      const [complete] = completeReply.exec(this.#received) ?? [];
      if (complete !== undefined || this.#socket.closed) {
        const reply = complete ?? this.#received;
        this.#received = this.#received.slice(reply.length);
        return reply;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async send(line: string): Promise<string> {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  /** Sends EHLO and logs in. @returns the reply to the login */
  async login(user = 'posthouse', pass = 'correct horse'): Promise<string> {
    await this.reply();
    await this.send('EHLO client.example');
    return this.send(`AUTH PLAIN ${Buffer.from(`\0${user}\0${pass}`).toString('base64')}`);
  }

  /** True once the server, or `close`, has closed the connection. */
  get closed(): boolean {
    return this.#socket.closed;
  }

  close(): void {
    this.#socket.destroy();
  }
}
