/** What a pause holds back, as it is stored and as a worker checks it. */
import { addressDomain, type MailRecord } from '@posthouse/contract';

/** What a pause can be of: one template, tag or provider, the recipients of one domain, or everything. */
export const pauseScopes = ['everything', 'template', 'tag', 'provider', 'domain'] as const;

export type PauseScope = (typeof pauseScopes)[number];

/** A pause as it is stored. */
export interface StoredPause {
  scope: PauseScope;
  /** The name of the template, tag or provider; of a domain its digest, because domains are not stored in clear; '' for everything. */
  match: string;
  by: string;
  /** ms since the epoch. */
  since: number;
  /** When it ends automatically, ms since the epoch. */
  until?: number;
  /** The reason, and the name of a domain: sealed, in Base64. */
  sealed: string;
}

/** What decides whether a pause concerns a mail. */
export type PausedMail = Pick<MailRecord, 'template' | 'tags' | 'recipients'>;

/**
 * Whether a pause holds a mail back. One of a domain does as long as a recipient there is pending, and holds back the whole mail: its other
 * recipients get it at the same time. One of a provider never does: another provider may take the mail.
 * @param digests see Sealer.digests
 */
export function concerns(
  { scope, match }: Pick<StoredPause, 'scope' | 'match'>,
  mail: PausedMail,
  digests: (value: string) => string[],
): boolean {
  switch (scope) {
    case 'everything':
      return true;
    case 'template':
      return mail.template === match;
    case 'tag':
      return mail.tags.includes(match);
    case 'domain':
      return mail.recipients.some(({ state, address }) => state === 'pending' && digests(domainOf(address)).includes(match));
    case 'provider':
      return false;
  }
}

function domainOf(address: string): string {
  return addressDomain(address.toLowerCase());
}

/** The pauses that a worker knows of. While there are none, a mail costs one comparison. */
export class ActivePauses {
  readonly #digests: (value: string) => string[];
  #ofMails: readonly (StoredPause & { id: string })[] = [];
  /** Nothing is sent at all. */
  everything = false;
  /** The names of providers that are not used. */
  providers: ReadonlySet<string> = new Set();

  constructor(digests: (value: string) => string[]) {
    this.#digests = digests;
  }

  /** Replaces them. */
  set(pauses: readonly (StoredPause & { id: string })[]): void {
    this.everything = pauses.some(({ scope }) => scope === 'everything');
    this.providers = new Set(pauses.flatMap(({ scope, match }) => (scope === 'provider' ? [match] : [])));
    this.#ofMails = pauses.filter(({ scope }) => scope !== 'everything' && scope !== 'provider');
  }

  /** The id of a pause that the mail is to be parked under. */
  parking(mail: PausedMail): string | undefined {
    if (this.#ofMails.length === 0) return undefined;
    return this.#ofMails.find((pause) => concerns(pause, mail, this.#digests))?.id;
  }
}
