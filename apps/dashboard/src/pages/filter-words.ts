/** A filter in words. */
import type { MailFilter } from '@posthouse/contract';
import type { Reader } from '../reader.ts';
import { stateWord } from './badge.tsx';

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
export function filterWords(reader: Reader, filter: MailFilter): FilterWord[] {
  const held = (Object.keys(names) as (keyof MailFilter)[]).filter((name) => filter[name] !== undefined);
  return held.map((name) => ({ name, word: names[name], value: valueWords(reader, filter, name) }));
}

function valueWords(reader: Reader, filter: MailFilter, name: keyof MailFilter): string {
  if (name === 'state') return (filter.state ?? []).map(stateWord).join(' or ');
  if (name === 'from' || name === 'to') return reader.moment(filter[name] as number);
  return String(filter[name]);
}
