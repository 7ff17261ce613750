/**
 * The filter of `GET /v1/mails`, of the dashboard's list and of bulk actions: read from a URL's parameters, with an issue for each
 * invalid one, and written back to them.
 */
import { addressDomain, parseMailbox } from './address.ts';
import type { Issue, IssueCode } from './issue-list.ts';
import { limits } from './limits.ts';
import { type Priority, priorities } from './mail-policy.ts';
import { type MailState, mailStates } from './mail-state.ts';
import { isReason, type Reason } from './reasons.ts';

/** Conditions that must all hold; without any, every mail matches. */
export interface MailFilter {
  /** The mail is in one of these states. */
  state?: MailState[];
  template?: string;
  /** A whole address, a whole domain, or what is before the @ of an address with that @ (`anne@`); in lower case. */
  recipient?: string;
  tag?: string;
  /** The provider of the latest attempt or deferral. */
  provider?: string;
  /** The reason code of the latest attempt or deferral: `550 5.1.1`, `ECONNREFUSED`. */
  reason?: Reason;
  /** The name of the API key that it was sent with. */
  apiKey?: string;
  /** Ids of failure groups; the mail is in one of them. */
  group?: string[];
  /** The id of a bulk action: it was the last that changed the mail. */
  bulk?: string;
  /** The Message-ID of a raw message, with its angle brackets. */
  messageId?: string;
  /** A value in the metadata, in full. Only of mails that were accepted with search keys. */
  metadata?: string;
  priority?: Priority;
  /** Sent to some recipients and rejected by others. */
  partial?: true;
  /** Accepted at this time or later, ms since the epoch. */
  from?: number;
  /** Accepted at this time or earlier, ms since the epoch. */
  to?: number;
}

/** The URL parameters of a filter. */
export const mailFilterNames = [
  'state',
  'template',
  'recipient',
  'tag',
  'provider',
  'reason',
  'apiKey',
  'group',
  'bulk',
  'priority',
  'partial',
  'metadata',
  'messageId',
  'from',
  'to',
] as const;

/** A URL's parameters, as a server parses them: a parameter that is named twice is a list. */
type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads a filter. Empty parameters count as absent, because a form sends its empty fields; parameters of other names are ignored.
 * @returns the filter with its valid conditions, and an issue for each invalid parameter
 */
