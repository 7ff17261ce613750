/** `/account`: a user changes the password and ends sessions. `/sessions/<id>/end` ends one: of the user, or for an admin of anybody. */
import { hashPassword } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import { AuditLog, DirectoryError, type RequestConnection, type Session, Sessions } from '@posthouse/queue';
import { consumeFlash, HttpError, sendPage, setFlash } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { type Accounts, proofOf, type User } from '../sign-in/accounts.ts';
import type { PasswordCheck } from '../sign-in/password-check.ts';
import { startSession } from '../sign-in/session.ts';
import { directoryAdvice } from '../ui/directory-advice.ts';
import { localPath } from '../ui/local-path.ts';
import { actorOf } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import { AccountPage, type PasswordErrors } from './account-page.tsx';

const withTemporaryPassword = { config: { withTemporaryPassword: true } } as const;
const here = '/account';

interface Form {
  Body: Record<string, unknown> | undefined;
}

type ChangedPassword = { hash: string; errors?: never } | { hash?: never; errors: PasswordErrors };

/** @returns the routes, as a plugin */
export function accountRoutes(connection: RequestConnection, accounts: Accounts, passwords: PasswordCheck): FastifyPluginAsync {
  const sessions = new Sessions(connection);
  const audit = new AuditLog(connection);

  return async (app) => {
    app.get(here, withTemporaryPassword, async (request, reply) => {
      const isChanged = consumeFlash(request, reply, here) !== undefined;
      return await sendAccount(request, reply, { isChanged });
    });

    app.post<Form>('/account/password', withTemporaryPassword, async (request, reply) => {
      const user = await requireOwnPassword(request);
      const { errors, hash } = await changePassword(request, user);
      if (hash === undefined) return await sendAccount(request, reply.code(400), { errors });
      await sessions.endAll(user.name);
      // Of this very password: an admin may have reset it since.
      await startSession(request, reply, sessions, { name: user.name, roleSource: 'users', proof: proofOf(hash) });
      setFlash(request, reply, { path: here, message: 'changed', lifetimeMs: connection.timings.dashboard.flash });
      return reply.redirect(here, 303);
    });

    app.post('/account/sessions/end', async (request, reply) => {
      const by = actorOf(request);
      const ended = await sessions.endAll(by.who, request.sessionId);
      await audit.append({ ...by, action: 'end sessions', target: by.who, detail: `${ended} ended` });
      return reply.redirect(here, 303);
    });

    app.post<Form & { Params: { id: string } }>('/sessions/:id/end', async (request, reply) => {
      const session = (await sessions.list()).find(({ id }) => id === request.params.id);
      const by = actorOf(request);
      if (session === undefined || (session.name !== by.who && !request.context.may('admin')))
        throw new HttpError(404, t('Session not found'), t('It may have ended already.'));
      await sessions.end(session.id);
      await audit.append({ ...by, action: 'end session', target: session.name, detail: describe(session) });
      return reply.redirect(localPath(request.body?.['from']), 303);
    });
  };

  /** @throws HttpError where the password of the user is not in Redis */
  async function requireOwnPassword(request: FastifyRequest): Promise<User> {
    const user = await accounts.find(actorOf(request).who);
    if (user?.keptIn === 'redis') return user;
    throw new HttpError(409, t('The password is not kept in Redis'), t('The page Account says where it is kept and how to change it.'));
  }

  /** @returns the hash of the new password, or what is wrong in the form, where nothing was changed */
  async function changePassword(request: FastifyRequest<Form>, user: User): Promise<ChangedPassword> {
    const [current, password, repeat] = ['current', 'password', 'repeat'].map((name) => {
      const value = request.body?.[name];
      return typeof value === 'string' ? value : '';
    }) as [string, string, string];
    if (password !== repeat) return { errors: { repeat: t('Not the same as above') } };
    const verified = await passwords.verify({ address: request.ip, name: user.name, password: current }, 'password change rejected');
    if (verified === undefined) return { errors: { current: t('Wrong password') } };
    if (password === current) return { errors: { password: t('The same as the present password') } };
    try {
      const hash = await hashPassword(password);
      const changed = { hash, isTemporary: false };
      await accounts.directory.setPassword(user.name, changed, actorOf(request), 'change password', verified.hash);
      return { hash };
    } catch (error) {
      if (error instanceof RangeError)
        return { errors: { password: t('A password has {min} to {max} characters.', limits.passwordLength) } };
      if (error instanceof DirectoryError) throw new HttpError(409, t('The password was not changed'), directoryAdvice(error, user.name));
      throw error;
    }
  }

  async function sendAccount(
    request: FastifyRequest,
    reply: FastifyReply,
    more: { errors: PasswordErrors } | { isChanged: boolean },
  ): Promise<FastifyReply> {
    const { who, role } = actorOf(request);
    const found = await accounts.find(who);
    const user = found ?? ({ name: who, role, isTemporary: false, keptIn: 'provider' } as const);
    const own = (await sessions.list()).filter(({ name }) => name === user.name);
    return await sendPage(
      reply,
      <AccountPage context={request.context} user={user} sessions={own} current={request.sessionId} {...more} />,
    );
  }
}

function describe({ browser, address }: Session): string {
  return `${browser}, ${address}`;
}
