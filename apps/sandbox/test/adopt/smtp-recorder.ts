/**
 * A proxy between an SMTP client and a server, with TLS on both sides: records each message as the client writes it, and what the server
 * answers to it. Neither side notices it, so what arrives in the end is compared with what a program truly sent.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { Service } from '@posthouse/contract';
import type { CertificateAuthority } from '@posthouse/devkit';

/** A message whose final dot was answered. */
export interface RecordedMessage {
  from: string;
  to: string[];
  /** Without dot-stuffing, with the line break before the final dot. */
  raw: Buffer;
  /** The reply to the final dot. */
  reply: string;
}

export class SmtpRecorder implements Service {
  readonly name = 'recorder';
  readonly messages: RecordedMessage[] = [];
  readonly #ca: CertificateAuthority;
  readonly #upstream: () => number;
  #server!: Server;

  /** @param upstream returns the port of the server, which needs a certificate for 127.0.0.1 */
  constructor(ca: CertificateAuthority, upstream: () => number) {
    this.#ca = ca;
    this.#upstream = upstream;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    const { certPem, keyPem } = await this.#ca.issue({ hosts: ['localhost', '127.0.0.1'] });
    this.#server = createServer({ cert: certPem, key: keyPem }, (client) => this.#relay(client));
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  async stop(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }

  #relay(client: TLSSocket): void {
    const server = connect({ host: '127.0.0.1', port: this.#upstream(), ca: this.#ca.caPem });
    const dialogue = new Dialogue((message) => this.messages.push(message));
    client.on('data', (bytes: Buffer) => {
      dialogue.onClient(bytes);
      server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      dialogue.onServer(bytes);
      client.write(bytes);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('end', () => other.end());
      one.on('error', () => other.destroy());
    }
  }
}

/** One connection. In latin1, which keeps every byte. */
class Dialogue {
  readonly #done: (message: RecordedMessage) => void;
  #commands = '';
  #replies = '';
  #envelope: { from: string; to: string[] } = { from: '', to: [] };
  /** What the client writes since the server asked for a message. */
  #content: string | undefined;
  #finished: string | undefined;

  constructor(done: (message: RecordedMessage) => void) {
    this.#done = done;
  }

  onClient(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    if (this.#content !== undefined) {
      this.#content += text;
      const end = `\r\n${this.#content}`.indexOf('\r\n.\r\n');
      if (end === -1) return;
      this.#finished = this.#content.slice(0, end).replace(/^\.\./gm, '.');
      this.#commands = this.#content.slice(end + 3);
      this.#content = undefined;
    } else this.#commands += text;
    const lines = this.#commands.split('\r\n');
    this.#commands = lines.pop() as string;
    for (const line of lines) {
      const [, command, address = ''] = /^(MAIL FROM|RCPT TO):\s*<([^>]*)>/i.exec(line) ?? [];
      if (command?.toUpperCase() === 'MAIL FROM') this.#envelope = { from: address, to: [] };
      else if (command !== undefined) this.#envelope.to.push(address);
    }
  }

  onServer(bytes: Buffer): void {
    this.#replies += bytes.toString('latin1');
    const lines = this.#replies.split('\r\n');
    this.#replies = lines.pop() as string;
    for (const line of lines) {
      if (this.#finished !== undefined) {
        this.#done({ ...this.#envelope, raw: Buffer.from(this.#finished, 'latin1'), reply: line });
        this.#finished = undefined;
      } else if (line.startsWith('354 ')) this.#content = '';
    }
  }
}
