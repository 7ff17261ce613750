/**
 * Search keys: what a mail is found by besides its recipients and what it has in common with others: the local parts of its recipients, and
 * the values of its metadata. Each is an index entry and a name in the record, so SEARCH_KEYS of the API turns them off. A name has 64 bits of
 * an HMAC, of a text that also says which kind it is: that a value of metadata is somebody's local part is not visible.
 */
import { limits, type MailFilter, type MailRecord } from '@posthouse/contract';

type Digest = (value: string) => string;

/** The names of the indexes of a mail's search keys. @param digest see Sealer.digest */
export function searchKeyIndexes({ recipients, metadata }: Pick<MailRecord, 'recipients' | 'metadata'>, digest: Digest): string[] {
  const localParts = recipients.map(({ address }) => address.slice(0, address.lastIndexOf('@')).toLowerCase());
  const values = metadataValues(metadata).slice(0, limits.searchKeys.metadataValues);
  return [...localParts.map((part) => localPartIndex(part, digest)), ...values.map((value) => metadataIndex(value, digest))];
}

/** The indexes that mails with the search keys of a filter are in: for each key a list, with a name by each of the digests. */
export function requiredSearchKeys({ recipient, metadata }: MailFilter, digests: (value: string) => string[]): string[][] {
  const names = (index: (value: string, digest: Digest) => string, value: string) =>
    digests('').map((_, key) => index(value, (text) => digests(text)[key] as string));
  return [
    ...(recipient?.endsWith('@') ? [names(localPartIndex, recipient.slice(0, -1))] : []),
    ...(metadata === undefined ? [] : [names(metadataIndex, metadata)]),
  ];
}

/** The other conditions of a filter. */
export function withoutSearchKeys({ metadata: _searched, ...filter }: MailFilter): MailFilter {
  const { recipient, ...rest } = filter;
  return recipient?.endsWith('@') ? rest : filter;
}

/** Whether a record was accepted with search keys. @param fixedIndexes what it holds of the names of its indexes */
export function hasSearchKeys(fixedIndexes: string): boolean {
  return /(?:^|["\n])local:/.test(fixedIndexes);
}

function localPartIndex(part: string, digest: Digest): string {
  return `local:${short(digest(`local part ${part}`))}`;
}

function metadataIndex(value: string, digest: Digest): string {
  return `meta:${short(digest(`metadata ${value}`))}`;
}

/** The texts and numbers in the metadata, at any depth, that are not too long to be searched for. */
function metadataValues(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(metadataValues);
  if (typeof value !== 'string' && typeof value !== 'number') return [];
  const text = String(value).trim();
  return text !== '' && text.length <= limits.searchKeys.valueLength ? [text] : [];
}

/** 64 bits of a digest in hex, in fewer letters. */
function short(digest: string): string {
  return Buffer.from(digest.slice(0, 16), 'hex').toString('base64url');
}
