/** `/users`: users in Redis, made, changed and removed; those of DASHBOARD_USERS are listed. For admins. A generated password is in one answer; nothing keeps it. */
import { createPassword, hashPassword, isValidName, type Role, roles } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import { AuditLog, DirectoryError, type RequestConnection, Sessions } from '@posthouse/queue';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../sign-in/accounts.ts';
import { directoryAdvice } from '../ui/directory-advice.ts';
import { actorOf } from '../ui/page-context.ts';
import { ShownOncePage } from '../ui/shown-once-page.tsx';
import { t } from '../ui/translate.ts';
import { type ListedUser, type UserForm, type UserList, UserListPage } from './user-list-page.tsx';
import { RemovePage, UserPage } from './user-page.tsx';

const forAdmins = { config: { role: 'admin' } } as const;

interface UserRequest {
  Params: { name: string };
  Body: Record<string, unknown> | undefined;
}

/** @returns the routes, as a plugin */
export function userRoutes(connection: RequestConnection, accounts: Accounts): FastifyPluginAsync {
  const { configured, directory } = accounts;
  const sessions = new Sessions(connection);
  const audit = new AuditLog(connection);

  return async (app) => {
    app.get('/users', forAdmins, (request, reply) => sendList(request, reply, { name: '', role: 'viewer' }));

    app.post<UserRequest>('/users', forAdmins, async (request, reply) => {
      const form: UserForm = { name: textIn(request.body, 'name').trim(), role: textIn(request.body, 'role') };
      const { name } = form;
      const role = roleIn(form.role);
      if (!isValidName(name)) form.nameError = t('1 to 64 letters, digits, dots, dashes and underscores');
      else if (configured.has(name)) form.nameError = t('DASHBOARD_USERS has this name');
      const password = await passwordIn(request);
      if (typeof password === 'string') form.passwordError = password;
      else if (form.nameError === undefined) {
        const { hash, generated } = password;
        const isCreated = await directory.create(name, role, { hash, isTemporary: true }, actorOf(request)).then(
          () => true,
          (error: Error) => {
            if (!(error instanceof DirectoryError)) throw error;
            form.nameError = directoryAdvice(error, name);
            return false;
          },
        );
        if (isCreated) return await sendPassword(request, reply, name, generated);
      }
      return await sendList(request, reply.code(400), form);
    });

    app.get<UserRequest>('/users/:name', forAdmins, (request, reply) => sendUser(request, reply));

    app.post<UserRequest>('/users/:name/role', forAdmins, async (request, reply) => {
      const { name } = request.params;
      const role = roleIn(textIn(request.body, 'role'));
      await asHttpError(name, directory.setRole(name, role, actorOf(request), configured));
      return reply.redirect(`/users/${encodeURIComponent(name)}`, 303);
    });

    app.post<UserRequest>('/users/:name/password', forAdmins, async (request, reply) => {
      const { name } = request.params;
      const password = await passwordIn(request);
      if (typeof password === 'string') return await sendUser(request, reply.code(400), password);
      const { hash, generated } = password;
      await asHttpError(name, directory.setPassword(name, { hash, isTemporary: true }, actorOf(request), 'reset password'));
      await sessions.endAll(name);
      return await sendPassword(request, reply, name, generated);
    });

    app.get<UserRequest>('/users/:name/remove', forAdmins, ({ context, params }, reply) =>
      sendPage(reply, <RemovePage context={context} name={params.name} />),
    );

    app.post<UserRequest>('/users/:name/remove', forAdmins, async (request, reply) => {
      const { name } = request.params;
      await asHttpError(name, directory.remove(name, actorOf(request), configured));
      if (!configured.has(name)) await sessions.endAll(name);
      return reply.redirect('/users', 303);
    });

    app.post<UserRequest>('/users/:name/sessions/end', forAdmins, async (request, reply) => {
      const { name } = request.params;
      const ended = await sessions.endAll(name);
      await audit.append({ ...actorOf(request), action: 'end sessions', target: name, detail: `${ended} ended` });
      return reply.redirect(`/users/${encodeURIComponent(name)}`, 303);
    });
  };

  async function list(): Promise<UserList> {
    const [stored, signIns] = await Promise.all([directory.list(), directory.signIns()]);
    const inEnvironment = [...configured].map(
      ([name, { role }]): ListedUser => ({ name, role, created: undefined, isTemporary: false, signedInAt: signIns.get(name) }),
    );
    const inRedis = stored.users
      .filter(({ name }) => !configured.has(name))
      .map(({ name, role, isTemporary, createdAt, createdBy, signedInAt }): ListedUser => {
        return { name, role, isTemporary, created: { at: createdAt, by: createdBy }, signedInAt };
      });
    return {
      users: [...inEnvironment, ...inRedis].sort((a, b) => (a.name < b.name ? -1 : 1)),
      unreadable: stored.unreadable.filter((name) => !configured.has(name)),
      hidden: [...stored.users.map(({ name }) => name), ...stored.unreadable].filter((name) => configured.has(name)),
    };
  }

  async function sendList({ context, sessionId }: FastifyRequest, reply: FastifyReply, form: UserForm): Promise<FastifyReply> {
    const [users, all] = await Promise.all([list(), sessions.list()]);
    return await sendPage(reply, <UserListPage context={context} {...users} form={form} sessions={all} current={sessionId} />);
  }

  async function sendUser(request: FastifyRequest<UserRequest>, reply: FastifyReply, passwordError?: string): Promise<FastifyReply> {
    const { context, sessionId, params } = request;
    const user = (await list()).users.find(({ name }) => name === params.name);
    if (user === undefined) throw new HttpError(404, t('User not found'), t('There is no user of this name. It may have been removed.'));
    const own = (await sessions.list()).filter(({ name }) => name === user.name);
    const error = passwordError === undefined ? {} : { passwordError };
    return await sendPage(reply, <UserPage context={context} user={user} sessions={own} current={sessionId} {...error} />);
  }
}

