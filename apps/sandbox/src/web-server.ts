/** The pages of the sandbox: for this machine alone, with a policy that lets nothing run or load but what is ours. */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { Service } from '@posthouse/contract';
import { type FastifyInstance, fastify } from 'fastify';
import { inboxRoutes } from './inbox-routes.tsx';
import { listenWhereFree, loopback, type PortPreference } from './port-choice.ts';
import { type SignUpParts, signUpRoutes } from './sign-up-routes.tsx';
import { answerError, HttpError } from './web-page.tsx';

/** Bytes; a nickname and an address need few. */
const largestForm = 4096;

/** Builds the pages without listening. @param tell the log */
export async function buildPages(parts: SignUpParts, tell: (line: string) => void): Promise<FastifyInstance> {
  // Pages that listen for events stay connected for as long as they are open; a stop does not wait for them.
  const answer = answerError(tell); // for a URL that cannot be read, too
  const app = fastify({ forceCloseConnections: true, bodyLimit: largestForm, frameworkErrors: (...what) => void answer(...what) });
  app.setErrorHandler(answer);
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
  await app.register(formbody, { bodyLimit: largestForm });
  await app.register(files, { root: fileURLToPath(new URL('../assets', import.meta.url)), prefix: '/assets/', index: false });
  await app.register(signUpRoutes(parts));
  await app.register(inboxRoutes(parts.inbox));
  return app;
}

/** The pages as a service that listens. */
export class WebServer implements Service {
  readonly name = 'pages';
  readonly #build: () => Promise<FastifyInstance>;
  readonly #preference: PortPreference;
  #app: FastifyInstance | undefined;

  constructor(build: () => Promise<FastifyInstance>, preference: PortPreference) {
    this.#build = build;
    this.#preference = preference;
  }

  get port(): number {
    if (this.#app === undefined) throw new Error('The pages have no port yet: start them first');
    return (this.#app.server.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    const app = await this.#build();
    this.#app = app;
    await listenWhereFree(this.#preference, (port) => app.listen({ host: loopback, port }));
  }

  async stop(): Promise<void> {
    await this.#app?.close();
  }
}
