/** The actions on mails: their names on buttons, what they did or why they did nothing, and which ones apply to a mail. */
import type { MailRecord, MailState, Recipient } from '@posthouse/contract';
import { applicableStates, copyAction, type MailAction, mailActions, rescheduleAction } from '@posthouse/queue';
import { consumeFlash, setFlash } from '@posthouse/web';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { t, text } from '../ui/translate.ts';

/** The name of each action, on buttons and in lists. */
export const actionLabels: Readonly<Record<MailAction, string>> = {
  retry: text('Retry'),
  sendNow: text('Send now'),
  cancel: text('Cancel'),
  delivered: text('Mark as delivered'),
  sendAgain: text('Send again'),
};

/** The same for many mails. Beside a selection, *Cancel* alone would seem to end it. */
export const bulkActionLabels: Readonly<Record<MailAction, string>> = { ...actionLabels, cancel: text('Cancel mails') };

/** The link that leads to a copy, and the name of a copy in lists. */
export const copyLabel = text('Send a copy');

/** The link that leads to another time for a scheduled mail, and the name of that in lists. */
export const rescheduleLabel = text('Reschedule');

/** The action on a mail by its label; any other entry, such as `sign in`, as it is recorded. */
export function actionName(action: string): string {
  const labels = { ...actionLabels, [copyAction]: copyLabel, [rescheduleAction]: rescheduleLabel };
  const label = Object.entries(labels).find(([name]) => name === action)?.[1];
  return label === undefined ? action.charAt(0).toUpperCase() + action.slice(1) : t(label);
}

/** What a bulk action does. */
export const bulkEffects: Readonly<Record<MailAction, string>> = {
  retry: text('This sends failed mails again, and partly sent mails to the recipients that were rejected.'),
  sendNow: text('This sends scheduled and retrying mails without waiting for their time.'),
  cancel: text('This cancels mails that have not been sent.'),
  delivered: text('This resolves uncertain mails as sent.'),
  sendAgain: text('This sends uncertain mails again; a recipient who has one already gets a duplicate.'),
};

/** What users do with a bulk action, as the audit log names it. */
export const bulkAuditActions = { start: 'start bulk action', stop: 'stop bulk action', resume: 'resume bulk action' } as const;

/** Shown after an action that changed the mail. */
export const appliedText: Readonly<Record<MailAction | typeof rescheduleAction, string>> = {
  retry: text('Queued again for rejected recipients.'),
  sendNow: text('Queued to be sent now.'),
  cancel: text('Cancelled.'),
  delivered: text('Marked as sent.'),
  sendAgain: text('Queued again for recipients whose outcome is unknown.'),
  reschedule: text('Rescheduled.'),
};

/** Shown after an action that changed nothing, and instead of its confirmation where it does not apply. */
export const rejectedText: Readonly<Record<MailAction | typeof rescheduleAction, string>> = {
  retry: text(
    'Only rejected recipients of a mail whose content is still kept can be sent to again. Recipients who have the mail never get it again.',
  ),
  sendNow: text('Only a scheduled or retrying mail can be sent now.'),
  cancel: text('A mail can be cancelled until its message is being transmitted.'),
  delivered: text('Only an uncertain mail can be resolved; another user may have resolved it already.'),
  sendAgain: text('Only an uncertain mail can be resolved; another user may have resolved it already.'),
  reschedule: text('Only a scheduled mail can be sent at another time.'),
};

/** What decides which actions change a mail; of an unreadable record, what is not sealed. */
export type ActionableMail = Pick<MailRecord, 'state'> & Partial<Pick<MailRecord, 'partial' | 'messageStartedAt' | 'contentState'>>;

/** The actions that change a mail in its present state. */
export function actionsFor({ state, partial, messageStartedAt, contentState }: ActionableMail): MailAction[] {
  return mailActions.filter((action) => {
    if (action === 'cancel' && messageStartedAt !== undefined) return false;
    if (action === 'retry' && state === 'sent') return partial === true && contentState === 'complete';
    return applicableStates[action].includes(state);
  });
}

/** Whether a server said that there is no such address (RFC 3463, 5.1.x): sending it there again does not help. */
export function isAddressUnknown({ state, reason = '' }: Pick<Recipient, 'state' | 'reason'>): boolean {
  return state === 'rejected' && /^5\d\d 5\.1\.(1|2|3|6|10)$/.test(reason);
}

/** Whether nothing was sent to a recipient because of a person or a time limit: no server has rejected it. */
export function isNotSent({ state, reason }: Pick<Recipient, 'state' | 'reason'>): boolean {
  return state === 'rejected' && (reason === 'cancelled' || reason === 'expired');
}

/** The bulk actions for mails in these states, in the order of a menu; all of them when the states are unknown or none applies. */
export function bulkActionsFor(states: readonly MailState[] | undefined): readonly MailAction[] {
  const all = Object.keys(actionLabels) as MailAction[];
  const applicable = states === undefined ? all : all.filter((action) => applicableStates[action].some((state) => states.includes(state)));
  return applicable.length === 0 ? all : applicable;
}

/** The flash message of a mail's page: what the action that redirected there did. */
export interface ActionFlash {
  action: MailAction | typeof copyAction | typeof rescheduleAction;
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
  const action = [...mailActions, copyAction, rescheduleAction].find((known) => known === name);
  return action && { action, applied: applied === 'true' };
}
