/**
 * The language of a page. Sources have the English text, as gettext has it: `t('Send again')` is the text itself where the page is
 * English, and its entry in `src/korean/` where it is Korean. A test holds that every text has one. A text is an ICU message:
 * `t('{count, plural, one {# mail} other {# mails}}', { count })`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import Html from '@kitajs/html';
import type { DashboardTimings } from '@posthouse/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import IntlMessageFormat from 'intl-messageformat';
import Negotiator from 'negotiator';
import { korean } from '../korean/korean.ts';
import { localPath } from './local-path.ts';

/** BCP 47 tags of the languages of the pages; the first is the default. */
export const languages = ['en', 'ko'] as const;

/** A language of the pages. */
export type Language = (typeof languages)[number];

/** What a text has in its braces. */
export type TextValues = Record<string, string | number>;

/** The language of the request that is being answered: a page is built of many parts, and each of them has texts. */
const current = new AsyncLocalStorage<Language>();

/** Parsing a message costs more than the rest of a page, and there are only as many as the sources have. */
const parsed: Record<Language, Map<string, IntlMessageFormat>> = { en: new Map(), ko: new Map() };

/** Numbers and plurals follow these. */
const locales: Record<Language, string> = { en: 'en-GB', ko: 'ko' };

/** Gives each request its language: that of its cookie, or the one that its browser prefers. Adds the route that sets the cookie. */
export function addLanguage(app: FastifyInstance, { language: keptFor }: Pick<DashboardTimings, 'language'>): void {
  app.addHook('onRequest', (request, _reply, done) => current.run(languageOf(request), done));
  app.post('/language', { config: { role: 'anyone' } }, (request, reply) => {
    const { language } = (request.body ?? {}) as Record<string, unknown>;
    const chosen = languages.find((known) => known === language) ?? languages[0];
    const secure = request.protocol === 'https';
    reply.setCookie('language', chosen, { httpOnly: true, sameSite: 'strict', path: '/', maxAge: keptFor / 1000, secure });
    return reply.redirect(samePage(request), 303);
  });
}

/** @returns the path that the form was sent from; a browser that names none goes to the overview */
function samePage({ headers }: FastifyRequest): string {
  const { referer = '' } = headers;
  if (!URL.canParse(referer)) return '/';
  const { pathname, search } = new URL(referer);
  return localPath(pathname + search);
}

/** @returns the language of the page that is being made */
export function pageLanguage(): Language {
  return current.getStore() ?? languages[0];
}

/** @returns the locale that formats dates and numbers of the page that is being made */
export function pageLocale(): string {
  return locales[pageLanguage()];
}

/**
 * @param text the English text, an ICU message
 * @param values for its braces
 * @returns the text in the language of the page; it is not escaped
 */
export function t(text: string, values?: TextValues): string {
  const language = pageLanguage();
  const messages = parsed[language];
  const known = messages.get(text);
  if (known !== undefined) return known.format(values) as string;
  const message = new IntlMessageFormat(language === 'ko' ? (korean[text] ?? text) : text, locales[language], undefined, {
    ignoreTag: true,
  });
  messages.set(text, message);
  return message.format(values) as string;
}

/** @returns `1,200`, in the language of the page */
export function formatNumber(count: number): string {
  return count.toLocaleString(pageLocale());
}

/** Runs a function in which all texts are English: what is recorded for others has no language of one user. */
export function inEnglish<Result>(run: () => Result): Result {
  return current.run('en', run);
}

/** Marks a text that `t` is called with later, as in a table of labels. @param english returned as it is */
export function text<English extends string>(english: English): English {
  return english;
}

/** A text between elements, escaped: `<Text of="Since {time}" values={{ time }} /> <a href…`. */
export function Text({ of, values }: { of: string; values?: TextValues }): JSX.Element {
  return Html.escapeHtml(t(of, values));
}

/** Runs in the language of a request whose URL is unreadable: no hook has run for it, nor are its cookies parsed. */
export function inLanguageOf<T>(request: FastifyRequest, run: () => T): T {
  const { headers, server } = request;
  return current.run(languageOf({ headers, cookies: server.parseCookie(headers.cookie ?? '') }), run);
}

function languageOf({ cookies, headers }: Pick<FastifyRequest, 'cookies' | 'headers'>): Language {
  const chosen = languages.find((language) => language === cookies['language']);
  return chosen ?? languages.find((language) => language === new Negotiator({ headers }).language([...languages])) ?? languages[0];
}
