/**
 * Addresses in the one form that is safe in an SMTP command and in a header: the plain `local@domain` of RFC 5321, without quotes,
 * comments, lists, brackets or line breaks. Each of those has been used to inject a second recipient or a header.
 */
import { domainToASCII } from 'node:url';
import { limits } from './limits.ts';

/** An address in stored form: the domain in lower case and in ASCII, with an optional display name. */
export interface Mailbox {
  address: string;
  name?: string;
}

/** An address in the form that callers may send. */
export type Address = string | Mailbox;

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?';

/** RFC 5321 dot-string local part of at most 64 characters; then `localhost`, or a domain with at least one dot whose last label is not a number. */
export const addressPattern = `^(?=[^@]{1,64}@)${atom}(?:\\.${atom})*@(?:(?:${label}\\.)+(?!\\d+$)${label}|localhost)$`;

/** A display name has no control characters: a line break in it would start a new header. */
export const namePattern = '^[^\\u0000-\\u001f\\u007f\\u2028\\u2029]*$';

const addressExpression = new RegExp(addressPattern, 'u');
const nameExpression = new RegExp(namePattern, 'u');

/**
 * Parses an address into stored form.
 * @param written `anne@example.com`, `{ name, address }`, or, in configuration only, `Anne <anne@example.com>`
 * @returns undefined when it is not one plain address
 */
export function parseMailbox(written: Address): Mailbox | undefined {
  if (typeof written !== 'string') return mailbox(written.address, written.name);
  const named = /^\s*("?)([^"<>]*)\1\s*<([^<>]+)>\s*$/.exec(written);
  return named?.[3] === undefined ? mailbox(written, undefined) : mailbox(named[3], named[2]?.trim());
}

/** The part of an address after the @. */
export function addressDomain(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

function mailbox(address: string, name: string | undefined): Mailbox | undefined {
  if (address.length > limits.addressLength || !addressExpression.test(address)) return undefined;
  if (name !== undefined && (name.length > limits.nameLength || !nameExpression.test(name))) return undefined;
  const domain = domainToASCII(addressDomain(address).toLowerCase());
  if (domain === '') return undefined;
  const plain = `${address.slice(0, address.lastIndexOf('@'))}@${domain}`;
  return name ? { name, address: plain } : { address: plain };
}
