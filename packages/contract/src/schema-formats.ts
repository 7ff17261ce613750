/** The formats of every schema: what a text must be, and, where it is not, what exactly is wrong with it. */
import { isAddress, isDisplayName, parseMailbox } from './address.ts';
import { allowedHeaders, isAllowedHeader } from './mail-headers.ts';
import { parseMediaType } from './media-type.ts';

interface Format {
  validate: (text: string) => boolean;
  /** Completes "must be …". */
  mustBe: string;
  /** What is wrong with an invalid text, where that is more than that it is not what it must be. Never repeats the text. */
  explain?: (text: string) => string | undefined;
}

const plainAddress = { validate: isAddress, mustBe: 'one plain address such as anne@example.com', explain: explainAddress };

/** The formats with a check of our own. A template's schema means the same address as a mail's recipients. */
export const ownFormats: Readonly<Record<string, Format>> = {
  base64: { validate: isBase64, mustBe: 'base64', explain: explainBase64 },
  email: plainAddress,
  'idn-email': plainAddress,
  mailbox: {
    validate: (text) => parseMailbox(text) !== undefined,
    mustBe: 'one address, such as anne@example.com or Anne <anne@example.com>',
    explain: explainMailbox,
  },
  'display-name': { validate: isDisplayName, mustBe: 'one line of Unicode text, without line breaks and other control characters' },
  'media-type': {
    validate: (text) => parseMediaType(text) !== undefined,
    mustBe: 'a media type, such as application/pdf or text/calendar; method=REQUEST; charset=utf-8',
  },
  text: { validate: isText, mustBe: 'Unicode text without NUL (U+0000) and without half of a surrogate pair' },
  line: {
    validate: (text) => isText(text) && withoutControls.test(text),
    mustBe: 'one line of Unicode text, without line breaks and other control characters',
  },
  'file-name': {
    validate: (text) => isText(text) && withoutControls.test(text) && !/[/\\]/.test(text),
    mustBe: 'a file name without a path: no slash, no backslash, no line breaks and other control characters',
  },
  'page-size': { validate: (text) => /^(?:100|[1-9][0-9]?)$/.test(text), mustBe: 'a whole number from 1 to 100' },
  'content-id': { validate: (text) => /^[A-Za-z0-9._@-]+$/.test(text), mustBe: 'letters, digits and . _ @ - without spaces, such as logo' },
  locale: {
    validate: (text) => /^([A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*)?$/.test(text),
    mustBe: 'a language tag, such as en, ko or pt-BR',
  },
  tag: { validate: (text) => /^[\x21-\x7e]*$/.test(text), mustBe: 'printable ASCII characters without spaces, such as password-reset' },
  'header-name': { validate: isAllowedHeader, mustBe: `one of the headers ${allowedHeaders.replaceAll('`', '')}` },
};

const libraryFormats: Readonly<Record<string, Pick<Format, 'mustBe' | 'explain'>>> = {
  'date-time': { mustBe: 'a date and time such as 2026-11-22T09:00:00Z', explain: explainTime },
  date: { mustBe: 'a date such as 2026-11-22' },
  time: { mustBe: 'a time such as 09:00:00Z' },
  uri: { mustBe: 'a URI such as https://example.com/' },
  uuid: { mustBe: 'a UUID' },
};

/** What a text of this format must be, to complete "must be …". */
export function describeFormat(format: string): string {
  return (ownFormats[format] ?? libraryFormats[format])?.mustBe ?? 'in another form';
}

/** What is wrong with a text that does not have the format. */
export function explainFormat(format: string, text: string): string {
  return (ownFormats[format] ?? libraryFormats[format])?.explain?.(text) ?? `must be ${describeFormat(format)}`;
}

const asciiControls = '\\u0000-\\u001f\\u007f';

const withoutControls = new RegExp(`^[^${asciiControls}]*$`);

/** Of a longer text only the beginning is explained. Each rule below looks at every character a few times: a request may have many such texts. */
const maxExplained = 1000;

/** What UTF-8 and every mail program can represent. Neither check takes longer than a pass over the text. */
export function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** RFC 4648 section 4 with its padding. A regular expression over 33 MB would be as strict and slower. */
function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return !/[^A-Za-z0-9+/]/.test(padding === 0 ? text : text.slice(0, -padding));
}

function explainBase64(text: string): string | undefined {
  if (/^data:/i.test(text)) return 'must be base64 alone: leave out `data:` and all up to the comma';
  if (/\s/.test(text)) return 'must be base64 without line breaks and blanks';
  if (/^[\w-]+=*$/.test(text) && /[-_]/.test(text)) return 'must be base64 with + and /, not the URL-safe form with - and _';
  if (/^[A-Za-z0-9+/]+=*$/.test(text))
    return 'must be base64 with a length that is a multiple of 4: its end or its padding with = is missing';
  return 'must be base64: encode the bytes of the file, such as with `base64 -w0`';
}

function explainMailbox(whole: string): string | undefined {
  const text = whole.slice(0, maxExplained);
  if (text.trim() === '') return 'is empty; it must be an address, such as anne@example.com';
  const parts = text.split(/[,;]/).map((part) => part.trimEnd());
  if (parts.filter((part) => part.includes('@')).length > 1 || parts.slice(0, -1).some((part) => part.includes('@') && part.endsWith('>')))
    return 'has several addresses in one string; write a list of strings: ["anne@example.com", "Bo <bo@example.com>"]';
  const slip = explainSlip(text);
  if (slip !== undefined) return slip;
  if (/^mailto:/i.test(text)) return 'must be an address without mailto:, such as anne@example.com';
  if (/^[^<>"]*\s[^\s<>@]+@[^\s<>@]+$/.test(text.trim()))
    return 'must be one address; one with a name has angle brackets: Anne <anne@example.com>';
  return undefined;
}

function explainAddress(whole: string): string | undefined {
  const text = whole.slice(0, maxExplained);
  if (text === '') return 'is empty; it must be an address, such as anne@example.com';
  const inBrackets = text.slice(text.indexOf('<'));
  if (inBrackets.startsWith('<') && inBrackets.includes('@') && inBrackets.trimEnd().endsWith('>'))
    return 'must be one plain address such as anne@example.com, without a name and without angle brackets';
  return explainSlip(text);
}

/** What is wrong with a text that would be an address without it. */
function explainSlip(text: string): string | undefined {
  if (isAddress(text.trim())) return 'has blanks or line breaks around the address; leave them out';
  if (parseMailbox(text.replace(/\.(>?\s*)$/, '$1')) !== undefined) return 'has a dot at the end of the address; leave it out';
  if (parseMailbox(text.replace(/@[^\s@<>.]+(>?\s*)$/, '@example.com$1')) !== undefined && text.lastIndexOf('.') < text.lastIndexOf('@'))
    return 'has a domain without a dot; write the whole domain, such as in anne@example.com';
  return undefined;
}

/** RFC 3339 section 5.6. */
function explainTime(text: string): string | undefined {
  const example = 'a date and time such as 2026-11-22T09:00:00Z or 2026-11-22T18:00:00+09:00';
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `has no time of day and no time zone; it must be ${example}`;
  const [, separator, seconds, zone] = /^\d{4}-\d{2}-\d{2}([Tt ]?)\d{2}:\d{2}(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(text) ?? [];
  if (separator === undefined) return /^\d+$/.test(text) ? `is a number in quotes; it must be ${example}` : `must be ${example}`;
  const missing = [
    ...(separator === '' ? ['T between date and time'] : []),
    ...(seconds === undefined ? ['seconds'] : []),
    ...(zone === undefined ? ['time zone (Z, or an offset such as +09:00)'] : []),
  ];
  if (missing.length === 0) return `names a date or a time that does not exist; it must be ${example}`;
  return `has no ${missing.join(' and no ')}; it must be ${example}`;
}
