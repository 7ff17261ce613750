/**
 * What an API key may do. Rights are written as text, such as `send+read-own+act-own+from=example.com+rate=600/min`: in API_KEYS, on the
 * command line, and in Redis.
 */
import { limits } from '@posthouse/contract';

/** Which mails a right is about: none, those that were sent with a key of the same name, or all. */
export type MailScope = 'none' | 'own' | 'all';

/** Mails in a period. All of them may come at once, at the start of the period. */
export interface KeyRate {
  mails: number;
  per: RatePeriod;
}

/** The period of a rate, and its length in ms. */
export const ratePeriods = { s: 1000, min: 60_000, h: 3_600_000 } as const;
type RatePeriod = keyof typeof ratePeriods;

/** The rights of an API key. */
export interface KeyRights {
  send: boolean;
  read: MailScope;
  /** Read the content of the mails that it may read. */
  content: boolean;
  /** Cancel, retry, resolve, send now and reschedule. */
  act: MailScope;
  /** Read the metrics. */
  metrics: boolean;
  /** The domains that its senders may have, of those that the API allows; absent for all of these. */
  fromDomains?: readonly string[];
  /** The templates that it may send, and then no content of its own; absent for all. */
  templates?: readonly string[];
  /** How many mails it may send; absent for any number. */
  rate?: KeyRate;
}

/** What an API key may do when nothing else is stated. */
export const defaultRights = 'send+read-own+act-own';

const words = ['send', 'read-own', 'read-all', 'content', 'act-own', 'act-all', 'metrics'] as const;

/** Rights that cannot be parsed, or that contradict each other. */
export class RightsError extends Error {
  override readonly name = 'RightsError';
  /** Every error, each as the end of a sentence that begins with "The rights". */
  readonly issues: readonly string[];

  constructor(issues: readonly string[]) {
    super(`The rights ${issues.join('; ')}`);
    this.issues = issues;
  }
}

/**
 * Parses rights.
 *
 * @param text rights, joined by `+`: `send`, `read-own` or `read-all`, `content`, `act-own` or `act-all`, `metrics`, and any number of `from=<domain>`
 *   and `template=<name>`, and one `rate=<mails>/<s, min or h>`
 * @throws RightsError with every error at once
 */
export function parseKeyRights(text: string): KeyRights {
  if (text.trim() === '') throw new RightsError(['are empty; they are joined by +, such as send+read-own']);
  const issues: string[] = [];
  const parts = text.split('+').map((part) => part.trim());
  const has = (word: (typeof words)[number]) => parts.includes(word);
  const valuesOf = (name: string) => parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
  const [domains, templates, rates] = [valuesOf('from').map((domain) => domain.toLowerCase()), valuesOf('template'), valuesOf('rate')];

  for (const part of parts) {
    const isKnown = words.some((word) => word === part) || /^(from|template|rate)=/.test(part);
    if (!isKnown)
      issues.push(
        `contain "${part.slice(0, 40)}"; they are ${words.join(', ')}, from=<domain>, template=<name>, rate=<mails>/<s, min or h>`,
      );
  }
  const repeated = parts.filter((part, n) => parts.indexOf(part) !== n);
  if (repeated.length > 0) issues.push(`contain ${[...new Set(repeated)].join(', ')} more than once`);
  for (const right of ['read', 'act'] as const) {
    if (has(`${right}-own`) && has(`${right}-all`)) issues.push(`contain both ${right}-own and ${right}-all; state one of them`);
  }
  if (has('content') && !has('read-own') && !has('read-all')) issues.push('contain content without read-own or read-all');
  if (!has('send') && domains.length + templates.length + rates.length > 0) issues.push('limit what is sent without containing send');
  if (domains.some((domain) => !/^([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}$/.test(domain) || domain.length > limits.addressLength))
    issues.push('contain from= with what is not a domain, such as example.com; write an international one in its xn-- form');
  if (templates.some((name) => !/^[A-Za-z0-9._-]{1,64}$/.test(name)))
    issues.push('contain template= with what is not the name of a template');
  if (domains.length > limits.keyRights || templates.length > limits.keyRights)
    issues.push(`contain more than ${limits.keyRights} domains or templates`);
  if (rates.length > 1) issues.push('contain more than one rate');
  const rate = rates[0] === undefined ? undefined : rateOf(rates[0]);
  if (rates[0] !== undefined && rate === undefined)
    issues.push(`contain a rate that is not rate=<mails>/<s, min or h>, with 1 to ${limits.keyRate} mails`);
  if (issues.length > 0) throw new RightsError(issues);

  const scope = (right: 'read' | 'act'): MailScope => (has(`${right}-all`) ? 'all' : has(`${right}-own`) ? 'own' : 'none');
  return {
    send: has('send'),
    read: scope('read'),
    content: has('content'),
    act: scope('act'),
    metrics: has('metrics'),
    ...(domains.length > 0 && { fromDomains: domains }),
    ...(templates.length > 0 && { templates }),
    ...(rate !== undefined && { rate }),
  };
}

/** Rights as `parseKeyRights` reads them. */
export function formatKeyRights({ send, read, content, act, metrics, fromDomains = [], templates = [], rate }: KeyRights): string {
  return [
    ...(send ? ['send'] : []),
    ...(read === 'none' ? [] : [`read-${read}`]),
    ...(content ? ['content'] : []),
    ...(act === 'none' ? [] : [`act-${act}`]),
    ...(metrics ? ['metrics'] : []),
    ...fromDomains.map((domain) => `from=${domain}`),
    ...templates.map((name) => `template=${name}`),
    ...(rate === undefined ? [] : [`rate=${rate.mails}/${rate.per}`]),
  ].join('+');
}

function rateOf(text: string): KeyRate | undefined {
  const [, mails, per] = /^([1-9]\d{0,8})\/(s|min|h)$/.exec(text) ?? [];
  if (mails === undefined || Number(mails) > limits.keyRate) return undefined;
  return { mails: Number(mails), per: per as RatePeriod };
}
