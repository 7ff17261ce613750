/** What a URL of the list asks for: a filter, as the API reads it, with times that a form may have sent in the reader's zone. */
import { type Issue, type MailFilter, readMailFilter, writeMailFilter } from '@posthouse/contract';
import { readLocalTime } from './zoned-time.ts';

/** A filter, and what in the URL does not fit one. */
export interface MailSearch {
  filter: MailFilter;
  issues: Issue[];
}

/** @param zone the reader's */
export function readMailSearch(query: Readonly<Record<string, unknown>>, zone: string): MailSearch {
  const { from, to, ...same } = query;
  const zoned = (value: unknown) => {
    const at = typeof value === 'string' ? readLocalTime(value, zone) : undefined;
    return at === undefined ? value : new Date(at).toISOString();
  };
  return readMailFilter({ ...same, from: zoned(from), to: zoned(to) });
}

/** The URL of the list with that filter, and with more beside it. */
export function mailsUrl(filter: MailFilter, more: Readonly<Record<string, string>> = {}): string {
  const parameters = new URLSearchParams([...writeMailFilter(filter), ...Object.entries(more)]);
  return parameters.size === 0 ? '/mails' : `/mails?${parameters}`;
}

/** The id in what somebody pasted: a mail's id, or a Message-ID, whose left half it is. */
export function mailIdIn(pasted: string): string | undefined {
  return /^<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@[^\s<>@]+)?>?$/i.exec(pasted.trim())?.[1]?.toLowerCase();
}
