/** A relay on a plain socket, for replies that no SMTP library sends. It speaks to loopback only, without TLS and login. */
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a raw relay does; each part is called with the socket, and writes what it likes. */
export interface RawScript {
  /** On a new connection; default: a greeting. */
  greet?: (socket: Socket) => void;
  /** For each command, without its line end; false: the usual reply. */
  command?: (line: string, socket: Socket) => boolean | undefined;
  /** When the first bytes of a message have come. */
  message?: (socket: Socket) => void;
  /** For each whole message; default: 250. */
  dot?: (socket: Socket, message: string) => void;
  /** Lines of the reply to EHLO after the first. */
  ehlo?: readonly string[];
}

/** A relay that is listening. */
export interface RawRelay {
  url: string;
  /** The messages that came whole. */
  messages: string[];
  connectionCount: number;
  /** Resolves when its first connection has ended. */
  ended: Promise<void>;
}

/** Starts a relay; it is stopped after the test. */
export async function rawRelay(script: RawScript = {}): Promise<RawRelay> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const relay: RawRelay = { url: '', messages: [], connectionCount: 0, ended };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    relay.connectionCount++;
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(socket);
        end();
      });
    converse(socket, script, relay);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  relay.url = `smtp://127.0.0.1:${address.port}?tls=off`;
  return relay;
}

function converse(socket: Socket, script: RawScript, relay: RawRelay): void {
  const {
    greet = (to) => to.write('220 relay ready\r\n'),
    command,
    dot = (to) => to.write('250 2.0.0 Ok\r\n'),
    ehlo = ['PIPELINING'],
  } = script;
  let received = '';
  /** The parts of the message that is coming. */
  let message: string[] | undefined;
  const reply = (line: string) => {
    const [verb = ''] = line.toUpperCase().split(' ');
    if (verb === 'EHLO') socket.write(['relay', ...ehlo].map((each, at) => `250${at < ehlo.length ? '-' : ' '}${each}\r\n`).join(''));
    else if (verb === 'DATA') socket.write('354 Go on\r\n');
    else if (verb === 'QUIT') socket.end('221 Bye\r\n');
    else socket.write('250 2.1.0 Ok\r\n');
  };
  const read = () => {
    if (message !== undefined) {
      if (received === '') return;
      if (message.length === 0) script.message?.(socket);
      // The last characters once more: the end may be split.
      const part = (message.pop() ?? '') + received;
      const end = part.indexOf('\r\n.\r\n');
      received = end < 0 ? '' : part.slice(end + 5);
      const length = end < 0 ? Math.max(part.length - 4, 0) : end + 2;
      message.push(part.slice(0, length), ...(end < 0 ? [part.slice(length)] : []));
      if (end < 0) return;
      const whole = message.join('');
      message = undefined;
      relay.messages.push(whole);
      dot(socket, whole);
    }
    for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
      const line = received.slice(0, end);
      received = received.slice(end + 2);
      if (command?.(line, socket) !== true) reply(line);
      if (line.toUpperCase() === 'DATA') {
        message = [];
        return read();
      }
    }
  };
  greet(socket);
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk;
    read();
  });
}
