/**
 * The helpers and blocks that a template may use, registered in an isolated Handlebars environment:
 *
 *     {{t 'greeting'}}                 a string of the locale, with the same data and its own arguments: {{t 'greeting' name=nickname}}
 *     {{url resetUrl}}                 a link: https, http or mailto only
 *     {{money price currency}}         an amount in whole units of its currency: 12900 KRW, 12.5 EUR
 *     {{number quantity}}              a number; options as for Intl.NumberFormat
 *     {{date at dateStyle='long'}}     a time, in UTC unless `timeZone` is given; options as for Intl.DateTimeFormat
 *     {{#if}} {{#unless}} {{#each}} {{#with}}, and {{@locale}}
 *
 * Where masked data is rendered, a masked link leads nowhere, and a masked number or time is shown as the mask.
 *
 * Everything else is rejected: partials (use MJML includes), `lookup` (it cannot be checked when the set is loaded) and `log` (content never reaches a log).
 */
import Handlebars from 'handlebars';
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
export const helperArity: ReadonlyMap<string, number> = new Map(Object.entries({ t: 1, url: 1, money: 2, number: 1, date: 1 }));

/** The built-in blocks that are allowed. */
export const blocks: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with']);

/** The variables after an `@`, besides `@root`. */
export const dataVariables: ReadonlySet<string> = new Set(['locale', 'index', 'key', 'first', 'last']);

const maxFormatters = 200;

/** Compiles sources into functions and caches Intl formatters, which are expensive to create. */
export class TemplateHelpers {
  readonly #handlebars = Handlebars.create();
  readonly #formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

  constructor() {
    this.#handlebars.registerHelper({
      t: translate,
      url: (value: unknown, { data }: HelperOptions) => (hasMask(data, value) ? `#${mask}` : safeUrl(value)),
      money: (amount: unknown, currency: unknown, { hash, data }: HelperOptions) =>
        hasMask(data, amount, currency)
          ? mask
          : this.#number(data.locale, { style: 'currency', currency, ...hash }).format(toNumber(amount)),
      number: (value: unknown, { hash, data }: HelperOptions) =>
        hasMask(data, value) ? mask : this.#number(data.locale, hash).format(toNumber(value)),
      date: (time: unknown, { hash, data }: HelperOptions) =>
        hasMask(data, time) ? mask : this.#date(data.locale, hash).format(toDate(time)),
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

  #number(locale: string, options: object): Intl.NumberFormat {
    return this.#formatter(`number ${locale} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(locale, options));
  }

  #date(locale: string, { timeZone = 'UTC', ...style }: Record<string, unknown>): Intl.DateTimeFormat {
    const options: object = { timeZone, ...(Object.keys(style).length === 0 ? { dateStyle: 'long' } : style) };
    return this.#formatter(`date ${locale} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale, options));
  }

  #formatter<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, create: () => T): T {
    const formatter = (this.#formatters.get(key) as T | undefined) ?? create();
    // Options may come from data, so the number of formatters has to be limited.
    if (this.#formatters.size >= maxFormatters) this.#formatters.clear();
    this.#formatters.set(key, formatter);
    return formatter;
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

function toNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error('the value to format as a number is not a number');
  return value;
}

function toDate(value: unknown): Date {
  const time = new Date(value as string | number);
  if (Number.isNaN(time.getTime())) throw new Error('the value to format as a date is not a date');
  return time;
}
