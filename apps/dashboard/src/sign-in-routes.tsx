/** Signing in and out. Who is not known and whose password is wrong are told the same, after the same time. */

import rateLimit from '@fastify/rate-limit';
import { verifyPassword } from '@posthouse/access';
import type { AuditLog, Sessions } from '@posthouse/queue';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { SignInPage } from './pages/sign-in-page.tsx';
import { clearSessionCookie, setSessionCookie, tokenOf } from './session-cookie.ts';
import type { Users } from './users.ts';

/** ms that a session lasts. */
const sessionLasts = 12 * 60 * 60 * 1000;

/** Tries that one address, and one name, may make within 5 minutes. */
const tries = { address: 20, name: 10 };

/** How long tries are remembered, in ms; and of how many addresses and names: of more than somebody can make up to have one forgotten. */
const memory = { timeWindow: 5 * 60 * 1000, cache: 50_000 };

const open = { config: { role: 'anyone' } } as const;

/** The routes. */
export function signInRoutes(sessions: Sessions, users: Users, audit: AuditLog): FastifyPluginAsync {
  return async (app) => {
    await app.register(rateLimit, { global: false });
    const limits = [
      app.createRateLimit({ max: tries.address, ...memory }),
      app.createRateLimit({ max: tries.name, ...memory, keyGenerator: (request) => formOf(request).name }),
    ];

    app.get<{ Querystring: { next?: unknown } }>('/login', open, (request, reply) =>
      sendPage(reply, <SignInPage context={request.context} next={localPath(request.query.next)} name="" refused={false} />),
    );

    app.post('/login', open, async (request, reply) => {
      for (const check of limits) {
        const limit = await check(request);
        if (!limit.isAllowed && limit.isExceeded) {
          reply.header('retry-after', String(limit.ttlInSeconds));
          throw new HttpError(429, 'Too many tries to sign in', `Wait ${Math.ceil(limit.ttlInSeconds / 60)} min., then try again.`);
        }
      }
      const { name, password, next } = formOf(request);
      const user = users.get(name);
      const isTheirs = await verifyPassword(password, user?.hash);
      if (user === undefined || !isTheirs) {
        request.log.warn('a sign-in was refused');
        return sendPage(reply.code(401), <SignInPage context={request.context} next={next} name={name} refused={true} />);
      }
      await audit.append({ who: user.name, role: user.role, action: 'sign in' });
      const token = await sessions.open(user, sessionLasts);
      setSessionCookie(request, reply, token, sessionLasts);
      return reply.redirect(next, 303);
    });

    app.post('/logout', open, async (request, reply) => {
      const token = tokenOf(request);
      if (token !== undefined) await sessions.close(token);
      clearSessionCookie(request, reply);
      return reply.redirect('/login', 303);
    });
  };
}

function formOf({ body }: FastifyRequest): { name: string; password: string; next: string } {
  const { name, password, next } = (body ?? {}) as Record<string, unknown>;
  return {
    name: typeof name === 'string' ? name.trim() : '',
    password: typeof password === 'string' ? password : '',
    next: localPath(next),
  };
}

/** Where to go after signing in: a path of ours, or the start. A browser reads `//host` and `/\host` as another site, and so does URL. */
function localPath(next: unknown): string {
  const here = 'http://here.invalid';
  if (typeof next !== 'string' || !next.startsWith('/') || !URL.canParse(next, here)) return '/';
  const { origin, pathname, search } = new URL(next, here);
  return origin === here && !pathname.startsWith('//') ? pathname + search : '/';
}
