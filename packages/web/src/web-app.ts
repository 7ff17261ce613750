/** A Fastify instance for web pages: security headers, form parsing and error pages. */
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import type { HttpTimings } from '@posthouse/contract';
import { addRequestLimits, answerUnreadable, httpServerOptions } from '@posthouse/runtime';
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify';
import { type ErrorHandler, HttpError } from './error-handler.ts';

/** What differs between two web apps. */
export interface WebAppOptions {
  /** Size of the largest form that is read, in bytes. */
  maxFormBytes: number;
  timings: HttpTimings;
  errorHandler: ErrorHandler;
  /** The error for a path without a route. */
  notFound?: () => HttpError;
  /** Further options of Fastify: logging, trusted proxies. */
  server?: Pick<FastifyServerOptions, 'loggerInstance' | 'logController' | 'trustProxy'>;
}

/** Only our own files are loaded, run, framed or sent to, and no other site can frame a page of ours. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'frame-src': ["'self'"],
    'form-action': ["'self'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
};

/** What a browser never sends has no page, but plain words. */
const unreadableTexts = {
  400: 'This is not a valid HTTP request.',
  408: 'The request came too slowly. Try again.',
  431: 'The headers of the request are too long. Delete the cookies of this site and try again.',
} as const;

/** Builds the app without listening. It has no route yet; register `assetRoutes` and the pages. */
export async function createWebApp({ maxFormBytes, timings, errorHandler, notFound, server }: WebAppOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    ...server,
    ...httpServerOptions(timings),
    bodyLimit: maxFormBytes,
    // An unreadable URL never reaches a hook, but its error has a page too.
    frameworkErrors: (error, request, reply) => void errorHandler(error, request, reply),
    clientErrorHandler: answerUnreadable(({ status }) => ({ type: 'text/plain; charset=utf-8', body: `${unreadableTexts[status]}\n` })),
    // A page with an event stream stays connected while it is open; a stop does not wait for it.
    forceCloseConnections: true,
  });
  addRequestLimits(app, timings);
  app.setErrorHandler(errorHandler);
  app.setNotFoundHandler(() => {
    throw notFound?.() ?? new HttpError(404);
  });
  await app.register(helmet, {
    // TLS and its guarantees belong to the proxy in front.
    strictTransportSecurity: false,
    originAgentCluster: false,
    // With no-referrer, a browser without Sec-Fetch-Site would send our own forms with `Origin: null`.
    referrerPolicy: { policy: 'same-origin' },
    contentSecurityPolicy,
  });
  app.removeAllContentTypeParsers();
  await app.register(formbody, { bodyLimit: maxFormBytes });
  return app;
}
