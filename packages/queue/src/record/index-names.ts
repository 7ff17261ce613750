/**
 * The indexes: sorted sets of mail ids by the time of acceptance, each named after what the mails in it have in common.
 *
 * A mail is found by some names for life (`all`, its template, tags and recipients), which its record lists in `fixedIndexes`; and
 * by some that move with it (its state, provider, and what its trouble is), which the transitions keep and the record
 * lists in `stateIndexes`. An address stands in a name only as an HMAC.
 */
import { addressDomain, type MailFilter, type MailRecord } from '@posthouse/contract';
import { stateName } from '../redis/keys.ts';

/** What a record's `fixedIndexes` or `stateIndexes` holds: nothing where it has none, or somebody has edited it. */
export function namesIn(json: string | null | undefined): Record<string, string> {
  try {
    return JSON.parse(json ?? '{}') ?? {};
  } catch {
    return {};
  }
}

/**
 * The names that a mail is found by for life.
 * @param digest see Sealer.digest
 */
export function fixedIndexes(record: Pick<MailRecord, 'template' | 'tags' | 'recipients'>, digest: (value: string) => string): string[] {
  const addresses = record.recipients.map(({ address }) => address.toLowerCase());
  const names = [
    'all',
    ...(record.template === undefined ? [] : [`template:${record.template}`]),
    ...record.tags.map((tag) => `tag:${tag}`),
    ...addresses.map((address) => `to:${digest(address)}`),
    ...addresses.map((address) => `domain:${digest(addressDomain(address))}`),
  ];
  return [...new Set(names)];
}

/**
 * The names by which the mails that fit a filter are found: for each condition, the names of which a mail must have one.
 * @param digests see Sealer.digests
 */
export function wantedNames(filter: MailFilter, digests: (value: string) => string[]): string[][] {
  const { state, template, recipient, tag, provider, error, group } = filter;
  const to = recipient?.includes('@') ? 'to' : 'domain';
  return [
    state?.map(stateName),
    template && [`template:${template}`],
    recipient && digests(recipient).map((digest) => `${to}:${digest}`),
    tag && [`tag:${tag}`],
    provider && [`provider:${provider}`],
    error && [`error:${error}`],
    group && [`group:${group}`],
  ].filter((names) => names !== undefined && names !== '');
}
