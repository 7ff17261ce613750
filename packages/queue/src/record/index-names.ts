/**
 * The names of the indexes that a mail is in. Each is named after what its mails have in common.
 *
 * Every mail is in the index of its class, which is its state, API key, template and provider together. So one entry serves four conditions,
 * and the mails of a state, or all, are those of several classes. Mails that fail are in those of their reason and failure group, too, and
 * a mail that a bulk action changed is in one of that action. The transitions keep these, and the record lists them in `stateIndexes`. The
 * others never change: the record lists those of its tags and recipients, and of the mail that it is a copy of, in `fixedIndexes`. Names in a
 * list are separated by line feeds. An address is in a name only as an HMAC.
 */
import { addressDomain, type MailFilter, type MailRecord, type MailState, mailStates } from '@posthouse/contract';
import { classPrefix } from '../redis/keys.ts';
import { messageIdOf } from './new-record.ts';

/** Between the parts of a class. None of them contains it. */
const separator = '|';

/** What a record's `fixedIndexes` or `stateIndexes` holds. */
export function namesIn(text: string | undefined): string[] {
  return (text ?? '').split('\n').filter((name) => name !== '');
}

/** The mails that a bulk action changed last, by their state now; `sent` has those that were sent to all. */
export const bulkStates = [...mailStates, 'partial'] as const;

/** The names of the indexes of the mails that a bulk action changed last. @param states in which they are now; default: all */
export function bulkIndexes(bulk: string, states: readonly MailState[] = mailStates): string[] {
  const named = bulkStates.filter((state) => states.some((one) => one === state || (one === 'sent' && state === 'partial')));
  return named.map((state) => `bulk:${bulk.slice(-12)}:${state}`);
}

/** The name of the index of a mail's class. No provider has it yet. The scripts make the same name of the fields. */
export function classIndex({ state, apiKey, template = '' }: Pick<MailRecord, 'state' | 'apiKey' | 'template'>): string {
  return classPrefix + [state, apiKey, template, ''].join(separator);
}

/** The name of the index of the copies of a mail. @param id of the mail */
export function copiesIndex(id: string): string {
  return `copies:${id}`;
}

/**
 * The names of the indexes that a mail never leaves.
 * @param digest see Sealer.digest
 */
export function fixedIndexes(
  record: Pick<MailRecord, 'id' | 'messageId' | 'envelope' | 'copyOf' | 'tags' | 'recipients'>,
  digest: (value: string) => string,
): string[] {
  const addresses = record.recipients.map(({ address }) => address.toLowerCase());
  const names = [
    ...(record.copyOf === undefined ? [] : [copiesIndex(record.copyOf)]),
    // Any other is found by the id in it.
    ...(record.messageId === messageIdOf(record.id, record.envelope) ? [] : [messageIdIndex(record.messageId, digest)]),
    ...record.tags.map((tag) => `tag:${tag}`),
    ...addresses.map((address) => `to:${short(digest(address))}`),
    ...addresses.map((address) => `domain:${short(digest(addressDomain(address)))}`),
  ];
  return [...new Set(names)];
}

/**
 * The indexes that the mails matching a filter are in, besides those of their classes: for each condition a list, and a mail must be in one
 * index of each list.
 * @param digests see Sealer.digests
 */
export function requiredIndexes(filter: MailFilter, digests: (value: string) => string[]): string[][] {
  const { state, recipient, tag, reason, group, bulk, partial, messageId } = filter;
  const to = recipient?.includes('@') ? 'to' : 'domain';
  return [
    bulk && bulkIndexes(bulk, state),
    recipient && digests(recipient).map((digest) => `${to}:${short(digest)}`),
    tag && [`tag:${tag}`],
    messageId && digests('').map((_, key) => messageIdIndex(messageId, (text) => digests(text)[key] as string)),
    reason && [`reason:${reason}`],
    group?.map((id) => `group:${id}`),
    partial && ['partial'],
  ].filter((names) => names !== undefined && names !== '');
}

/** What a filter says of a mail's class. */
export type ClassFilter = Pick<MailFilter, 'state' | 'apiKey' | 'template' | 'provider'> & {
  /** The name of another API key that the mails must be of. */
  owner?: string;
};

/** Those of the names whose classes match. Where the filter says nothing of the class, that is all. */
export function matchingClasses(names: readonly string[], { state, apiKey, template, provider, owner }: ClassFilter): string[] {
  return names.filter((name) => {
    const [itsState = '', itsKey, itsTemplate, itsProvider] = name.slice(classPrefix.length).split(separator);
    return (
      (state === undefined || state.some((one) => one === itsState)) &&
      (apiKey === undefined || apiKey === itsKey) &&
      (owner === undefined || owner === itsKey) &&
      (template === undefined || template === itsTemplate) &&
      (provider === undefined || provider === itsProvider)
    );
  });
}

/** The state of a class. @param name of its index */
export function stateOf(name: string): string {
  return name.slice(classPrefix.length).split(separator)[0] as string;
}

/** The template of a class, '' for mails without one. @param name of its index */
export function templateOf(name: string): string {
  return name.slice(classPrefix.length).split(separator)[2] ?? '';
}

function messageIdIndex(messageId: string, digest: (value: string) => string): string {
  return `msgid:${short(digest(`Message-ID ${messageId}`))}`;
}

/** The first 96 bits of a digest, which has them in hex. */
function short(digest: string): string {
  return Buffer.from(digest.slice(0, 24), 'hex').toString('base64url');
}
