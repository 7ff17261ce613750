/** Single sign-on: to the provider, back from it, and the page after signing out. */

import { limits } from '@posthouse/contract';
import { AuditLog, type RequestConnection, Sessions, UsedNonces } from '@posthouse/queue';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { Layout } from '../ui/layout.tsx';
import { localPath } from '../ui/local-path.ts';
import type { PageContext } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import { callbackPath, OidcClient } from './oidc-client.ts';
import { PendingSignInCookie } from './oidc-cookie.ts';
import { OidcRefusal } from './oidc-refusals.ts';
import { type OidcSettings, oidcProof } from './oidc-settings.ts';
import { startSession } from './session.ts';
import { SignInPage } from './sign-in-page.tsx';

const withoutSignIn = { config: { role: 'anyone' } } as const;

/** @returns the routes below `/login/oidc`, as a plugin */
export function oidcRoutes(connection: RequestConnection, settings: OidcSettings): FastifyPluginAsync {
  const timings = connection.timings.dashboard.oidc;
  const client = new OidcClient(settings, timings);
  const cookie = new PendingSignInCookie(connection.sealer, settings.dashboardUrl);
  const sessions = new Sessions(connection);
  const used = new UsedNonces(connection);
  const audit = new AuditLog(connection);

  return async (app) => {
    app.get<{ Querystring: { next?: unknown } }>('/login/oidc', withoutSignIn, async (request, reply) => {
      const next = localPath(request.query.next);
      try {
        const secrets = client.newSignIn();
        const url = await client.authorizationUrl(secrets);
        const short = next.length > limits.oidc.pathLength ? '/' : next;
        cookie.set(reply, { ...secrets, next: short, expiresAt: Date.now() + timings.signIn }, timings.signIn);
        return reply.header('cache-control', 'no-store').redirect(url, 303);
      } catch (error) {
        return refuse(request, reply, error as Error, next);
      }
    });

    app.get<{ Querystring: { state?: unknown } }>(callbackPath, withoutSignIn, async (request, reply) => {
      const pending = cookie.read(request);
      try {
        if (pending === undefined) throw new OidcRefusal('state-missing');
        if (request.query.state !== pending.state) throw new OidcRefusal('state-mismatch');
        cookie.clear(reply);
        const user = await client.userOf(request.url, pending);
        if (!(await used.add(pending.nonce, timings.signIn))) throw new OidcRefusal('state-used');
        const detail = `OpenID Connect, sub ${user.subject}`;
        await audit.append({ who: user.name, role: user.role, action: 'sign in', detail }, 'sign-ins');
        const session = { name: user.name, roleSource: 'provider', role: user.role, proof: oidcProof(settings) } as const;
        await startSession(request, reply, sessions, session);
        return sendPage(reply, <SignedInPage context={request.context} next={pending.next} />);
      } catch (error) {
        if (error instanceof OidcRefusal) {
          const user = error.who === undefined ? undefined : { name: error.who, role: 'no role' };
          await audit.countFailedSignIn({ user, action: `sign-in refused: ${error.code}`, detail: request.ip });
        }
        return refuse(request, reply, error as Error, pending?.next ?? '/');
      }
    });

    app.get('/login/oidc/signed-out', withoutSignIn, async (request, reply) =>
      sendPage(reply, <SignedOutPage context={request.context} endSessionUrl={await client.endSessionUrl()} />),
    );
  };

  /** The sign-in page with the reason; local users can sign in on it. @throws what is not a refusal */
  async function refuse(request: FastifyRequest, reply: FastifyReply, error: Error, next: string): Promise<FastifyReply> {
    if (!(error instanceof OidcRefusal)) throw error;
    const { code, detail, statusCode } = error;
    request.log.warn({ reason: code, detail }, 'single sign-on refused');
    return sendPage(reply.code(statusCode), <SignInPage context={request.context} next={next} rejection={error} oidc={settings} />);
  }
}

/**
 * A browser does not send the session's strict cookie with a redirect that began on another site, but it does with a request that this page
 * makes.
 */
function SignedInPage({ context, next }: { context: PageContext; next: string }): JSX.Element {
  return (
    <Layout context={context} title={t('Signed in')} assets={['sign-in.css']} goTo={next}>
      <section class="card sign-in">
        <h1 safe>{t('Signed in')}</h1>
        <a class="button" href={next} safe>
          {t('Continue')}
        </a>
      </section>
    </Layout>
  );
}

function SignedOutPage({ context, endSessionUrl }: { context: PageContext; endSessionUrl: string | undefined }): JSX.Element {
  return (
    <Layout context={context} title={t('Signed out')} assets={['sign-in.css']}>
      <section class="card sign-in">
        <span class="lamp off" aria-hidden="true"></span>
        <h1 safe>{t('Signed out')}</h1>
        <p class="muted" safe>
          {t('You are signed out of this dashboard. At the provider of single sign-on you may still be signed in.')}
        </p>
        {endSessionUrl !== undefined && (
          <a class="button" href={endSessionUrl} safe>
            {t('Sign out of the provider too')}
          </a>
        )}
        <a class="button quiet" href="/login" safe>
          {t('Sign in again')}
        </a>
      </section>
    </Layout>
  );
}
