/**
 * The words that a template may use in mustaches, on a Handlebars of our own:
 *
 *     {{t 'greeting'}}                 a string of the locale; it sees the same data, and what it is handed: {{t 'greeting' name=nickname}}
 *     {{url resetUrl}}                 a link: https, http or mailto, nothing else
 *     {{money price currency}}         an amount in whole units of its currency: 12900 KRW, 12.5 EUR
 *     {{number quantity}}              a number; options are Intl.NumberFormat's
 *     {{date at dateStyle='long'}}     a time, in UTC unless `timeZone` is given; options are Intl.DateTimeFormat's
 *     {{#if}} {{#unless}} {{#each}} {{#with}}, and {{@locale}}
 *
 * All else is refused: partials (MJML includes), `lookup` (no check could follow it) and `log` (content never reaches a log).
 */
import Handlebars from 'handlebars';

/** A compiled template, handed data and a frame. */
export type CompiledSource = (data: unknown, frame: { data: Frame }) => string;

/** What a rendering knows beside the data. */
interface Frame {
  readonly locale: string;
  readonly strings: ReadonlyMap<string, CompiledSource>;
}

interface HelperOptions {
  hash: Record<string, unknown>;
  data: Frame;
}

/** Our helpers and how many parameters each takes; and the blocks that Handlebars brings. */
export const helperArity: ReadonlyMap<string, number> = new Map(Object.entries({ t: 1, url: 1, money: 2, number: 1, date: 1 }));
export const blocks: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with']);

/** What may follow an `@`, beside `@root`. */
export const dataVariables: ReadonlySet<string> = new Set(['locale', 'index', 'key', 'first', 'last']);

const maxFormatters = 200;

/** Compiles sources into functions. It keeps Intl's formatters, which are dear to make. */
export class TemplateHelpers {
  readonly #handlebars = Handlebars.create();
  readonly #formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

  constructor() {
    this.#handlebars.registerHelper({
      t: translate,
      url: safeUrl,
      money: (amount: unknown, currency: unknown, { hash, data }: HelperOptions) =>
        this.#number(data.locale, { style: 'currency', currency, ...hash }).format(finite(amount)),
      number: (value: unknown, { hash, data }: HelperOptions) => this.#number(data.locale, hash).format(finite(value)),
      date: (time: unknown, { hash, data }: HelperOptions) => this.#date(data.locale, hash).format(instant(time)),
    });
  }

  /** @param target what mustaches put into HTML is escaped. The source is parsed at its first use */
  compile(source: string, target: 'html' | 'text'): CompiledSource {
    // Most strings of a locale have no mustache; a call of Handlebars for each would be most of what a mail costs.
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
    // Their options may come from data, so that there is no end to them.
    if (this.#formatters.size >= maxFormatters) this.#formatters.clear();
    this.#formatters.set(key, formatter);
    return formatter;
  }
}

function translate(this: unknown, key: string, { hash, data }: HelperOptions): string {
  const compiled = data.strings.get(key);
  if (compiled === undefined) throw new Error(`there is no string ${key} in ${data.locale}`);
  return compiled({ ...(this as object), ...hash }, { data });
}

/** Keeps a link from running a script: only what a mail has a use for passes. */
function safeUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined) throw new Error('a link is not an absolute URL');
  if (!['https:', 'http:', 'mailto:'].includes(url.protocol))
    throw new Error(`a link starts with ${url.protocol} and not with https:, http: or mailto:`);
  return url.href;
}

function finite(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error('what is to be shown as a number is none');
  return value;
}

function instant(value: unknown): Date {
  const time = new Date(value as string | number);
  if (Number.isNaN(time.getTime())) throw new Error('what is to be shown as a date is none');
  return time;
}
