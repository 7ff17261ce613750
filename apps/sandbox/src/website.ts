/** The sandbox's website: sign-up and inbox, reachable from this machine only. */
import cookie from '@fastify/cookie';
import { defaultPorts, timings } from '@posthouse/contract';
import { HttpService } from '@posthouse/runtime';
import { assetRoutes, createWebApp } from '@posthouse/web';
import type { FastifyInstance } from 'fastify';
import { inboxRoutes } from './inbox/inbox-routes.tsx';
import { loopback, portInUseWarning } from './processes/port-preference.ts';
import { type SignUpParts, signUpRoutes } from './sign-up/sign-up-routes.tsx';
import { siteErrorHandler } from './site/error-page.tsx';
import { keepLanguage } from './site/page-context.ts';

/** A nickname and an address need few. */
const maxFormBytes = 4096;

/** Creates the website without listening; tests send requests to it with `inject`. */
export async function createWebsite(parts: SignUpParts): Promise<FastifyInstance> {
  const app = await createWebApp({ maxFormBytes, timings: timings.http, errorHandler: siteErrorHandler(parts.log) });
  await app.register(cookie);
  keepLanguage(app);
  await app.register(assetRoutes({ folder: new URL('../assets', import.meta.url) }));
  await app.register(signUpRoutes(parts));
  await app.register(inboxRoutes(parts.inbox, parts.log));
  return app;
}

/** The website as a service. @param configuredPort when undefined: 3080, or any free port if that is in use */
export function websiteService(parts: SignUpParts, configuredPort: number | undefined): HttpService {
  const onPortInUse = () => parts.log(portInUseWarning('the sign-up page', defaultPorts.sandbox));
  return new HttpService(() => createWebsite(parts), {
    name: 'pages',
    host: loopback,
    port: configuredPort ?? defaultPorts.sandbox,
    portVariable: 'SANDBOX_PORT',
    ...(configuredPort === undefined && { onPortInUse }),
  });
}
