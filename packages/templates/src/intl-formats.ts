/**
 * Numbers, amounts, times and lists as people write them in a locale, by Intl. The values come from the data of a mail: what cannot be
 * formatted is an Error that says which argument it is and what it must be. Formatters are expensive to create, so they are cached.
 */
import { limits } from '@posthouse/contract';

type Options = Readonly<Record<string, unknown>>;

type Formatter = Intl.NumberFormat | Intl.DateTimeFormat | Intl.PluralRules | Intl.RelativeTimeFormat | Intl.ListFormat;

const maxFormatters = 200;

/** Units of `relative` with their seconds; the largest one that fits is used. */
const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** Formats for one template set. */
export class IntlFormats {
  readonly #formatters = new Map<string, Formatter>();

  /** @param amount in whole units of the currency @param currency ISO 4217 */
  money(locale: string, amount: unknown, currency: unknown, options: Options): string {
    if (typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency))
      throw new Error(`the currency ${quoted(currency)} is not a code of three letters, such as KRW`);
    return this.number(locale, amount, { style: 'currency', currency, ...options });
  }

  number(locale: string, value: unknown, options: Options = {}): string {
    const number = toNumber(value);
    return this.#formatter('number', locale, options, () => new Intl.NumberFormat(locale, options)).format(number);
  }

  /**
   * The form of a text for a number, with the number in place of each `#`.
   * @param forms by plural category of CLDR: `zero`, `one`, `two`, `few`, `many`, `other`; `other` is required, and `zero` is also for 0 in
   *   languages that have no form of their own for it
   */
  plural(locale: string, value: unknown, forms: Options): string {
    const number = toNumber(value);
    const category = this.#formatter('plural', locale, {}, () => new Intl.PluralRules(locale)).select(number);
    const form = (number === 0 ? forms['zero'] : undefined) ?? forms[category] ?? forms['other'];
    if (typeof form !== 'string') throw new Error("plural has no form other='…'");
    return form.replaceAll('#', () => this.number(locale, number));
  }

  /** @param time RFC 3339, a day such as 2026-11-27, or ms since the epoch @param options.timeZone IANA name; UTC by default */
  date(locale: string, time: unknown, { timeZone = 'UTC', ...style }: Options): string {
    const date = toDate(time);
    const options: object = { timeZone, ...(Object.keys(style).length === 0 ? { dateStyle: 'long' } : style) };
    return this.#formatter('date', locale, options, () => new Intl.DateTimeFormat(locale, options)).format(date);
  }

  /**
   * A time as seen from another one, in the largest unit that fits, rounded. Both are data: a mail is read later than it is rendered,
   * and the same data renders the same mail.
   */
  relative(locale: string, time: unknown, from: unknown, options: Options): string {
    const seconds = (toDate(time).getTime() - toDate(from).getTime()) / 1000;
    // What would be rounded to 60 minutes is an hour.
    const [unit, size] = units.find(([, size]) => Math.abs(seconds) / size >= 0.95) ?? ['second', 1];
    const formatter = this.#formatter('relative', locale, options, () => new Intl.RelativeTimeFormat(locale, options));
    return formatter.format(Math.round(seconds / size), unit);
  }

  /** @param entries texts, which are isolated, and numbers; at most `limits.listEntries` */
  list(locale: string, entries: unknown, options: Options): string {
    if (!Array.isArray(entries)) throw new Error('the value to format as a list is not a list');
    if (entries.length > limits.listEntries)
      throw new Error(`the list to format has ${entries.length} entries; at most ${limits.listEntries} are possible`);
    const texts = entries.map((entry, index) => {
      if (typeof entry === 'number') return this.number(locale, entry);
      if (typeof entry === 'string') return isolate(entry);
      throw new Error(`entry ${index + 1} of the list to format is not a text or a number`);
    });
    return this.#formatter('list', locale, options, () => new Intl.ListFormat(locale, options)).format(texts);
  }

  #formatter<T extends Formatter>(kind: string, locale: string, options: object, create: () => T): T {
    const key = `${kind} ${locale} ${JSON.stringify(options)}`;
    const formatter = (this.#formatters.get(key) as T | undefined) ?? created(kind, create);
    // Options may come from data, so the number of formatters has to be limited.
    if (this.#formatters.size >= maxFormatters) this.#formatters.clear();
    this.#formatters.set(key, formatter);
    return formatter;
  }
}

/**
 * Puts a text with right-to-left characters between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9, section 2.4.2), which works
 * in a subject too. Other texts stay as they are. An override in the text ends with it: the text's own isolates and embeddings are removed.
 */
export function isolate(value: unknown): string {
  if (typeof value !== 'string') throw new Error('the value to isolate is not a text');
  if (!/[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u200f\u202a-\u202e\u2066-\u2069]/u.test(value))
    return value;
  return `\u2068${value.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`;
}

function created<T>(kind: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    const [, zone] = /^Invalid time zone specified: (.*)/s.exec((error as Error).message) ?? [];
    if (zone !== undefined) throw new Error(`${quoted(zone)} is not a time zone; use a name such as Asia/Seoul`);
    throw new Error(`an option of ${kind} is not valid: ${(error as Error).message.slice(0, 200)}`);
  }
}

function toNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error('the value to format as a number is not a number');
  return value;
}

/** Without an offset, a time would be another one on each machine. */
function toDate(value: unknown): Date {
  const isTime =
    typeof value === 'number' || (typeof value === 'string' && /^\d{4}-\d\d-\d\d(?:$|[Tt ].*(?:[Zz]|[+-]\d\d:?\d\d)$)/.test(value));
  const time = new Date(isTime ? value : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw new Error(`the value to format as a date is not a date: use RFC 3339 with an offset, such as 2026-11-27T09:30:00+09:00`);
  return time;
}

/** A value in an error's text: short, whatever a caller sent. */
function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 60);
}
