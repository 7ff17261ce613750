/** The session of a request: its cookie and its user. Scripts and other sites cannot read the cookie; with TLS it is sent over TLS only. */
import { createHash } from 'node:crypto';
import type { Sessions } from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { User, Users } from './users.ts';

const cookieName = 'posthouse_session';

/** The session token that a request was sent with. */
export function tokenOf({ cookies }: FastifyRequest): string | undefined {
  return cookies[cookieName];
}

/** Identifies a session without its token. */
export function sessionIdOf(request: FastifyRequest): string {
  return createHash('sha256')
    .update(tokenOf(request) ?? '')
    .digest('base64url');
}

/** @param ms how long the session lasts */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string, ms: number): void {
  reply.setCookie(cookieName, token, { ...attributes(request), maxAge: ms / 1000 });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName, attributes(request));
}

/** @returns undefined when nobody is signed in, or when the user or the password has changed since @throws QueueUnavailable */
export async function userOf(request: FastifyRequest, sessions: Sessions, users: Users): Promise<User | undefined> {
  const token = tokenOf(request);
  const session = token === undefined ? undefined : await sessions.find(token);
  const user = session === undefined ? undefined : users.get(session.name);
  return user?.proof === session?.proof ? user : undefined;
}

function attributes({ protocol }: FastifyRequest) {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure: protocol === 'https' } as const;
}
