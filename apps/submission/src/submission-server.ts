/** One of the two SMTP servers of a process as a service: TLS from the first byte, or after STARTTLS. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { OperatorError, Service } from '@posthouse/contract';
import { replies } from './replies.ts';
import { SmtpListener, type SubmissionParts } from './smtp-listener.ts';

/** Where a server listens. */
export interface ListenOptions {
  mode: 'tls' | 'starttls';
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** The environment variable that sets the port. */
  portVariable: string;
}

/** A port that cannot be listened on. */
class PortError extends Error implements OperatorError {
  override readonly name = 'PortError';
  readonly forOperator = true;
}

/** One of the two servers as a service. */
export class SubmissionServer implements Service {
  readonly name: string;
  readonly #parts: SubmissionParts;
  readonly #options: ListenOptions;
  #server: SmtpListener | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: SubmissionParts, options: ListenOptions) {
    this.name = `submission (${options.mode === 'tls' ? 'TLS' : 'STARTTLS'})`;
    this.#parts = parts;
    this.#options = options;
  }

  /** The port that it listens on. @throws when it does not listen */
  get port(): number {
    const address = this.#server?.server.address() as AddressInfo | null | undefined;
    if (!address) throw new Error(`${this.name} does not listen: start it first`);
    return address.port;
  }

  /** @throws PortError */
  async start(): Promise<void> {
    const { certificate, log } = this.#parts;
    const { host, port, portVariable, mode } = this.#options;
    const server = new SmtpListener(this.#parts, mode);
    try {
      await once(server.listen(port, host), 'listening');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const fix = code === 'EACCES' ? 'one from 1024 on, which needs no rights' : 'a free one';
      throw new PortError(`${this.name} cannot listen on ${host}:${port} (${message}). Set ${portVariable} to ${fix}.`);
    }
    // What a client does to its connection is no error of this process: TLS that fails, a connection that breaks off.
    server.on('error', (error: NodeJS.ErrnoException) => log.debug({ code: error.code ?? error.name }, 'connection failed'));
    certificate.onChange((changed) => server.updateSecureContext(changed));
    this.#server = server;
    log.info({ port: this.port, security: mode }, 'ready');
  }

  /** Messages that are coming in are accepted; all other connections are closed with a reply. */
  stop(): Promise<void> {
    this.#stopping ??= this.#server === undefined ? Promise.resolve() : closeListener(this.#server);
    return this.#stopping;
  }
}

async function closeListener(server: SmtpListener): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(resolve));
  for (const connection of server.sessions.values()) if (connection.isIdle) connection.end(replies.stopping());
  await closed;
}
