/**
 * What came of a wish, told once on the page that the wish leads back to. It travels in a cookie of that page alone: in the URL it would be
 * told again with each reload, and anybody could make it up.
 */
import { type MailWish, mailWishes } from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What is told. */
export interface Told {
  wish: MailWish;
  /** False where nothing was changed. */
  granted: boolean;
}

const name = 'posthouse_told';

/** Has the mail's page tell it. */
export function giveTold({ protocol }: Pick<FastifyRequest, 'protocol'>, reply: FastifyReply, id: string, { wish, granted }: Told): void {
  const secure = protocol === 'https';
  reply.setCookie(name, `${wish}:${granted}`, { httpOnly: true, sameSite: 'strict', path: `/mails/${id}`, maxAge: 60, secure });
}

/** What is to be told on the mail's page, which it is by this. */
export function takeTold({ cookies }: Pick<FastifyRequest, 'cookies'>, reply: FastifyReply, id: string): Told | undefined {
  const [word, granted] = (cookies[name] ?? '').split(':');
  const wish = mailWishes.find((known) => known === word);
  if (wish === undefined) return undefined;
  reply.clearCookie(name, { path: `/mails/${id}` });
  return { wish, granted: granted === 'true' };
}
