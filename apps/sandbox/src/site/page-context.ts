/** What a page needs to know about a request: its language and time zone, with the texts, links and time format that follow from them. */
import type {} from '@fastify/cookie';
import { timings } from '@posthouse/contract';
import { TimeFormat } from '@posthouse/web';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Language, type Translations, translations } from './translations.ts';

/** Created for each request. */
export interface PageContext {
  language: Language;
  translations: Translations;
  /** A path of this site with a query. */
  link(path: string, query?: Record<string, string>): string;
  /** Relative URL of the same page. */
  self: string;
  /** The other language, and the relative URL of the same page in it, which makes the browser keep it. */
  otherLanguage: { language: Language; href: string };
  /** In the browser's time zone, which it gives in a cookie; UTC before the first page has set it. */
  time: TimeFormat;
}

const languages: readonly Language[] = ['ko', 'en'];

/** As in the dashboard, so that a choice there counts here and the other way round: cookies do not depend on the port. */
const cookieName = 'language';

/** Keeps the language of a URL with `?lang=` in a cookie. Needs @fastify/cookie. */
export function keepLanguage(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const chosen = chosenLanguage(request);
    if (chosen === undefined) return;
    const maxAge = timings.dashboard.language / 1000;
    reply.setCookie(cookieName, chosen, { httpOnly: true, sameSite: 'strict', path: '/', maxAge });
  });
}

/** The language is that of `?lang=`, else the one that was chosen before, else the one that the browser prefers. */
export function pageContextOf(request: FastifyRequest): PageContext {
  const query = queryOf(request);
  const cookies = request.cookies ?? {}; // undefined where the URL could not be parsed
  const kept = languages.find((known) => known === cookies[cookieName]);
  const language = chosenLanguage(request) ?? kept ?? acceptedLanguage(request);
  const other: Language = language === 'en' ? 'ko' : 'en';
  const parameters = Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  return {
    language,
    translations: translations[language],
    link: (path, more = {}) => {
      const search = new URLSearchParams(more).toString();
      return search === '' ? path : `${path}?${search}`;
    },
    self: `?${new URLSearchParams(parameters)}`,
    otherLanguage: { language: other, href: `?${new URLSearchParams({ ...parameters, lang: other })}` },
    time: new TimeFormat(language, cookies['zone']),
  };
}

function chosenLanguage(request: FastifyRequest): Language | undefined {
  return languages.find((known) => known === queryOf(request)['lang']);
}

function queryOf({ query }: FastifyRequest): Record<string, unknown> {
  return (query ?? {}) as Record<string, unknown>; // null where the URL could not be parsed
}

/** The language of ours that the client prefers by its Accept-Language (RFC 9110, 12.5.4); Korean when it names neither. */
function acceptedLanguage({ headers }: Pick<FastifyRequest, 'headers'>): Language {
  const ranges = (headers['accept-language'] ?? '').split(',').map((range) => {
    const [tag = '', quality = 'q=1'] = range.toLowerCase().replaceAll(' ', '').split(';');
    return { language: tag.split('-')[0], quality: Number(quality.replace('q=', '')) };
  });
  const known = ranges.flatMap(({ language, quality }) => languages.filter((each) => each === language).map((each) => ({ each, quality })));
  return known.sort((a, b) => b.quality - a.quality)[0]?.each ?? 'ko';
}
