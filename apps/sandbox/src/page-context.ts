/** Who reads a page: their language, and how links, times and sentences come out in it. */
import type { FastifyRequest } from 'fastify';
import { type Language, type Translations, translationsFor } from './translations.ts';

/** Made for each request. */
export interface PageContext {
  language: Language;
  translations: Translations;
  /** A path of ours, in the reader's language. */
  link(path: string, query?: Record<string, string>): string;
  /** This same page again, relative to itself. */
  here: string;
  /** And in the other language. */
  otherLanguage: { language: Language; href: string };
  /** A moment in the zone of this machine. */
  moment(at: Date): string;
}

/** The reader, by the `?lang=` that the request came with. */
export function pageContextOf(request: FastifyRequest): PageContext {
  const query = (request.query ?? {}) as Record<string, unknown>; // null where the URL could not be read
  const language: Language = query['lang'] === 'en' ? 'en' : 'ko';
  const other: Language = language === 'en' ? 'ko' : 'en';
  const plain = Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    language,
    translations: translationsFor(language),
    link: (path, more = {}) => {
      const search = new URLSearchParams({ ...more, ...(language === 'en' && { lang: language }) }).toString();
      return search === '' ? path : `${path}?${search}`;
    },
    here: `?${new URLSearchParams(Object.fromEntries(plain))}`,
    otherLanguage: { language: other, href: `?${new URLSearchParams({ ...Object.fromEntries(plain), lang: other })}` },
    moment: (at) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(at),
  };
}
