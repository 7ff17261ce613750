/** The flash message of a mail's page: what the action that redirected there did. */
import { type MailAction, mailActions } from '@posthouse/queue';
import { consumeFlash, setFlash } from '@posthouse/web';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What an action did. */
export interface ActionFlash {
  action: MailAction;
  /** False when nothing was changed. */
  applied: boolean;
}

export function setActionFlash(request: FastifyRequest, reply: FastifyReply, id: string, { action, applied }: ActionFlash): void {
  setFlash(request, reply, `/mails/${id}`, `${action}:${applied}`);
}

/** @returns undefined when there is none, or one that we did not write */
export function consumeActionFlash(request: FastifyRequest, reply: FastifyReply, id: string): ActionFlash | undefined {
  const [name, applied] = (consumeFlash(request, reply, `/mails/${id}`) ?? '').split(':');
  const action = mailActions.find((known) => known === name);
  return action && { action, applied: applied === 'true' };
}
