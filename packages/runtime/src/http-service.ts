/**
 * An HTTP server as a `Service`: builds the app, listens, logs one ready line and stops. API, dashboard and sandbox run their Fastify
 * apps through it. Its app is a structural type, so this package does not depend on Fastify.
 */
import type { AddressInfo } from 'node:net';
import type { OperatorError, Service } from '@posthouse/contract';
import type { Logger } from './logger.ts';

/** What the service needs of an app; a Fastify instance has all of it. */
export interface HttpApp {
  listen(options: { host: string; port: number; listenTextResolver: () => string }): Promise<unknown>;
  /** Called at most once. */
  close(): PromiseLike<unknown>;
  readonly server: { address(): AddressInfo | string | null };
}

/** Where to listen, and what to report. */
export interface HttpServiceOptions {
  /** Names the service in errors. */
  name: string;
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** The environment variable that sets the port; the error about a port in use names it. */
  portVariable: string;
  /** Gets the ready line: the event `ready` with `port`, `url` and `readyFields`. */
  log?: Pick<Logger, 'info'>;
  readyFields?: object;
  /** When set, a port in use is no error: this is called, and the service listens on any free port. */
  onPortInUse?: () => void;
}

/** A port that another process listens on. */
class PortInUseError extends Error implements OperatorError {
  override readonly name = 'PortInUseError';
  readonly forOperator = true;

  constructor({ name, host, port, portVariable }: HttpServiceOptions) {
    super(`${name} cannot listen on ${host}:${port}: another process uses this port. Set ${portVariable} to a free one.`);
  }
}

/** An app that listens. */
export class HttpService implements Service {
  readonly name: string;
  readonly #build: () => Promise<HttpApp>;
  readonly #options: HttpServiceOptions;
  #app: HttpApp | undefined;
  #stopping: Promise<void> | undefined;

  /** @param build makes the app without listening; called once, at the start */
  constructor(build: () => Promise<HttpApp>, options: HttpServiceOptions) {
    this.name = options.name;
    this.#build = build;
    this.#options = options;
  }

  /** The port that the service listens on. @throws when it does not listen */
  get port(): number {
    const address = this.#app?.server.address();
    if (address === null || typeof address !== 'object') throw new Error(`${this.name} does not listen: start it first`);
    return address.port;
  }

  /** @throws PortInUseError, or what `build` or the listening socket threw */
  async start(): Promise<void> {
    const { host, log, readyFields } = this.#options;
    const app = await this.#build();
    this.#app = app;
    // `stop` may have been called while the app was being built.
    if (this.#stopping !== undefined) return void (await app.close());
    await this.#listen(app);
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
    log?.info({ port: this.port, url, ...readyFields }, 'ready');
  }

  stop(): Promise<void> {
    this.#stopping ??= Promise.resolve(this.#app?.close()).then(() => undefined);
    return this.#stopping;
  }

  async #listen(app: HttpApp): Promise<void> {
    const { host, port, onPortInUse } = this.#options;
    const listen = (on: number) => app.listen({ host, port: on, listenTextResolver: () => 'listening' });
    try {
      await listen(port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (onPortInUse === undefined) throw new PortInUseError(this.#options);
      onPortInUse();
      await listen(0);
    }
  }
}

/** The part of a Fastify instance that `addHealthRoutes` needs. */
interface RoutableApp<RouteOptions> {
  get(path: string, options: RouteOptions, handler: (request: unknown, reply: HealthReply) => Promise<unknown>): unknown;
}

interface HealthReply {
  code(status: number): { send(body: object): unknown };
}

/**
 * Adds the probes of an orchestrator: `/livez` returns 200 while the process can reply, `/readyz` 200 or 503 by whether Redis can be used.
 *
 * @param redisState returns `ok`, or why Redis cannot be used, in a word and in a sentence that anyone may see, and what else the answer has
 * @param optionsOf route options of each, such as the role that it needs
 */
export function addHealthRoutes<RouteOptions>(
  app: RoutableApp<NoInfer<RouteOptions>>,
  redisState: () => Promise<{ redis: string; detail?: string }>,
  optionsOf: (route: 'livez' | 'readyz') => RouteOptions,
): void {
  app.get('/livez', optionsOf('livez'), async () => ({ status: 'ok' }));
  app.get('/readyz', optionsOf('readyz'), async (_request, reply) => {
    const state = await redisState();
    const isReady = state.redis === 'ok';
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', ...state });
  });
}
