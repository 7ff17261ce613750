/** Bulk work as it is asked for: by the parameters of a URL, and by the form that starts it. Both have the same names. */

import { type Issue, limits, writeMailFilter } from '@posthouse/contract';
import type { BulkScope } from '@posthouse/queue';
import { HttpError } from '@posthouse/web';
import { mailIdIn, readMailSearch } from './mail-search.ts';
import { type BulkChoice, bulkActions } from './pages/bulk-actions.ts';

/** What is wished of which mails. */
export interface BulkRequest {
  choice: BulkChoice;
  scope: BulkScope;
}

/** Mails that can be chosen one by one: as many as a list shows on some pages. */
const maxChosen = 500;

const usualPace = 50;

/**
 * @param zone of whoever filled the filter in
 * @throws HttpError when the action, the filter or an id is none
 */
export function parseBulkRequest(parameters: Readonly<Record<string, unknown>>, zone: string): BulkRequest {
  const choice = bulkActions(undefined).find(({ action }) => action === parameters['action']);
  if (choice === undefined) throw invalidRequest('What is to be done is not known. Begin again from the list of mails.');
  const chosen = [parameters['ids'] ?? []].flat();
  if (chosen.length > maxChosen) throw invalidRequest(`Up to ${maxChosen} mails can be chosen one by one. Use a filter.`);
  const ids = chosen.map((id) => (typeof id === 'string' ? mailIdIn(id) : undefined)).filter((id) => id !== undefined);
  if (ids.length < chosen.length) throw invalidRequest('What was chosen is no mail. Begin again from the list of mails.');
  if (ids.length > 0) return { choice, scope: { ids: [...new Set(ids)] } };
  const { filter, issues } = readMailSearch(parameters, zone);
  if (issues.length > 0) throw invalidRequest(`The filter cannot be read: ${issues.map(issueText).join('; ')}.`);
  return { choice, scope: { filter } };
}

/** The same, as names and values of a form's hidden fields. */
export function bulkRequestFields({ choice, scope }: BulkRequest): [string, string][] {
  const which: [string, string][] = 'ids' in scope ? scope.ids.map((id) => ['ids', id]) : [...writeMailFilter(scope.filter)];
  return [['action', choice.action], ...which];
}

/** A pace as it was typed. @returns undefined for what is none */
export function parseRate(typed: unknown): number | undefined {
  const pace = typed === undefined ? usualPace : Number(typed);
  const { min, max } = limits.bulkRate;
  return typed !== '' && Number.isInteger(pace) && pace >= min && pace <= max ? pace : undefined;
}

function issueText({ pointer, message }: Issue): string {
  return `${pointer.slice(1)} ${message}`;
}

function invalidRequest(advice: string): HttpError {
  return new HttpError(400, 'This cannot be done as it was asked', `${advice} Nothing was changed.`);
}
