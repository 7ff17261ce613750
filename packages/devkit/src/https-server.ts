/** An HTTPS server on a free port of the loopback address, with a certificate of a temporary authority. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CertificateAuthority } from './certificate-authority.ts';

/** One server; to run it again, start it again. */
export class HttpsServer {
  readonly #respond: RequestListener;
  #server: Server | undefined;

  constructor(respond: RequestListener) {
    this.#respond = respond;
  }

  /** Its port, while it is running. */
  get port(): number {
    if (this.#server === undefined) throw new Error('This server has no port yet: start it first');
    return (this.#server.address() as AddressInfo).port;
  }

  async start(ca: CertificateAuthority): Promise<void> {
    const { certPem, keyPem } = await ca.issue({ hosts: ['localhost', '127.0.0.1'] });
    this.#server = createServer({ cert: certPem, key: keyPem }, this.#respond).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Closes every connection. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
