/**
 * Envelope and content of a mail as they are sealed: nothing that is empty, and nothing that follows from the rest. What every mail
 * has is a list without names, which would take more than what they name. Objects with names, as earlier versions sealed them, are read too.
 */
import type { ContentState, Envelope, KeptContent, Mailbox, MailContent, MailRecord } from '@posthouse/contract';
import { recipientsOf } from './new-record.ts';

/** An address, or address and name. */
type SealedMailbox = string | [address: string, name: string] | Mailbox;

/** `recipients` only where the addresses are not those of the lists. */
export interface SealedEnvelope
  extends Partial<Record<Exclude<keyof Envelope, 'from' | 'returnPath'>, SealedMailbox[]>>,
    Pick<Envelope, 'returnPath'> {
  from: SealedMailbox;
  recipients?: string[];
}

type Template = NonNullable<MailContent['template']>;

export interface SealedContent extends Partial<Omit<MailContent, 'template'>> {
  template?: [Template['name'], Template['locale'], Template['data']] | Template;
}

/** What is sealed of a mail's envelope. */
export function compactEnvelope({ envelope, recipients }: MailRecord): SealedEnvelope {
  const sealed: SealedEnvelope = { from: sealedMailbox(envelope.from) };
  for (const list of lists) if (envelope[list].length > 0) sealed[list] = envelope[list].map(sealedMailbox);
  if (envelope.returnPath !== undefined) sealed.returnPath = envelope.returnPath;
  const derived = addressesOf(envelope);
  const isDerived = recipients.length === derived.length && recipients.every(({ address }, n) => address === derived[n]);
  if (!isDerived) sealed.recipients = recipients.map(({ address }) => address);
  return sealed;
}

/** The envelope, and the addresses of the recipients in their order. */
export function envelopeFrom({ from, recipients, returnPath, ...stored }: SealedEnvelope): { envelope: Envelope; addresses: string[] } {
  const [to, cc, bcc, replyTo] = lists.map((list) => (stored[list] ?? []).map(mailboxFrom)) as [Mailbox[], Mailbox[], Mailbox[], Mailbox[]];
  const envelope = { from: mailboxFrom(from), to, cc, bcc, replyTo, ...(returnPath !== undefined && { returnPath }) };
  return { envelope, addresses: recipients ?? addressesOf(envelope) };
}

/** What is sealed of a mail's content. */
export function compactContent({ template, ...content }: MailContent): SealedContent {
  return { ...(template !== undefined && { template: [template.name, template.locale, template.data] }), ...withoutEmpty(content) };
}

/** The content; nothing where it was deleted. */
export function contentFrom(stored: SealedContent | undefined): MailContent | undefined {
  if (stored === undefined) return undefined;
  const { template, ...content } = stored;
  return { ...(template !== undefined && { template: templateFrom(template) }), attachments: [], headers: {}, ...content };
}

/** The state of a sent mail's content of which this is kept. */
export function keptState({ template, raw, attachments }: KeptContent): ContentState {
  const isShortened = raw !== undefined && raw.message === undefined;
  return attachments.length > 0 || isShortened || (template?.omitted.length ?? 0) > 0 ? 'reduced' : 'complete';
}

/** The same without empty lists and objects. */
function withoutEmpty<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Object.keys(value ?? {}).length > 0)) as Partial<T>;
}

const lists = ['to', 'cc', 'bcc', 'replyTo'] as const;

function sealedMailbox({ address, name }: Mailbox): SealedMailbox {
  return name === undefined ? address : [address, name];
}

function mailboxFrom(sealed: SealedMailbox): Mailbox {
  if (typeof sealed === 'string') return { address: sealed };
  return Array.isArray(sealed) ? { address: sealed[0], name: sealed[1] } : sealed;
}

function templateFrom(sealed: NonNullable<SealedContent['template']>): Template {
  return Array.isArray(sealed) ? { name: sealed[0], locale: sealed[1], data: sealed[2] } : sealed;
}

function addressesOf(envelope: Envelope): string[] {
  return recipientsOf(envelope).map(({ address }) => address);
}
