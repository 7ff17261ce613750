/** The cookie that a session's token is in: out of reach of scripts, of other sites and, where there is TLS, of the wire. */
import type { FastifyReply, FastifyRequest } from 'fastify';

const name = 'posthouse_session';

/** The token that a request came with. */
export function tokenOf({ cookies }: FastifyRequest): string | undefined {
  return cookies[name];
}

/** @param ms that the session lasts */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string, ms: number): void {
  reply.setCookie(name, token, { ...attributes(request), maxAge: ms / 1000 });
}

/** Has the browser forget it. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(name, attributes(request));
}

function attributes({ protocol }: FastifyRequest) {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure: protocol === 'https' } as const;
}
