/**
 * Addresses in the one form that the API, templates, configuration and search accept: `local@domain`, without quotes, comments, lists,
 * brackets or line breaks. Each of those has been used to inject a second recipient or a header.
 */
import { domainToASCII } from 'node:url';
import { limits } from './limits.ts';

/** An address in stored form: the domain in lower case and in ASCII, with an optional display name. */
export interface Mailbox {
  address: string;
  name?: string;
}

/** An address in the form that callers may send: `anne@example.com`, `Anne <anne@example.com>`, or name and address apart. */
export type Address = string | Mailbox;

/**
 * A local part: RFC 5322 atext and dots, and letters, marks and digits of any script (RFC 6532), without symbols that look like ASCII ones.
 * Dots may be doubled, or stand before the @: Japanese carriers have given out such addresses. RFC 5321 has them in quotes, and they are
 * sent that way.
 */
const localExpression = /^[!#$%&'*+/=?^_`{|}~\p{L}\p{M}\p{N}-][!#$%&'*+/=?^_`{|}~\p{L}\p{M}\p{N}.-]*$/u;

/** What a domain may be written with. The joiners belong to some Indic and Persian words; UTS 46 checks where they stand. */
const domainExpression = /^[\p{L}\p{M}\p{N}\p{Join_Control}.-]+$/u;

/** RFC 1035 labels, at least two, the last one no number, which would make it an IP address; or `localhost`. */
const asciiDomainExpression = /^(?:(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?|localhost)$/;

const lineEnds = '\\u0000-\\u001f\\u007f\\u2028\\u2029';

const nameExpression = new RegExp(`^[^${lineEnds}]*$`);

const controls = /\p{Cc}/u;

/**
 * Parses an address into stored form.
 * @param written `anne@example.com`, `Anne <anne@example.com>`, or `{ name, address }`, where `address` is a plain address
 * @returns undefined when it is not exactly one address
 */
export function parseMailbox(written: Address): Mailbox | undefined {
  if (typeof written !== 'string') return mailbox(written.address, written.name);
  if (written.length > maxMailboxLength || controls.test(written)) return undefined;
  const named = /^(?:"((?:[^"\\]|\\.)*)" *|([^"<>]*))<([^<>]+)>$/.exec(written.trim());
  if (named === null) return mailbox(written, undefined);
  const [, quoted, bare = '', address = ''] = named;
  // `anne@example.com, Bo <bo@example.com>` is a list.
  if (/[,;]/.test(bare) && bare.includes('@')) return undefined;
  return mailbox(address, quoted?.replace(/\\(.)/g, '$1') ?? bare);
}

/** True for one plain address, without a name: the format `email` of every schema. */
export function isAddress(text: string): boolean {
  return mailbox(text, undefined) !== undefined;
}

/** True for a display name: no control characters, because a line break would start a new header, and no half of a surrogate pair. */
export function isDisplayName(text: string): boolean {
  return nameExpression.test(text) && text.isWellFormed();
}

/** The part of an address after the @. */
export function addressDomain(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** A quoted name, in which each character may be escaped or be two UTF-16 units, and an address in angle brackets. */
const maxMailboxLength = 2 * limits.nameLength + limits.addressLength + 8;

function mailbox(written: string, name: string | undefined): Mailbox | undefined {
  if (written.length > limits.addressLength) return undefined;
  const at = written.lastIndexOf('@');
  const local = written.slice(0, Math.max(at, 0)).normalize('NFC');
  const domain = asciiDomain(written.slice(at + 1));
  if (domain === undefined || !localExpression.test(local) || Buffer.byteLength(local) > limits.localPartBytes) return undefined;
  const address = `${local}@${domain}`;
  if (Buffer.byteLength(address) > limits.addressLength) return undefined;
  if (name !== undefined && ([...name].length > limits.nameLength || !isDisplayName(name))) return undefined;
  const shown = name?.trim();
  return shown ? { name: shown, address } : { address };
}

/** The domain by UTS 46. What it becomes is checked again: some digits and dots of other scripts become ASCII ones. */
function asciiDomain(domain: string): string | undefined {
  if (!domainExpression.test(domain)) return undefined;
  const ascii = domainToASCII(domain.toLowerCase());
  return asciiDomainExpression.test(ascii) ? ascii : undefined;
}
