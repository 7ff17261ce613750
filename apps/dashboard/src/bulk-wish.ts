/** Bulk work as it is asked for: by the parameters of a URL, and by the form that starts it. Both have the same names. */
import { type Fault, limits, writeMailFilter } from '@posthouse/contract';
import type { BulkScope } from '@posthouse/queue';
import { mailIdIn, readMailSearch } from './mail-search.ts';
import { PageFault } from './page-fault.tsx';
import { type BulkChoice, bulkActions } from './pages/bulk-actions.ts';

/** What is wished of which mails. */
export interface BulkWish {
  choice: BulkChoice;
  scope: BulkScope;
}

/** Mails that can be chosen one by one: as many as a list shows on some pages. */
const chosenMost = 500;

const usualPace = 50;

/**
 * @param zone of whoever filled the filter in
 * @throws PageFault when the action, the filter or an id is none
 */
export function readBulkWish(parameters: Readonly<Record<string, unknown>>, zone: string): BulkWish {
  const choice = bulkActions(undefined).find(({ action }) => action === parameters['action']);
  if (choice === undefined) throw notAWish('What is to be done is not known. Begin again from the list of mails.');
  const chosen = [parameters['ids'] ?? []].flat();
  if (chosen.length > chosenMost) throw notAWish(`Up to ${chosenMost} mails can be chosen one by one. Use a filter.`);
  const ids = chosen.map((id) => (typeof id === 'string' ? mailIdIn(id) : undefined)).filter((id) => id !== undefined);
  if (ids.length < chosen.length) throw notAWish('What was chosen is no mail. Begin again from the list of mails.');
  if (ids.length > 0) return { choice, scope: { ids: [...new Set(ids)] } };
  const { filter, faults } = readMailSearch(parameters, zone);
  if (faults.length > 0) throw notAWish(`The filter cannot be read: ${faults.map(faultWords).join('; ')}.`);
  return { choice, scope: { filter } };
}

/** The same, as names and values of a form's hidden fields. */
export function writeBulkWish({ choice, scope }: BulkWish): [string, string][] {
  const which: [string, string][] = 'ids' in scope ? scope.ids.map((id) => ['ids', id]) : [...writeMailFilter(scope.filter)];
  return [['action', choice.action], ...which];
}

/** A pace as it was typed. @returns undefined for what is none */
export function readPace(typed: unknown): number | undefined {
  const pace = typed === undefined ? usualPace : Number(typed);
  const { least, most } = limits.bulkPace;
  return typed !== '' && Number.isInteger(pace) && pace >= least && pace <= most ? pace : undefined;
}

function faultWords({ pointer, message }: Fault): string {
  return `${pointer.slice(1)} ${message}`;
}

function notAWish(advice: string): PageFault {
  return new PageFault(400, 'This cannot be done as it was asked', `${advice} Nothing was changed.`);
}
