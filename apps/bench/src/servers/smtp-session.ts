/**
 * One session of the measuring SMTP server: EHLO, AUTH PLAIN, PIPELINING, 8BITMIME, SMTPUTF8. It looks at the bytes of a message only for
 * its end, so that it costs little beside the sender.
 */
import type { Socket } from 'node:net';

const endOfData = Buffer.from('\r\n.\r\n');
const capabilities = '250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 100000000\r\n250 AUTH PLAIN LOGIN\r\n';

/** What a session reports. */
export interface SessionListener {
  /** Called when a message is whole, before it is answered. @param recipient the last one of the transaction */
  onMessage(recipient: string): void;
  /** ms that a reply waits; those to commands that came together wait together, as on a long way. */
  readonly delayMs: number;
}

/** Answers on one socket. */
export class SmtpSession {
  readonly #socket: Socket;
  readonly #listener: SessionListener;
  /** What has come of a line, or the last bytes of a message, which may be the beginning of its end. */
  #rest: Buffer = Buffer.alloc(0);
  #inData = false;
  #recipient = '';
  #loginSteps = 0;

  constructor(socket: Socket, listener: SessionListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece) => this.#read(piece));
    this.#write('220 sink ESMTP\r\n');
  }

  #read(piece: Buffer): void {
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let replies = '';
    for (;;) {
      const end = this.#inData ? bytes.indexOf(endOfData) : bytes.indexOf('\r\n');
      if (end === -1) break;
      if (this.#inData) {
        this.#inData = false;
        this.#listener.onMessage(this.#recipient);
        replies += '250 2.0.0 queued\r\n';
        bytes = bytes.subarray(end + endOfData.length);
      } else {
        replies += this.#reply(bytes.toString('latin1', 0, end));
        bytes = bytes.subarray(end + 2);
      }
    }
    this.#rest = this.#inData && bytes.length >= endOfData.length ? bytes.subarray(1 - endOfData.length) : bytes;
    if (replies !== '') this.#write(replies);
  }

  #reply(line: string): string {
    if (this.#loginSteps > 0) {
      this.#loginSteps -= 1;
      return this.#loginSteps === 0 ? '235 2.7.0 welcome\r\n' : '334 UGFzc3dvcmQ6\r\n';
    }
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO' || verb === 'HELO') return capabilities;
    if (verb === 'AUTH') return this.#login(line);
    if (verb === 'RCPT') this.#recipient = line.slice(line.indexOf('<') + 1, line.indexOf('>'));
    if (verb === 'DATA') {
      this.#inData = true;
      return '354 go ahead\r\n';
    }
    if (verb === 'QUIT') {
      this.#socket.end('221 2.0.0 bye\r\n');
      return '';
    }
    return '250 2.0.0 ok\r\n';
  }

  #login(line: string): string {
    const [, mechanism = '', initial] = line.split(' ');
    if (initial !== undefined) return '235 2.7.0 welcome\r\n';
    this.#loginSteps = mechanism.toUpperCase() === 'LOGIN' ? 2 : 1;
    return this.#loginSteps === 2 ? '334 VXNlcm5hbWU6\r\n' : '334 \r\n';
  }

  #write(replies: string): void {
    const { delayMs } = this.#listener;
    if (delayMs === 0) this.#socket.write(replies);
    else setTimeout(() => this.#socket.writable && this.#socket.write(replies), delayMs);
  }
}
