/**
 * Which mails somebody wants to see: the filter behind `GET /v1/mails`, behind the dashboard's list, and behind bulk work.
 * It travels in a URL; this file reads it from there, naming what does not fit, and writes it back.
 */
import { addressDomain, parseMailbox } from './address.ts';
import type { Issue } from './issue.ts';
import { limits } from './limits.ts';
import { type MailState, mailStates } from './state.ts';

/** Conditions that must all hold; without any, every mail fits. */
export interface MailFilter {
  /** One of these. */
  state?: MailState[];
  template?: string;
  /** An address, or a domain; exactly, in any letter case. */
  recipient?: string;
  tag?: string;
  /** The provider that the latest try went to. */
  provider?: string;
  /** The reason of a mail in trouble, as its record has it: `550 5.1.1`, `ECONNREFUSED`. */
  error?: string;
  /** The id of a failure group. */
  group?: string;
  /** Accepted at this time or later, ms since the epoch. */
  from?: number;
  /** Accepted at this time or earlier, ms since the epoch. */
  to?: number;
}

/** The parameters of a URL that make a filter. */
export const mailFilterNames = ['state', 'template', 'recipient', 'tag', 'provider', 'error', 'group', 'from', 'to'] as const;

/** A URL's parameters, as a server parses them: a parameter that is named twice is a list. */
type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads a filter. Empty parameters count as absent, because a form sends its empty fields; parameters of other names are
 * not looked at.
 * @returns the filter, and what does not fit, by JSON pointer
 */
export function readMailFilter(parameters: Parameters): { filter: MailFilter; issues: Issue[] } {
  const issues: Issue[] = [];
  const wrong = (name: string, message: string): undefined => void issues.push({ pointer: `/${name}`, message });
  const one = (name: string, max: number): string | undefined => {
    const [value, ...more] = values(parameters[name]);
    if (value === undefined) return undefined;
    if (more.length > 0) return wrong(name, 'may be given once');
    return value.length > max ? wrong(name, `has more than ${max} characters`) : value;
  };
  const states = () => {
    const words = values(parameters['state']).flatMap((value) => value.split(','));
    const state = mailStates.filter((known) => words.includes(known));
    if (words.some((word) => !mailStates.some((known) => known === word)))
      return wrong('state', `must be of: ${mailStates.join(', ')}; several are parted by commas`);
    return state.length === 0 ? undefined : state;
  };
  const recipient = (written = one('recipient', limits.addressLength)) => {
    if (written === undefined) return undefined;
    return recipientOf(written) ?? wrong('recipient', 'must be one address, such as anne@example.com, or a domain, such as example.com');
  };
  const time = (name: string, written = one(name, 40)) => {
    if (written === undefined) return undefined;
    const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(written)
      ? Date.parse(written)
      : Number.NaN;
    return Number.isNaN(at) ? wrong(name, 'must be a time, such as 2026-11-22T09:00:00Z') : at;
  };
  const entries = {
    state: states(),
    template: one('template', 64),
    recipient: recipient(),
    tag: one('tag', limits.tagLength),
    provider: one('provider', 255),
    error: one('error', 255),
    group: one('group', 64),
    from: time('from'),
    to: time('to'),
  };
  return { filter: Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)), issues };
}

/** A filter as the parameters of a URL; `readMailFilter` reads it back. */
export function writeMailFilter(filter: MailFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of mailFilterNames) {
    const value = filter[name];
    if (value === undefined) continue;
    const text = Array.isArray(value) ? value.join(',') : typeof value === 'number' ? new Date(value).toISOString() : value;
    parameters.set(name, text);
  }
  return parameters;
}

/** The non-empty values of a parameter. */
function values(value: unknown): string[] {
  return [value].flat().filter((each): each is string => typeof each === 'string' && each.trim() !== '');
}

/** An address or a domain in the form that the record keeps, in lower case. */
function recipientOf(written: string): string | undefined {
  const trimmed = written.trim();
  const isDomain = !trimmed.slice(1).includes('@');
  const address = parseMailbox(isDomain ? `postmaster@${trimmed.replace(/^@/, '')}` : { address: trimmed })?.address.toLowerCase();
  return address !== undefined && isDomain ? addressDomain(address) : address;
}
