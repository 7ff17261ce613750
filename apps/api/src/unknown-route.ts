/** Answers requests that no route takes: 405 with Allow where the path has routes of other methods (RFC 9110 section 15.5.6), else 404. */
import { similarName } from '@posthouse/contract';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';

/** Call it before the routes are registered. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ method, url }) => {
    const known = methods.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    methods.set(url, known);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] as string;
    const allowed = new Set([...methods].filter(([pattern]) => matches(pattern, path)).flatMap(([, known]) => [...known]));
    if (allowed.size === 0) {
      const meant = ['', '/v1'].map((prefix) => similarName(prefix + path, methods.keys())).find((route) => route !== undefined);
      const advice = meant === undefined ? '' : ` Did you mean ${meant}?`;
      throw new Problem('not-found', `No route for this path.${advice} /docs lists all of them.`);
    }
    const allow = [...allowed].sort().join(', ');
    reply.header('allow', allow);
    throw new Problem('method-not-allowed', `This path takes ${allow}. /docs lists all routes.`);
  });
}

/** @param pattern the path of a route, with parameters as `:id` */
function matches(pattern: string, path: string): boolean {
  const [expected, given] = [pattern.split('/'), path.split('/')];
  return expected.length === given.length && expected.every((part, n) => part === given[n] || (part.startsWith(':') && given[n] !== ''));
}
