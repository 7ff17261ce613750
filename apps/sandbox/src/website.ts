/** The sandbox's web server: sign-up and inbox, reachable from this machine only, with a policy that runs and loads only our own files. */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { Service } from '@posthouse/contract';
import { type FastifyInstance, fastify } from 'fastify';
import { inboxRoutes } from './inbox/inbox-routes.tsx';
import { listenOnPreferredPort, loopback, type PortPreference } from './processes/port-preference.ts';
import { type SignUpParts, signUpRoutes } from './sign-up/sign-up-routes.tsx';
import { HttpError, sendErrorPage } from './site/error-page.tsx';

/** A nickname and an address need few. */
const maxFormBytes = 4096;

/** Creates the server without listening. @param log writes a line to the terminal */
export async function createWebsite(parts: SignUpParts, log: (line: string) => void): Promise<FastifyInstance> {
  const onError = sendErrorPage(log);
  const app = fastify({
    bodyLimit: maxFormBytes,
    // Pages with live updates stay connected while they are open; stopping does not wait for them.
    forceCloseConnections: true,
    // For a URL that cannot be parsed.
    frameworkErrors: (...args) => void onError(...args),
  });
  app.setErrorHandler(onError);
  app.setNotFoundHandler(() => {
    throw new HttpError(404);
  });
  await app.register(helmet, {
    strictTransportSecurity: false,
    originAgentCluster: false,
    // With no-referrer, a browser that lacks Sec-Fetch-Site would send its own form with `Origin: null`.
    referrerPolicy: { policy: 'same-origin' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'connect-src': ["'self'"],
        'frame-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
  });
  app.removeAllContentTypeParsers();
  await app.register(formbody, { bodyLimit: maxFormBytes });
  await app.register(files, { root: fileURLToPath(new URL('../assets', import.meta.url)), prefix: '/assets/', index: false });
  await app.register(signUpRoutes(parts));
  await app.register(inboxRoutes(parts.inbox));
  return app;
}

/** The website as a service that listens. */
export class Website implements Service {
  readonly name = 'pages';
  readonly #create: () => Promise<FastifyInstance>;
  readonly #preference: PortPreference;
  #app: FastifyInstance | undefined;

  constructor(create: () => Promise<FastifyInstance>, preference: PortPreference) {
    this.#create = create;
    this.#preference = preference;
  }

  get port(): number {
    if (this.#app === undefined) throw new Error('The pages have no port yet: start them first');
    return (this.#app.server.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    const app = await this.#create();
    this.#app = app;
    await listenOnPreferredPort(this.#preference, (port) => app.listen({ host: loopback, port }));
  }

  async stop(): Promise<void> {
    await this.#app?.close();
  }
}
