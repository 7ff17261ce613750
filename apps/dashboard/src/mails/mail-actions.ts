/** The actions on mails: their names on buttons, what they did or why they did nothing, and which ones apply to a mail. */
import type { MailRecord, MailState } from '@posthouse/contract';
import { applicableStates, type MailAction, mailActions } from '@posthouse/queue';
import { consumeFlash, setFlash } from '@posthouse/web';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { text } from '../ui/translate.ts';

/** The name of each action, on buttons and in lists. */
export const actionLabels: Readonly<Record<MailAction, string>> = {
  retry: text('Retry'),
  sendNow: text('Send now'),
  cancel: text('Cancel'),
  delivered: text('Mark as delivered'),
  sendAgain: text('Send again'),
};

/** The action on a mail by its label; any other entry, such as `sign in`, as it is recorded. */
export function actionName(action: string): string {
  const label = Object.entries(actionLabels).find(([name]) => name === action)?.[1];
  return label ?? action.charAt(0).toUpperCase() + action.slice(1);
}

/** What a bulk action does. */
export const bulkEffects: Readonly<Record<MailAction, string>> = {
  retry: text('This queues failed mails again, for rejected recipients only.'),
  sendNow: text('This sends scheduled and retrying mails without waiting for their time.'),
  cancel: text('This cancels mails that have not been sent.'),
  delivered: text('This resolves uncertain mails as sent.'),
  sendAgain: text('This sends uncertain mails again; a recipient who has one already gets a duplicate.'),
};

/** What users do with a bulk action, as the audit log names it. */
export const bulkAuditActions = { start: 'start bulk action', stop: 'stop bulk action', resume: 'resume bulk action' } as const;

/** Shown after an action that changed the mail. */
export const appliedText: Readonly<Record<MailAction, string>> = {
  retry: 'Queued again for rejected recipients',
  sendNow: 'Queued to be sent now',
  cancel: 'Cancelled',
  delivered: 'Marked as sent',
  sendAgain: 'Queued again for recipients whose outcome is unknown',
};

/** Shown after an action that changed nothing. */
export const rejectedText: Readonly<Record<MailAction, string>> = {
  retry: 'Only a failed mail whose content is still kept can be retried. Recipients who have the mail never get it again.',
  sendNow: 'Only a scheduled or retrying mail can be sent now.',
  cancel: 'A mail can be cancelled until its message is being transmitted.',
  delivered: 'Only an uncertain mail can be resolved; another user may have resolved it already.',
  sendAgain: 'Only an uncertain mail can be resolved; another user may have resolved it already.',
};

/** The actions that change a mail in its present state. */
export function actionsFor({
  state,
  messageStartedAt,
}: Pick<MailRecord, 'state'> & Partial<Pick<MailRecord, 'messageStartedAt'>>): MailAction[] {
  return mailActions.filter(
    (action) => applicableStates[action].includes(state) && !(action === 'cancel' && messageStartedAt !== undefined),
  );
}

/** The bulk actions for mails in these states, in the order of a menu; all of them when the states are unknown or none applies. */
export function bulkActionsFor(states: readonly MailState[] | undefined): readonly MailAction[] {
  const all = Object.keys(actionLabels) as MailAction[];
  const applicable = states === undefined ? all : all.filter((action) => applicableStates[action].some((state) => states.includes(state)));
  return applicable.length === 0 ? all : applicable;
}

/** The flash message of a mail's page: what the action that redirected there did. */
export interface ActionFlash {
  action: MailAction;
  /** False when nothing was changed. */
  applied: boolean;
}

/** @param lifetimeMs how long the browser keeps it */
export function setActionFlash(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  { action, applied }: ActionFlash,
  lifetimeMs: number,
): void {
  setFlash(request, reply, { path: `/mails/${id}`, message: `${action}:${applied}`, lifetimeMs });
}

/** @returns undefined when there is none, or one that this app did not write */
export function consumeActionFlash(request: FastifyRequest, reply: FastifyReply, id: string): ActionFlash | undefined {
  const [name, applied] = (consumeFlash(request, reply, `/mails/${id}`) ?? '').split(':');
  const action = mailActions.find((known) => known === name);
  return action && { action, applied: applied === 'true' };
}
