/** Sign-in and sign-out. An unknown user and a wrong password get the same answer, after the same time. */
import { verifyPassword } from '@posthouse/access';
import { AuditLog, type RequestConnection, Sessions } from '@posthouse/queue';
import { Notice, sendPage, TextField } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { clearSessionCookie, setSessionCookie, tokenOf } from './session.ts';
import { SignInLimiter } from './sign-in-limiter.ts';
import type { Users } from './users.ts';

const withoutSignIn = { config: { role: 'anyone' } } as const;

/** @returns the routes `/login` and `/logout`, as a plugin */
export function signInRoutes(connection: RequestConnection, users: Users): FastifyPluginAsync {
  const sessions = new Sessions(connection);
  const audit = new AuditLog(connection);
  const sessionMs = connection.retention.session;
  const limiter = new SignInLimiter(connection.timings.dashboard);
  return async (app) => {
    app.get<{ Querystring: { next?: unknown } }>('/login', withoutSignIn, (request, reply) =>
      sendPage(reply, <SignInPage context={request.context} next={localPath(request.query.next)} name="" rejected={false} />),
    );

    app.post('/login', withoutSignIn, async (request, reply) => {
      const { name, password, next } = formOf(request);
      const user = users.get(name);
      const isCorrect = await limiter.attempt(request.ip, name, () => verifyPassword(password, user?.hash));
      if (user === undefined || !isCorrect) {
        request.log.warn('sign-in rejected');
        return sendPage(reply.code(401), <SignInPage context={request.context} next={next} name={name} rejected={true} />);
      }
      await audit.append({ who: user.name, role: user.role, action: 'sign in' });
      const token = await sessions.open(user, sessionMs);
      setSessionCookie(request, reply, token, sessionMs);
      return reply.redirect(next, 303);
    });

    app.post('/logout', withoutSignIn, async (request, reply) => {
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

/** Where to go after sign-in: a path of this site, or `/`. A browser reads `//host` and `/\host` as another site, and so does URL. */
function localPath(next: unknown): string {
  const here = 'http://here.invalid';
  if (typeof next !== 'string' || !next.startsWith('/') || !URL.canParse(next, here)) return '/';
  const { origin, pathname, search } = new URL(next, here);
  return origin === here && !pathname.startsWith('//') ? pathname + search : '/';
}

/** @param next the path to go to after sign-in @param rejected whether an attempt with this name has just failed */
function SignInPage(props: { context: PageContext; next: string; name: string; rejected: boolean }): JSX.Element {
  const { context, next, name, rejected } = props;
  return (
    <Layout context={context} title="Sign in" assets={['sign-in.css']}>
      <form class="card sign-in" method="post" action="/login">
        <span class="lamp" aria-hidden="true"></span>
        <h1>Sign in</h1>
        {rejected && <Notice tone="bad" title="Wrong name or password" />}
        <input type="hidden" name="next" value={next} />
        <TextField name="name" label="Name" value={name} autocomplete="username" required />
        <TextField name="password" label="Password" type="password" autocomplete="current-password" required />
        <button type="submit" class="button">
          Sign in
        </button>
        <p class="muted">
          No account? An administrator of Posthouse creates one with <code class="code">npm run users -- anne</code>
        </p>
      </form>
    </Layout>
  );
}
