/** Reads a mail filter or a mail id from a URL or a search field, and writes the URL of a filtered list. */
import { type Issue, type MailFilter, readMailFilter, writeMailFilter } from '@posthouse/contract';
import { t } from '../ui/translate.ts';
import { readLocalTime } from './zoned-time.ts';

/** Characters of the words of a subject. */
const maxSubjectWords = 200;

/** The form field of a bulk action that has to be given where no filter is: a forgotten field must not make an action apply to every mail. */
export const allMails = { name: 'mails', value: 'all' } as const;

/** A filter, and what is wrong with the parameters. */
export interface MailSearch {
  filter: MailFilter;
  issues: Issue[];
}

/**
 * Reads a filter as the API does; in addition `from` and `to` may be local times, as a form sends them.
 * @param zone IANA name of the user's time zone
 */
export function readMailSearch(query: Readonly<Record<string, unknown>>, zone: string): MailSearch {
  const { from, to, ...rest } = query;
  const withZone = (value: unknown) => {
    const at = typeof value === 'string' ? readLocalTime(value, zone) : undefined;
    return at === undefined ? value : new Date(at).toISOString();
  };
  return readMailFilter({ ...rest, from: withZone(from), to: withZone(to) });
}

/** The URL parameter of words that the subject has. No index has them: it is no condition of a `MailFilter`. */
export const subjectParameter = 'subject';

/** The words of the subject to search for, and what is wrong with them. */
export function readSubjectWords(query: Readonly<Record<string, unknown>>): { words: string | undefined; issues: Issue[] } {
  const value = query[subjectParameter];
  const words = typeof value === 'string' ? value.trim() : '';
  if (words.length <= maxSubjectWords) return { words: words || undefined, issues: [] };
  const message = t('has more than {max} characters', { max: maxSubjectWords });
  return { words: undefined, issues: [{ pointer: `/${subjectParameter}`, message, code: 'out-of-range' }] };
}

/** The filter without one of its conditions. */
export function without(filter: MailFilter, name: keyof MailFilter): MailFilter {
  const { [name]: _removed, ...rest } = filter;
  return rest;
}

/** The URL of the list with that filter. @param more further parameters, such as a cursor */
export function mailsUrl(filter: MailFilter, more: Readonly<Record<string, string>> = {}): string {
  const parameters = new URLSearchParams([...writeMailFilter(filter), ...Object.entries(more)]);
  return parameters.size === 0 ? '/mails' : `/mails?${parameters}`;
}

/** The mails of a filter as names and values of hidden form fields; without a condition the field that states all mails. */
export function filterFields(filter: MailFilter): [string, string][] {
  const fields = [...writeMailFilter(filter)];
  return fields.length === 0 ? [[allMails.name, allMails.value]] : fields;
}

/** The mail id in a pasted text: an id, or a Message-ID, whose left half is the id. */
export function mailIdIn(pasted: string): string | undefined {
  return /^<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@[^\s<>@]+)?>?$/i.exec(pasted.trim())?.[1]?.toLowerCase();
}
