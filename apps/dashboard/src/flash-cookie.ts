/**
 * What came of a wish, told once on the page that the wish leads back to. It travels in a cookie of that page alone: in the URL it would be
 * told again with each reload, and anybody could make it up.
 */
import { type MailAction, mailActions } from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What is told. */
export interface Flash {
  action: MailAction;
  /** False where nothing was changed. */
  applied: boolean;
}

const name = 'posthouse_told';

/** Has the mail's page tell it. */
export function setFlash(
  { protocol }: Pick<FastifyRequest, 'protocol'>,
  reply: FastifyReply,
  id: string,
  { action, applied }: Flash,
): void {
  const secure = protocol === 'https';
  reply.setCookie(name, `${action}:${applied}`, { httpOnly: true, sameSite: 'strict', path: `/mails/${id}`, maxAge: 60, secure });
}

/** What is to be told on the mail's page, which it is by this. */
export function consumeFlash({ cookies }: Pick<FastifyRequest, 'cookies'>, reply: FastifyReply, id: string): Flash | undefined {
  const [word, applied] = (cookies[name] ?? '').split(':');
  const action = mailActions.find((known) => known === word);
  if (action === undefined) return undefined;
  reply.clearCookie(name, { path: `/mails/${id}` });
  return { action, applied: applied === 'true' };
}
