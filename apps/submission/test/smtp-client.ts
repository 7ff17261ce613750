/** A client that writes exactly the bytes that it is given, as no library does. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** One connection. */
export class SmtpClient {
  /** Everything that came in. */
  received = '';
  socket: Socket | TLSSocket;
  readonly #ca: string | undefined;
  #unread = '';
  #waiting: (() => void)[] = [];

  /** @param ca makes it TLS from the first byte */
  constructor(port: number, ca?: string) {
    this.#ca = ca;
    this.socket = ca === undefined ? connect(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
    this.#listen();
  }

  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends a line and resolves with the reply. */
  async send(line: string): Promise<string> {
    this.write(Buffer.from(`${line}\r\n`));
    return await this.read();
  }

  /** The next reply, its lines joined by LF; '' when the connection has closed without one. */
  async read(): Promise<string> {
    for (;;) {
      const reply = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3} [^\r\n]*\r\n/.exec(this.#unread)?.[0];
      if (reply !== undefined) {
        this.#unread = this.#unread.slice(reply.length);
        return reply.trimEnd().replaceAll('\r\n', '\n');
      }
      if (this.socket.destroyed || this.socket.readableEnded) return '';
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Sends a message. @returns the reply to the dot, or the first one that is an error */
  async transaction(from: string, to: readonly string[], message: string | Buffer): Promise<string> {
    for (const line of [`MAIL FROM:<${from}>`, ...to.map((address) => `RCPT TO:<${address}>`), 'DATA']) {
      const reply = await this.send(line);
      if (/^[45]/.test(reply)) return reply;
    }
    const bytes = typeof message === 'string' ? Buffer.from(message) : message;
    const stuffed = bytes.toString('latin1').replace(/^\./, '..').replaceAll('\r\n.', '\r\n..');
    this.write(`${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.\r\n`);
    return await this.read();
  }

  /** Begins TLS on this connection. */
  async startTls(ca = this.#ca): Promise<void> {
    const plain = this.socket.removeAllListeners('data');
    const socket = connectTls({ socket: plain, servername: 'localhost', ...(ca !== undefined && { ca }) });
    await once(socket, 'secureConnect');
    this.socket = socket;
    this.#listen();
  }

  close(): void {
    this.socket.destroy();
  }

  /** Resolves when the other side has closed the connection. */
  async closed(): Promise<void> {
    while (!this.socket.destroyed && !this.socket.readableEnded) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #listen(): void {
    const wake = () => {
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString();
      this.#unread += chunk.toString();
      wake();
    });
    for (const event of ['end', 'close'] as const) this.socket.on(event, wake);
    this.socket.on('error', () => undefined);
  }
}
