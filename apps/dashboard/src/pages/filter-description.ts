/** A filter in words. */
import type { MailFilter } from '@posthouse/contract';
import type { PageContext } from '../page-context.ts';
import { stateLabel } from './badge.tsx';

const names: Record<keyof MailFilter, string> = {
  state: 'State',
  recipient: 'Recipient',
  template: 'Template',
  tag: 'Tag',
  provider: 'Provider',
  error: 'Error',
  group: 'Failure group',
  from: 'From',
  to: 'Until',
};

/** One condition of a filter. */
export interface FilterWord {
  name: keyof MailFilter;
  word: string;
  value: string;
}

/** The conditions that hold. */
export function describeFilter(context: PageContext, filter: MailFilter): FilterWord[] {
  const held = (Object.keys(names) as (keyof MailFilter)[]).filter((name) => filter[name] !== undefined);
  return held.map((name) => ({ name, word: names[name], value: valueWords(context, filter, name) }));
}

function valueWords(context: PageContext, filter: MailFilter, name: keyof MailFilter): string {
  if (name === 'state') return (filter.state ?? []).map(stateLabel).join(' or ');
  if (name === 'from' || name === 'to') return context.time.dateTime(filter[name] as number);
  return String(filter[name]);
}
