/**
 * The names of the indexes that a mail is in. Each is named after what its mails have in common.
 *
 * Some never change (`all`, its API key, template, tags, recipients, and the mail that it is a copy of); its record lists them in `fixedIndexes`. Others change with it
 * (its state, provider, reason and failure group); the transitions keep them, and its record lists them in `stateIndexes`.
 * An address is in a name only as an HMAC.
 */
import { addressDomain, type MailFilter, type MailRecord, type MailState, mailStates } from '@posthouse/contract';
import { stateName } from '../redis/keys.ts';

/** What a record's `fixedIndexes` or `stateIndexes` holds: nothing where it is missing, or was edited by hand. */
export function namesIn(json: string | null | undefined): Record<string, string> {
  try {
    const names: object = JSON.parse(json ?? '{}') ?? {};
    return Object.fromEntries(Object.entries(names).filter(([, name]) => typeof name === 'string'));
  } catch {
    return {};
  }
}

/** The name of the index of the mails that were sent with an API key of this name. */
export function keyIndex(apiKey: string): string {
  return `key:${apiKey}`;
}

/** The names of the indexes of the mails that a bulk action changed last. @param states in which they are now; default: all */
export function bulkIndexes(bulk: string, states: readonly MailState[] = mailStates): string[] {
  return states.map((state) => `bulk:${bulk.slice(-12)}:${state}`);
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
  record: Pick<MailRecord, 'apiKey' | 'copyOf' | 'template' | 'tags' | 'recipients'>,
  digest: (value: string) => string,
): string[] {
  const addresses = record.recipients.map(({ address }) => address.toLowerCase());
  const names = [
    'all',
    keyIndex(record.apiKey),
    ...(record.copyOf === undefined ? [] : [copiesIndex(record.copyOf)]),
    ...(record.template === undefined ? [] : [`template:${record.template}`]),
    ...record.tags.map((tag) => `tag:${tag}`),
    ...addresses.map((address) => `to:${digest(address)}`),
    ...addresses.map((address) => `domain:${digest(addressDomain(address))}`),
  ];
  return [...new Set(names)];
}

/**
 * The indexes that the mails matching a filter are in: for each condition a list, and a mail must be in one index of each list.
 * @param digests see Sealer.digests
 */
export function requiredIndexes(filter: MailFilter, digests: (value: string) => string[]): string[][] {
  const { state, template, recipient, tag, provider, reason, apiKey, group, bulk, partial } = filter;
  const to = recipient?.includes('@') ? 'to' : 'domain';
  return [
    // An index of a bulk action is also one of a state.
    bulk ? bulkIndexes(bulk, state) : state?.map(stateName),
    template && [`template:${template}`],
    recipient && digests(recipient).map((digest) => `${to}:${digest}`),
    tag && [`tag:${tag}`],
    provider && [`provider:${provider}`],
    reason && [`reason:${reason}`],
    apiKey && [keyIndex(apiKey)],
    group?.map((id) => `group:${id}`),
    partial && ['partial'],
  ].filter((names) => names !== undefined && names !== '');
}
