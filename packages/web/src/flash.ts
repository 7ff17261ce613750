/**
 * Flash messages: what a POST did, shown once on the page that it redirects to. The message travels in a cookie for that path only: in the URL
 * it would be shown again on each reload, and anyone could forge it. Needs @fastify/cookie.
 */
import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

const cookieName = 'posthouse_flash';

/** A message for the next page. */
export interface Flash {
  /** Path of the page that shows it. */
  path: string;
  /** Parsed by that page; never text that is shown as it is. */
  message: string;
  /** How long the browser keeps it, in ms. */
  lifetimeMs: number;
}

export function setFlash({ protocol }: Pick<FastifyRequest, 'protocol'>, reply: FastifyReply, { path, message, lifetimeMs }: Flash): void {
  const secure = protocol === 'https';
  reply.setCookie(cookieName, message, { httpOnly: true, sameSite: 'strict', path, maxAge: lifetimeMs / 1000, secure });
}

/** @returns the message for this page, and deletes it; undefined when there is none */
export function consumeFlash({ cookies }: Pick<FastifyRequest, 'cookies'>, reply: FastifyReply, path: string): string | undefined {
  const message = cookies[cookieName];
  if (message !== undefined) reply.clearCookie(cookieName, { path });
  return message;
}
