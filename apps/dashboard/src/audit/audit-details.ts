/** The details of the audit log: recorded in English in every case, and shown in the language of the page. */
import { mailStates } from '@posthouse/contract';
import { formatCount } from '../mail-list/mail-count.ts';
import { conditionLabels } from '../mail-list/mail-filter.tsx';
import { bulkActionLabels } from '../mails/mail-actions.ts';
import { stateLabel } from '../ui/badge.tsx';
import { knownText, roleName } from '../ui/known-texts.ts';
import type { PageContext } from '../ui/page-context.ts';
import { t, text } from '../ui/translate.ts';

/** A text comes before those that its end also matches. */
const details = [
  text('now {state}, at {time}'),
  text('now {state}'),
  text('nothing changed, still {state}'),
  text('copy {id} to {addresses}'),
  text('copy {id}'),
  text('all mails'),
  text('the previous key ends at {time}'),
  text('the previous key ended'),
  text('{sessions} ended'),
  text('{now}, before: {previous}'),
  text('{action} · {mails} · {scope} · {rate} per second'),
] as const;

/** @param detail as it is recorded @returns it in the language of the page; one that this version does not know, and data, as it is */
export function auditDetailText(context: PageContext, detail: string): string {
  return roleName(knownText(detail, details, (name, value) => valueText(context, name, value)));
}

function valueText({ time }: PageContext, name: string, value: string): string {
  switch (name) {
    case 'state':
      return stateText(value);
    case 'now':
    case 'previous':
      return roleName(value);
    case 'time':
      return Number.isNaN(Date.parse(value)) ? value : time.dateTime(Date.parse(value));
    case 'action':
      return Object.values(bulkActionLabels).includes(value) ? t(value) : value;
    case 'mails':
      return countText(value);
    case 'scope':
      return scopeText(value);
    default:
      return value;
  }
}

function stateText(value: string): string {
  const state = mailStates.find((known) => known === value.toLowerCase());
  return state === undefined ? value : stateLabel(state);
}

/** Of `about 1,200 mails`. */
function countText(value: string): string {
  const [, about, mails] = /^(about )?([\d,]+) mails?$/.exec(value) ?? [];
  return mails === undefined ? value : formatCount({ mails: Number(mails.replaceAll(',', '')), exact: about === undefined });
}

/** Of `describeScope`. */
function scopeText(value: string): string {
  const [, selected] = /^([\d,]+) selected$/.exec(value) ?? [];
  if (selected !== undefined) return t('{count, number} selected', { count: Number(selected.replaceAll(',', '')) });
  if (value === 'All mails') return t('All mails');
  const label = new RegExp(`(^|, )(${Object.values(conditionLabels).join('|')}): `, 'g');
  const withLabels = value.replaceAll(label, (_, before: string, name: string) => `${before}${t(name)}: `);
  const withGroups = withLabels.replace(
    /: ([\d,]+) groups(?=,|$)/,
    (_, count: string) => `: ${t('{count} groups', { count: Number(count.replaceAll(',', '')) })}`,
  );
  return withGroups.replace(/: ((?:[A-Z][a-z]+ or )*[A-Z][a-z]+)(?=,|$)/, (all, states: string) => {
    const known = states.split(' or ').map(stateText);
    return known.some((state, n) => state === states.split(' or ')[n]) ? all : `: ${known.join(t(' or '))}`;
  });
}
