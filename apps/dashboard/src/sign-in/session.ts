/** The session of a request: its cookie and its user. Scripts and other sites cannot read the cookie; with TLS it is sent over TLS only. */
import type { Role } from '@posthouse/access';
import { type NewSession, type Session, type Sessions, sessionIdOf } from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from './accounts.ts';
import { browserName } from './browser-name.ts';

const cookieName = 'posthouse_session';

/** The session token that a request was sent with. */
export function tokenOf({ cookies }: FastifyRequest): string | undefined {
  return cookies[cookieName];
}

/** Opens a session for the browser that has sent the request, in place of the one it has, and gives it the cookie. */
export async function startSession(
  request: FastifyRequest,
  reply: FastifyReply,
  sessions: Sessions,
  user: Pick<NewSession, 'name' | 'roleSource' | 'role' | 'proof'>,
): Promise<void> {
  const previous = tokenOf(request);
  if (previous !== undefined) await sessions.end(sessionIdOf(previous));
  const token = await sessions.open({ ...user, address: request.ip, browser: browserName(request.headers['user-agent']) });
  reply.setCookie(cookieName, token, { ...attributes(request), maxAge: sessions.lifetimeMs / 1000 });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName, attributes(request));
}

/** Who is signed in. */
export interface SignedIn {
  session: Session;
  user: {
    name: string;
    role: Role;
    /** Whether the user has to choose another password before anything else. */
    isTemporary: boolean;
  };
}

/** @returns undefined when nobody is signed in, or when the user or the password has changed since @throws QueueUnavailable */
export async function signedIn(request: FastifyRequest, sessions: Sessions, accounts: Accounts): Promise<SignedIn | undefined> {
  const token = tokenOf(request);
  const session = token === undefined ? undefined : await sessions.find(token);
  const user = session === undefined ? undefined : await accounts.ofSession(session);
  return session !== undefined && user !== undefined ? { session, user } : undefined;
}

function attributes({ protocol }: FastifyRequest) {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure: protocol === 'https' } as const;
}
