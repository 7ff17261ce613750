/**
 * Access control. One hook runs before every route, so that no route can be forgotten: a request that changes something must come from our
 * own pages, its user must be signed in, and the user must have the role that the route requires. A route without a role requires
 * viewer; `config: { role: 'anyone' }` opens a route to everyone.
 */
import { mayActAs } from '@posthouse/access';
import type { Sessions } from '@posthouse/queue';
import { HttpError, isSameOrigin } from '@posthouse/web';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../sign-in/accounts.ts';
import { signedIn } from '../sign-in/session.ts';
import { roleName } from '../ui/known-texts.ts';
import { PageContext } from '../ui/page-context.ts';
import type { SystemStatusReader } from '../ui/system-status.ts';
import { t } from '../ui/translate.ts';

/**
 * Adds the hook; it runs for every route that is registered afterwards.
 * @param status read for the notices of each page
 */
export function requireAccess(app: FastifyInstance, sessions: Sessions, accounts: Accounts, status: SystemStatusReader): void {
  app.decorateRequest('context');
  app.decorateRequest('sessionId', '');
  app.decorateRequest('isSignedIn', async function (this: FastifyRequest) {
    const user = (await signedIn(this, sessions, accounts))?.user;
    // With another role the page has to be loaded again, because it shows other things.
    return user !== undefined && user.role === this.context.user?.role;
  });
  app.addHook('onRequest', async (request, reply) => {
    const zone = request.cookies['zone'];
    request.context = new PageContext(undefined, zone);
    if (!['GET', 'HEAD'].includes(request.method) && !isSameOrigin(request)) {
      throw new HttpError(403, t('Request from another site'), t('Nothing was changed. Open the dashboard and try again there.'));
    }
    const required = request.routeOptions.config.role ?? 'viewer';
    if (required === 'anyone') return;
    const { user, session } = (await signedIn(request, sessions, accounts)) ?? {};
    if (user === undefined || session === undefined) return redirectToSignIn(request, reply);
    request.context = new PageContext(user, zone);
    request.sessionId = session.id;
    if (user.isTemporary && request.routeOptions.config.withTemporaryPassword !== true) return redirect(request, reply, '/account');
    if (!mayActAs(required, user.role)) {
      throw new HttpError(
        403,
        t('This requires the role {role}', { role: roleName(required) }),
        t('You are signed in as {name} with the role {role}. An admin can change it.', { name: user.name, role: roleName(user.role) }),
      );
    }
    // Without them the page itself says what is wrong.
    if (request.method === 'GET') request.context.status = await status.read().catch(() => undefined);
  });
}

/** A page redirects to the sign-in and back. */
function redirectToSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isPart = request.headers['hx-request'] !== undefined;
  const next = isPart ? pathOf(request.headers['hx-current-url']) : request.method === 'GET' ? request.url : '/';
  return redirect(request, reply, `/login?next=${encodeURIComponent(next)}`);
}

/** Redirects the page; for a request by htmx the whole page, not a part of it. */
function redirect({ headers }: FastifyRequest, reply: FastifyReply, url: string): FastifyReply {
  return headers['hx-request'] === undefined ? reply.redirect(url, 303) : reply.code(401).header('hx-redirect', url).send();
}

function pathOf(url: string | string[] | undefined): string {
  if (typeof url !== 'string' || !URL.canParse(url)) return '/';
  const { pathname, search } = new URL(url);
  return pathname + search;
}
