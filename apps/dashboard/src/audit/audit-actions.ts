/** The actions of the audit log in words, and the pages of what they were done to. */
import { copyAction, mailActions, rescheduleAction } from '@posthouse/queue';
import { bulkAuditActions } from '../mails/mail-actions.ts';
import { refusals } from '../sign-in/oidc-refusals.ts';
import { t, text } from '../ui/translate.ts';

const ofMails: Readonly<Record<string, string>> = {
  retry: text('Mail retried'),
  sendNow: text('Mail queued to be sent now'),
  cancel: text('Mail cancelled'),
  delivered: text('Mail marked as delivered'),
  sendAgain: text('Uncertain mail sent again'),
  [copyAction]: text('Copy sent'),
  [rescheduleAction]: text('Mail rescheduled'),
};

const ofUsers: Readonly<Record<string, string>> = {
  ...ofMails,
  [bulkAuditActions.start]: text('Bulk action started'),
  [bulkAuditActions.stop]: text('Bulk action stopped'),
  [bulkAuditActions.resume]: text('Bulk action resumed'),
  'export mails': text('Mails exported'),
  'pause everything': text('Everything paused'),
  'pause template': text('Template paused'),
  'pause tag': text('Tag paused'),
  'pause provider': text('Provider paused'),
  'pause domain': text('Recipient domain paused'),
  'end pause of everything': text('Pause of everything ended'),
  'end pause of template': text('Pause of a template ended'),
  'end pause of tag': text('Pause of a tag ended'),
  'end pause of provider': text('Pause of a provider ended'),
  'end pause of domain': text('Pause of a recipient domain ended'),
  'end pause of another tool': text('Pause of another tool ended'),
  'create API key': text('API key created'),
  'limit API key': text('Rights of an API key changed'),
  'rotate API key': text('API key rotated'),
  'revoke API key': text('API key revoked'),
  'create user': text('User created'),
  'change role': text('Role changed'),
  'reset password': text('Password reset'),
  'change password': text('Password changed'),
  'remove user': text('User removed'),
  'end session': text('Session ended'),
  'end sessions': text('Sessions ended'),
};

const ofFailedSignIns: Readonly<Record<string, string>> = {
  'sign-in rejected': text('Wrong password'),
  'sign-in locked out': text('Locked out'),
  'password change rejected': text('Wrong password at a change of the password'),
};

/** The actions that a filter offers, by the tab of the page. */
export const actionsOf = {
  users: ofUsers,
  'api-keys': ofMails,
  'sign-ins': {},
  'failed-sign-ins': ofFailedSignIns,
} as const satisfies Record<string, Readonly<Record<string, string>>>;

const names: ReadonlyMap<string, string> = new Map(Object.entries({ ...ofUsers, ...ofFailedSignIns, 'sign in': text('Signed in') }));

/** @returns the action in the language of the page; one that this version does not know as it is recorded */
export function auditActionText(action: string): string {
  const refused = Object.entries(refusals).find(([code]) => action === `sign-in refused: ${code}`);
  if (refused !== undefined) return t('Single sign-on refused: {reason}', { reason: t(refused[1][1]) });
  const name = names.get(action);
  return name === undefined ? action : t(name);
}

/** The folders of the targets' pages, by action. Targets of other actions are names, or are gone. */
const folders: ReadonlyMap<string, string> = new Map([
  ...[...mailActions, copyAction, rescheduleAction].map((action) => [action, '/mails'] as const),
  ...Object.values(bulkAuditActions).map((action) => [action, '/bulk'] as const),
  ...['create API key', 'limit API key', 'rotate API key'].map((action) => [action, '/keys'] as const),
  ...['create user', 'change role', 'reset password', 'change password'].map((action) => [action, '/users'] as const),
]);

/** @returns the path of the page of what the action was done to; undefined where there is none */
export function targetUrl(action: string, target: string): string | undefined {
  const folder = folders.get(action);
  return folder && `${folder}/${encodeURIComponent(target)}`;
}
