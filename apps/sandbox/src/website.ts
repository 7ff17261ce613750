/** The sandbox's website: sign-up and inbox, reachable from this machine only. */
import type { AddressInfo } from 'node:net';
import type { Service } from '@posthouse/contract';
import { assetRoutes, createWebApp } from '@posthouse/web';
import type { FastifyInstance } from 'fastify';
import { inboxRoutes } from './inbox/inbox-routes.tsx';
import { listenOnPreferredPort, loopback, type PortPreference } from './processes/port-preference.ts';
import { type SignUpParts, signUpRoutes } from './sign-up/sign-up-routes.tsx';
import { siteErrorHandler } from './site/error-page.tsx';

/** A nickname and an address need few. */
const maxFormBytes = 4096;

/** Creates the website without listening; tests send requests to it with `inject`. */
export async function createWebsite(parts: SignUpParts): Promise<FastifyInstance> {
  const app = await createWebApp({ maxFormBytes, errorHandler: siteErrorHandler(parts.log) });
  await app.register(assetRoutes({ folder: new URL('../assets', import.meta.url) }));
  await app.register(signUpRoutes(parts));
  await app.register(inboxRoutes(parts.inbox, parts.log));
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
