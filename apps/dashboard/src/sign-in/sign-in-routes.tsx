/** Sign-in and sign-out. An unknown user and a wrong password get the same answer, after the same time. */
import { AuditLog, type RequestConnection, Sessions, sessionIdOf } from '@posthouse/queue';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { localPath } from '../ui/local-path.ts';
import { text } from '../ui/translate.ts';
import type { Accounts } from './accounts.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { PasswordCheck } from './password-check.ts';
import { clearSessionCookie, startSession, tokenOf } from './session.ts';
import { SignInPage } from './sign-in-page.tsx';

const wrongPassword = { title: text('Wrong name or password') };

const withoutSignIn = { config: { role: 'anyone' } } as const;

/** @returns the routes `/login` and `/logout`, as a plugin */
export function signInRoutes(
  connection: RequestConnection,
  accounts: Accounts,
  passwords: PasswordCheck,
  oidc?: OidcSettings,
): FastifyPluginAsync {
  const sessions = new Sessions(connection);
  const audit = new AuditLog(connection);
  return async (app) => {
    app.get<{ Querystring: { next?: unknown } }>('/login', withoutSignIn, async (request, reply) => {
      // Without Redis, the page says so once somebody signs in.
      const withoutUsers = oidc === undefined && (await accounts.isEmpty().catch(() => false));
      return await sendPage(
        reply,
        <SignInPage context={request.context} next={localPath(request.query.next)} oidc={oidc} withoutUsers={withoutUsers} />,
      );
    });

    app.post('/login', withoutSignIn, async (request, reply) => {
      const { name, password, next } = formOf(request);
      const user = await passwords.verify({ address: request.ip, name, password }, 'sign-in rejected');
      if (user === undefined) {
        request.log.warn('sign-in rejected');
        return sendPage(
          reply.code(401),
          <SignInPage context={request.context} next={next} name={name} rejection={wrongPassword} oidc={oidc} />,
        );
      }
      await audit.append({ who: user.name, role: user.role, action: 'sign in' }, 'sign-ins');
      await accounts.directory.noteSignIn(user.name);
      await startSession(request, reply, sessions, { name: user.name, roleSource: 'users', proof: user.proof });
      return reply.redirect(next, 303);
    });

    app.post('/logout', withoutSignIn, async (request, reply) => {
      const token = tokenOf(request);
      const session = token === undefined ? undefined : await sessions.find(token);
      if (token !== undefined) await sessions.end(sessionIdOf(token));
      clearSessionCookie(request, reply);
      // Of the provider nobody is signed out; that page says so.
      return reply.redirect(session?.roleSource === 'provider' && oidc !== undefined ? '/login/oidc/signed-out' : '/login', 303);
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
