/** The measuring SMTP server: a process of its own, over TLS. It counts messages, notes when they arrive, and keeps nothing of them. */
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { IssuedCertificate } from '@posthouse/devkit';
import { serveParent, sharedClock } from './child.ts';
import { SmtpSession } from './smtp-session.ts';

const sockets = new Set<TLSSocket>();
/** Arrival by recipient, while arrivals are noted. */
let arrivals: Map<string, number> | undefined;
let count = 0;

const listener = {
  delayMs: 0,
  onMessage(recipient: string) {
    count += 1;
    arrivals?.set(recipient, sharedClock());
  },
};

const server = createServer((socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  new SmtpSession(socket, listener);
});

const methods = {
  /** @returns the port on loopback */
  start: async ({ certPem, keyPem }: IssuedCertificate) => {
    server.setSecureContext({ cert: certPem, key: keyPem });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
  /** Messages so far. */
  count: () => count,
  setDelay: (ms: number) => {
    listener.delayMs = ms;
  },
  /** From here on notes when the message to each recipient arrives. */
  noteArrivals: () => {
    arrivals = new Map();
  },
  /** Those noted so far, by recipient; ms of the shared clock. */
  arrivals: () => arrivals ?? new Map<string, number>(),
  /** Closes every connection, as a relay does with those that are not used. */
  dropConnections: () => {
    for (const socket of sockets) socket.end();
  },
};

/** What its parent can call. */
export type SmtpSink = typeof methods;

serveParent(methods, () => {
  server.close();
  for (const socket of sockets) socket.destroy();
});
