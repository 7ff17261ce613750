/**
 * The helpers and blocks that a template may use, registered in an isolated Handlebars environment:
 *
 *     {{t 'greeting'}}                 a string of the locale, with the same data and its own arguments: {{t 'greeting' name=nickname}}
 *     {{url resetUrl}}                 a link: https, http or mailto only
 *     {{money price currency}}         an amount in whole units of its currency: 12900 KRW, 12.5 EUR
 *     {{number quantity}}              a number; options as for Intl.NumberFormat
 *     {{plural n one='# day' other='# days'}}  the form for a number, with # in its place; `zero=` is for 0 in every language
 *     {{date at dateStyle='long'}}     a time, in UTC unless `timeZone` is given; options as for Intl.DateTimeFormat
 *     {{relative expiresAt sentAt}}    a time as seen from another one: "in 3 days", "3일 후"
 *     {{list names}}                   "Anne, Bea and Chris"; options as for Intl.ListFormat
 *     {{isolate nickname}}             a text inside a sentence, so that Arabic or Hebrew does not reorder what is around it
 *     {{preheaderPadding}}             invisible characters after the preheader, so that an inbox shows nothing of the body behind it
 *     {{#if}} {{#unless}} {{#each}} {{#with}}, and {{@locale}}
 *
 * Where masked data is rendered, a masked link leads nowhere, and any other masked value is shown as the mask.
 * An argument that a helper cannot use is an Error which names the argument and what it must be.
 *
 * Everything else is rejected: partials (use MJML includes), `lookup` (it cannot be checked when the set is loaded) and `log` (content never reaches a log).
 */
import Handlebars from 'handlebars';
import { IntlFormats, isolate } from './intl-formats.ts';
import { mask } from './sensitive-data.ts';

/** A compiled source: renders data, with the locale and its strings in Handlebars' data frame. */
export type CompiledSource = (data: unknown, frame: { data: Frame }) => string;

/** The data frame of a rendering: what `@` variables and helpers read. */
interface Frame {
  readonly locale: string;
  readonly strings: ReadonlyMap<string, CompiledSource>;
  /** The data has masks. Only then is a text that looks like a mask one: data of a real mail is never taken for it. */
  readonly isMasked: boolean;
}

interface HelperOptions {
  hash: Record<string, unknown>;
  data: Frame;
}

/** The number of parameters of each helper. */
export const helperArity: ReadonlyMap<string, number> = new Map(
  Object.entries({ t: 1, url: 1, money: 2, number: 1, plural: 1, date: 1, relative: 2, list: 1, isolate: 1, preheaderPadding: 0 }),
);

/** The built-in blocks that are allowed. */
export const blocks: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with']);

/** The variables after an `@`, besides `@root`. */
export const dataVariables: ReadonlySet<string> = new Set(['locale', 'index', 'key', 'first', 'last']);

/** Combining grapheme joiner, zero-width non-joiner, no-break space: invisible, and no inbox removes it from the end. */
const preheaderPadding = '\u034f\u200c\u00a0'.repeat(90);

/** Compiles sources into functions. */
export class TemplateHelpers {
  readonly #handlebars = Handlebars.create();
  readonly #formats = new IntlFormats();

  constructor() {
    const formats = this.#formats;
    const unmasked =
      (parameters: number, format: (locale: string, hash: HelperOptions['hash'], ...values: unknown[]) => string) =>
      (...values: unknown[]) => {
        const { hash, data } = values.at(-1) as HelperOptions;
        const used = values.slice(0, parameters);
        return hasMask(data, ...used) ? mask : format(data.locale, hash, ...used);
      };
    this.#handlebars.registerHelper({
      t: translate,
      url: (value: unknown, { data }: HelperOptions) => (hasMask(data, value) ? `#${mask}` : safeUrl(value)),
      money: unmasked(2, (locale, hash, amount, currency) => formats.money(locale, amount, currency, hash)),
      number: unmasked(1, (locale, hash, value) => formats.number(locale, value, hash)),
      plural: unmasked(1, (locale, hash, value) => formats.plural(locale, value, hash)),
      date: unmasked(1, (locale, hash, time) => formats.date(locale, time, hash)),
      relative: unmasked(2, (locale, hash, time, from) => formats.relative(locale, time, from, hash)),
      list: unmasked(1, (locale, hash, entries) => formats.list(locale, entries, hash)),
      isolate: unmasked(1, (_locale, _hash, text) => isolate(text)),
      preheaderPadding: () => preheaderPadding,
    });
  }

  /**
   * Compiles a source. Handlebars parses it at its first use.
   *
   * @param target `html` escapes the output of mustaches, `text` does not
   */
  compile(source: string, target: 'html' | 'text'): CompiledSource {
    // Most strings have no mustache. Calling Handlebars for each of them would take most of the time of a rendering.
    if (!source.includes('{{')) return () => source;
    const knownHelpers = { ...Object.fromEntries([...helperArity.keys()].map((name) => [name, true])), log: false, lookup: false };
    return this.#handlebars.compile(source, { strict: true, knownHelpersOnly: true, knownHelpers, noEscape: target === 'text' });
  }
}

function translate(this: unknown, key: string, { hash, data }: HelperOptions): string {
  const compiled = data.strings.get(key);
  if (compiled === undefined) throw new Error(`the locale ${data.locale} has no string ${key}`);
  return compiled({ ...(this as object), ...hash }, { data });
}

function hasMask({ isMasked }: Frame, ...values: unknown[]): boolean {
  return isMasked && values.includes(mask);
}

/** Accepts only the schemes that a mail needs, so that a link cannot run a script. */
function safeUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined) throw new Error('a link is not an absolute URL');
  if (!['https:', 'http:', 'mailto:'].includes(url.protocol))
    throw new Error(`a link starts with ${url.protocol} and not with https:, http: or mailto:`);
  return url.href;
}
