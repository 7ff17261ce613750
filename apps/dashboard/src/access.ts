/**
 * Who may ask for what. One hook stands before every route, so that no route can forget it: whoever changes something must
 * come from our own pages, must be signed in, and must have the role that the route names. A route that names none needs a
 * viewer; `config: { role: 'anyone' }` opens one to all.
 */
import { mayActAs, type Role } from '@posthouse/access';
import type { Session, Sessions } from '@posthouse/queue';
import { HttpError, isSameOrigin } from '@posthouse/web';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PageContext } from './page-context.ts';
import { tokenOf } from './session-cookie.ts';
import type { User, Users } from './users.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role that the route needs; viewer when it names none. */
    role?: Role | 'anyone';
  }
  interface FastifyRequest {
    /** Who asks. On a route for anyone it has no user. */
    context: PageContext;
    /** Whether the session is still open: asked again by what outlives the request. */
    isSignedIn: () => Promise<boolean>;
  }
}

/** Puts the hook before every route that is registered from now on. */
export function guard(app: FastifyInstance, sessions: Sessions, users: Users): void {
  app.decorateRequest('context');
  app.decorateRequest('isSignedIn', async function (this: FastifyRequest) {
    return (await signedIn(this, sessions, users)) !== undefined;
  });
  app.addHook('onRequest', async (request, reply) => {
    request.context = new PageContext(undefined, request.cookies['zone']);
    if (!['GET', 'HEAD'].includes(request.method) && !isSameOrigin(request)) {
      throw new HttpError(
        403,
        'This did not come from a page of the dashboard',
        'Nothing was done. Go to the dashboard itself and try there.',
      );
    }
    const needed = request.routeOptions.config.role ?? 'viewer';
    if (needed === 'anyone') return;
    const user = await signedIn(request, sessions, users);
    if (user === undefined) return askToSignIn(request, reply);
    request.context = new PageContext(user, request.cookies['zone']);
    if (!mayActAs(needed, user.role)) {
      throw new HttpError(
        403,
        `This needs the role ${needed}`,
        `You are signed in as ${user.name}, with the role ${user.role}. Roles are set in DASHBOARD_USERS.`,
      );
    }
  });
}

async function signedIn(request: FastifyRequest, sessions: Sessions, users: Users): Promise<User | undefined> {
  const token = tokenOf(request);
  const session: Session | undefined = token === undefined ? undefined : await sessions.find(token);
  const user = session === undefined ? undefined : users.get(session.name);
  return user?.proof === session?.proof ? user : undefined;
}

/** A page leads to the sign-in and back again; a part of a page has the whole page go there. */
function askToSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isPart = request.headers['hx-request'] !== undefined;
  const asked = isPart ? pathOf(request.headers['hx-current-url']) : request.method === 'GET' ? request.url : '/';
  const signIn = `/login?next=${encodeURIComponent(asked)}`;
  return isPart ? reply.code(401).header('hx-redirect', signIn).send() : reply.redirect(signIn, 303);
}

function pathOf(url: string | string[] | undefined): string {
  if (typeof url !== 'string' || !URL.canParse(url)) return '/';
  const { pathname, search } = new URL(url);
  return pathname + search;
}
