/** A requested bulk action: read from the parameters of a URL or from the form that starts it, which have the same names. */
import { type Issue, limits, type MailFilter } from '@posthouse/contract';
import { type BulkScope, type MailAction, mailActions } from '@posthouse/queue';
import { HttpError } from '@posthouse/web';
import { conditionLabels } from '../mail-list/mail-filter.tsx';
import { allMails, filterFields, mailIdIn, readMailSearch } from '../mails/mail-search.ts';
import { filterIssueText } from '../ui/known-texts.ts';
import { t } from '../ui/translate.ts';

/** What to do, and to which mails. */
export interface BulkRequest {
  action: MailAction;
  scope: BulkScope;
  isFromFailures: boolean;
}

/** A field of a request that was made on the page of the failures: there the review goes back to. */
export const fromFailures = { name: 'back', value: 'failures' } as const;

/** How many mails can be selected one by one: several pages of the list. */
const maxSelected = 500;

/** Mails per second, unless the user sets another rate. */
export const defaultRate = 50;

/**
 * @param zone IANA name of the user's time zone
 * @throws HttpError for an unknown action, an invalid filter or an invalid id, and without a filter, ids or `mails=all`
 */
export function parseBulkRequest(parameters: Readonly<Record<string, unknown>>, zone: string): BulkRequest {
  const action = mailActions.find((known) => known === parameters['action']);
  if (action === undefined) throw invalidRequest(t('The action is unknown. Start again from the list of mails.'));
  const selected = [parameters['ids'] ?? []].flat();
  if (selected.length > maxSelected)
    throw invalidRequest(t('At most {max} mails can be selected. Use a filter instead.', { max: maxSelected }));
  const ids = selected.map((id) => (typeof id === 'string' ? mailIdIn(id) : undefined)).filter((id) => id !== undefined);
  if (ids.length < selected.length) throw invalidRequest(t('A selected mail has an invalid id. Start again from the list of mails.'));
  const isFromFailures = parameters[fromFailures.name] === fromFailures.value;
  if (ids.length > 0) return { action, scope: { ids: [...new Set(ids)] }, isFromFailures };
  const { filter, issues } = readMailSearch(parameters, zone);
  if (issues.length > 0) throw invalidRequest(t('Invalid filter: {issues}.', { issues: issues.map(issueText).join('; ') }));
  if (Object.keys(filter).length === 0 && parameters[allMails.name] !== allMails.value)
    throw invalidRequest(t('No mails are selected. Select some in the list of mails, or start from the action for all matching mails.'));
  return { action, scope: { filter }, isFromFailures };
}

/** The request as names and values of hidden form fields; `parseBulkRequest` reads it back. */
export function bulkRequestFields({ action, scope, isFromFailures }: BulkRequest): [string, string][] {
  const mails: [string, string][] = 'ids' in scope ? scope.ids.map((id) => ['ids', id]) : filterFields(scope.filter);
  return [['action', action], ...mails, ...(isFromFailures ? [[fromFailures.name, fromFailures.value] as [string, string]] : [])];
}

/** @returns mails per second; undefined when the text is not a whole number within the limits */
export function parseRate(text: unknown): number | undefined {
  const rate = text === undefined ? defaultRate : Number(text);
  const { min, max } = limits.bulkRate;
  return text !== '' && Number.isInteger(rate) && rate >= min && rate <= max ? rate : undefined;
}

/** `State: must be one of: …`. */
function issueText({ pointer, message }: Issue): string {
  const label = conditionLabels[pointer.slice(1) as keyof MailFilter];
  return `${label === undefined ? pointer.slice(1) : t(label)}: ${filterIssueText(message)}`;
}

function invalidRequest(advice: string): HttpError {
  return new HttpError(400, t('Invalid bulk action'), `${advice} ${t('Nothing was changed.')}`);
}
