/** What a page needs to know about a request: its language, with the texts, links and time format that follow from it. */
import { systemTimeZone, TimeFormat } from '@posthouse/web';
import type { FastifyRequest } from 'fastify';
import { type Language, type Translations, translations } from './translations.ts';

/** Created for each request. */
export interface PageContext {
  language: Language;
  translations: Translations;
  /** A path of this site with a query, in the same language. */
  link(path: string, query?: Record<string, string>): string;
  /** Relative URL of the same page. */
  self: string;
  /** The other language, and the relative URL of the same page in it. */
  otherLanguage: { language: Language; href: string };
  /** In the time zone of this machine. */
  time: TimeFormat;
}

const languages: readonly Language[] = ['ko', 'en'];
const zone = systemTimeZone();
const timeFormats: Record<Language, TimeFormat> = { ko: new TimeFormat('ko', zone), en: new TimeFormat('en', zone) };

/** Takes the language from `?lang=`. @param defaultLanguage of a URL without it */
export function pageContextOf(request: FastifyRequest, defaultLanguage: Language = 'ko'): PageContext {
  const query = (request.query ?? {}) as Record<string, unknown>; // null where the URL could not be parsed
  const language = languages.find((known) => known === query['lang']) ?? defaultLanguage;
  const other: Language = language === 'en' ? 'ko' : 'en';
  const parameters = Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  return {
    language,
    translations: translations[language],
    link: (path, more = {}) => {
      const search = new URLSearchParams({ ...more, ...(language === 'en' && { lang: language }) }).toString();
      return search === '' ? path : `${path}?${search}`;
    },
    self: `?${new URLSearchParams(parameters)}`,
    otherLanguage: { language: other, href: `?${new URLSearchParams({ ...parameters, lang: other })}` },
    time: timeFormats[language],
  };
}

/** The language of ours that the client prefers by its Accept-Language (RFC 9110, 12.5.4); Korean when it names neither. */
export function acceptedLanguage({ headers }: Pick<FastifyRequest, 'headers'>): Language {
  const ranges = (headers['accept-language'] ?? '').split(',').map((range) => {
    const [tag = '', quality = 'q=1'] = range.toLowerCase().replaceAll(' ', '').split(';');
    return { language: tag.split('-')[0], quality: Number(quality.replace('q=', '')) };
  });
  const known = ranges.flatMap(({ language, quality }) => languages.filter((each) => each === language).map((each) => ({ each, quality })));
  return known.sort((a, b) => b.quality - a.quality)[0]?.each ?? 'ko';
}