/** A generated password is shown once; one that was entered is not. */
function sendPassword({ context }: FastifyRequest, reply: FastifyReply, name: string, generated: string | undefined) {
  const next = `/users/${encodeURIComponent(name)}`;
  if (generated === undefined) return reply.redirect(next, 303);
  const advice = t('{name} can sign in with it until it is replaced, and can do nothing else before that.', { name });
  const texts = { title: t('Password for {name}', { name }), noun: 'password', advice } as const;
  return sendPage(reply, <ShownOncePage context={context} {...texts} here="/users" secret={generated} next={next} />);
}

/** @returns the hash of the password of a form, which is generated where none was entered; or what is wrong with it */
async function passwordIn({ body }: FastifyRequest<UserRequest>): Promise<string | { hash: string; generated?: string }> {
  const entered = textIn(body, 'password');
  const password = entered === '' ? createPassword() : entered;
  try {
    return { hash: await hashPassword(password), ...(entered === '' && { generated: password }) };
  } catch (error) {
    if (error instanceof RangeError) return t('A password has {min} to {max} characters.', limits.passwordLength);
    throw error;
  }
}

function textIn(body: Record<string, unknown> | undefined, name: string): string {
  const value = body?.[name];
  return typeof value === 'string' ? value : '';
}

/** @throws HttpError */
function roleIn(text: string): Role {
  const role = roles.find((known) => known === text);
  if (role === undefined) throw new HttpError(400, t('Unknown role'), t('Nothing was changed. Choose one of the list.'));
  return role;
}

/** @throws HttpError where the change is not possible */
async function asHttpError<T>(name: string, change: Promise<T>): Promise<T> {
  return await change.catch((error: Error) => {
    if (!(error instanceof DirectoryError)) throw error;
    throw new HttpError(error.kind === 'missing' ? 404 : 409, t('The user was not changed'), directoryAdvice(error, name));
  });
}