export function readMailFilter(parameters: Parameters): { filter: MailFilter; issues: Issue[] } {
  const issues: Issue[] = [];
  const invalid = (name: string, message: string, code: IssueCode = 'wrong-format'): undefined =>
    void issues.push({ pointer: `/${name}`, message, code });
  const one = (name: string, max: number): string | undefined => {
    const [value, ...more] = values(parameters[name]);
    if (value === undefined) return undefined;
    if (more.length > 0) return invalid(name, 'may be given once', 'duplicate');
    return value.length > max ? invalid(name, `must have at most ${max} characters`, 'out-of-range') : value;
  };
  const states = () => {
    const names = values(parameters['state']).flatMap((value) => value.split(','));
    const state = mailStates.filter((known) => names.includes(known));
    if (names.some((name) => !mailStates.some((known) => known === name)))
      return invalid('state', `must be one of: ${mailStates.join(', ')}; separate several with commas`, 'not-allowed');
    return state.length === 0 ? undefined : state;
  };
  const groups = () => {
    const ids = [...new Set(values(parameters['group']).flatMap((value) => value.split(',')))];
    if (ids.some((id) => !/^[0-9a-f]{12}$/.test(id)))
      return invalid('group', 'must be the id of a failure group, as a list shows it; separate several with commas');
    if (ids.length > limits.filterGroups) return invalid('group', `has more than ${limits.filterGroups} failure groups`);
    return ids.length === 0 ? undefined : ids;
  };
  const recipient = (written = one('recipient', limits.searchLength)) => {
    if (written === undefined) return undefined;
    return (
      recipientOf(written) ??
      invalid(
        'recipient',
        'must be one address, such as anne@example.com, a domain, such as example.com, or the part before the @ with it, such as anne@',
      )
    );
  };
  const reason = (written = one('reason', 255)?.trim()) => {
    if (written === undefined || isReason(written)) return written;
    return invalid(
      'reason',
      'must be a reason code: of a reply, such as 550 5.1.1, of an error, such as ECONNREFUSED, or a word such as expired',
    );
  };
  const priority = (written = one('priority', 10)) => {
    const known = priorities.find((each) => each === written);
    return written === undefined || known !== undefined
      ? known
      : invalid('priority', `must be one of: ${priorities.join(', ')}`, 'not-allowed');
  };
  const partial = (written = one('partial', 5)) => {
    if (written === undefined || written === 'true') return written && true;
    return invalid('partial', 'must be true, or absent');
  };
  const messageId = (written = one('messageId', limits.headerLength)?.trim()) => {
    if (written === undefined || /^<[^<>\s]+>$/.test(written)) return written;
    // As mail programs and logs show it.
    if (/^[^<>\s]+@[^<>\s]+$/.test(written)) return `<${written}>`;
    return invalid('messageId', 'must be a Message-ID with its angle brackets, such as <1@example.com>');
  };
  const time = (name: string, written = one(name, 40)) => {
    if (written === undefined) return undefined;
    const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(written)
      ? Date.parse(written)
      : Number.NaN;
    return Number.isNaN(at) ? invalid(name, timeAdvice(written)) : at;
  };
  const entries = {
    state: states(),
    template: one('template', 64),
    recipient: recipient(),
    tag: one('tag', limits.tagLength),
    provider: one('provider', 255),
    reason: reason(),
    apiKey: one('apiKey', 64),
    group: groups(),
    bulk: one('bulk', 64),
    priority: priority(),
    partial: partial(),
    metadata: one('metadata', limits.searchKeys.valueLength)?.trim(),
    messageId: messageId(),
    from: time('from'),
    to: time('to'),
  };
  return { filter: Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)), issues };
}

/** A filter as URL parameters; `readMailFilter` reads it back. */
export function writeMailFilter(filter: MailFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of mailFilterNames) {
    const value = filter[name];
    if (value === undefined) continue;
    const text = Array.isArray(value) ? value.join(',') : typeof value === 'number' ? new Date(value).toISOString() : String(value);
    parameters.set(name, text);
  }
  return parameters;
}

function timeAdvice(written: string): string {
  const example = 'it must be a time, such as 2026-11-22T09:00:00Z';
  if (/T[\d:.]+ \d{2}:?\d{2}$/.test(written)) return `has a blank where its offset has +, which is %2B in a URL; ${example}`;
  if (/T[\d:.]+$/.test(written)) return `has no time zone (Z, or an offset such as +09:00); ${example}`;
  return 'must be a time, such as 2026-11-22T09:00:00Z';
}

/** The non-empty values of a parameter. */
function values(value: unknown): string[] {
  return [value].flat().filter((each): each is string => typeof each === 'string' && each.trim() !== '');
}

/** An address or a domain in the form that the record keeps, in lower case. `Anne <anne@example.com>` and `mailto:` URLs are pasted. */
function recipientOf(written: string): string | undefined {
  const text = withoutScheme(written.trim());
  if (text.endsWith('@')) return parseMailbox(`${text}example.com`)?.address.toLowerCase().slice(0, -'example.com'.length);
  const isDomain = !text.slice(1).includes('@');
  const address = parseMailbox(isDomain ? `postmaster@${text.replace(/^@/, '')}` : text)?.address.toLowerCase();
  return address !== undefined && isDomain ? addressDomain(address) : address;
}

/** The address of a `mailto:` URL (RFC 6068); any other text as it is. */
function withoutScheme(text: string): string {
  const encoded = /^mailto:([^?]*)/i.exec(text)?.[1];
  try {
    return encoded === undefined ? text : decodeURIComponent(encoded);
  } catch {
    return text;
  }
}
