/** An SMTP client that hides nothing: a line out, the bytes of the reply back. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { CertificateAuthority } from '../src/certificate-authority.ts';
import type { SmtpServer } from '../src/smtp-server.ts';

/** A reply of one line or more (RFC 5321 section 4.2.1). */
const wholeReply = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/;

export class WireClient {
  readonly #socket: TLSSocket;
  #received = '';
  /** Wakes up who waits for a reply. */
  #wake: () => void = () => undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.#received += chunk;
      this.#wake();
    });
    socket.on('close', () => this.#wake());
    socket.on('error', () => undefined); // how a connection ends is not what these tests are about
  }

  /** Connects over implicit TLS; the greeting is the first reply. */
  static async connect(server: SmtpServer, ca: CertificateAuthority): Promise<WireClient> {
    const socket = connect({ port: server.port, host: '127.0.0.1', servername: 'localhost', ca: ca.caPem });
    const client = new WireClient(socket);
    await once(socket, 'secureConnect');
    return client;
  }

  /** The next reply as it came, with its line ends; what has come so far when the connection closes before it is whole. */
  async reply(): Promise<string> {
    for (;;) {
      const [whole] = wholeReply.exec(this.#received) ?? [];
      if (whole !== undefined || this.#socket.closed) {
        const reply = whole ?? this.#received;
        this.#received = this.#received.slice(reply.length);
        return reply;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async say(line: string): Promise<string> {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  /** Greets and logs in with the default account; returns the reply to the login. */
  async login(user = 'posthouse', pass = 'correct horse'): Promise<string> {
    await this.reply();
    await this.say('EHLO client.example');
    return this.say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${pass}`).toString('base64')}`);
  }

  /** True once the server, or `leave`, has closed the connection. */
  get closed(): boolean {
    return this.#socket.closed;
  }

  leave(): void {
    this.#socket.destroy();
  }
}
