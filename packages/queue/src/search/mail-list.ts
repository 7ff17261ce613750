/**
 * The mails that match a filter, newest first, one page at a time.
 *
 * A page walks the smallest matching index and checks in each record whether the rest of the filter matches. Sets are never
 * intersected and keys never scanned: at 200,000 mails either would block Redis for everyone. Where hardly any mail matches, a page
 * ends before it is full and says how far back it has searched.
 */
import { limits, type MailFilter, type Priority } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { RequestConnection } from '../connection/request-connection.ts';
import { matchingClasses, requiredIndexes } from '../record/index-names.ts';
import { type MailSummary, readSummaries } from '../record/mail-summary.ts';
import { requiredSearchKeys, withoutSearchKeys } from '../record/search-keys.ts';
import { claimKey, recordKey, sizesKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { type Cursor, countIndexed, fromNewest, olderMails, readCursor, writeCursor } from '../transitions/index-walk.ts';
import { type MailNames, readListedContents, readNames } from './mail-details.ts';
import { matchMails } from './search-scripts.ts';

/** Records that one page checks, at most. A page that checks all of them took 130 ms on two cores. */
const maxScanned = 5000;

/** Records checked by one script. */
const maxBatch = 500;

/** One page of a list. */
export interface MailPage {
  mails: MailSummary[];
  /** The cursor of the next page; without it, there are no older mails. */
  next?: string;
  /** The page ended before it was full: mails accepted before this time (ms since the epoch) were not checked. */
  searchedTo?: number;
}

/** How many mails match a filter. */
export interface MailCount {
  mails: number;
  /** False for an estimate. */
  exact: boolean;
}

interface Search {
  /** The indexes to walk: a mail is in one of them. */
  walk: string[];
  /** What a record must list besides: of each list of names one. */
  rest: string[][];
  /** What a record must have besides; there is no index of it. */
  priority?: Priority | undefined;
  from: number;
  to: Cursor;
}

interface ScanResult {
  matching: Cursor[];
  /** The last mail that was checked. */
  last: Cursor;
  /** How many were checked. */
  scanned: number;
  /** There are no more. */
  isEnd: boolean;
}

/** Lists and counts mails. */
export class MailList {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * @param options `limit`: mails of a page; `cursor`: the `next` of the page before; `owner`: the name of the API key whose mails alone
   *   may be found. Neither `next` nor `searchedTo` is of another mail
   * @throws CursorError, or QueueUnavailable
   */
  async page(filter: MailFilter, { limit, cursor, owner }: { limit: number; cursor?: string; owner?: string }): Promise<MailPage> {
    const search = await this.#search(filter, owner);
    return await this.#pageOf(await this.#scan(search, cursor === undefined ? search.to : readCursor(cursor), limit + 1), limit);
  }

  /** Mails as a list shows them, those without a record left out. @throws QueueUnavailable */
  async summaries(ids: readonly string[]): Promise<MailSummary[]> {
    return await this.#connection.run(({ redis }) => readSummaries(redis, this.#connection.fields, ids));
  }

  /** One mail as a list shows it, also where its record cannot be read; undefined when there is none (any more). @throws QueueUnavailable */
  async find(id: string): Promise<MailSummary | undefined> {
    return (await this.summaries([id]))[0];
  }

  /** The matching mails, newest first, page by page. @throws QueueUnavailable */
  async *pages(filter: MailFilter, pageSize: number): AsyncGenerator<MailSummary[]> {
    let cursor: string | undefined;
    do {
      const { mails, next } = await this.page(filter, { limit: pageSize, ...(cursor !== undefined && { cursor }) });
      if (mails.length > 0) yield mails;
      cursor = next;
    } while (cursor !== undefined);
  }

  /** The ids of up to `max` matching mails, newest first; undefined where there are more, or finding them takes too long. @throws QueueUnavailable */
  async upTo(filter: MailFilter, max: number): Promise<string[] | undefined> {
    const search = await this.#search(filter);
    const { matching, isEnd } = await this.#scan(search, search.to, max + 1);
    return isEnd && matching.length <= max ? matching.map(({ id }) => id) : undefined;
  }

  /**
   * The ids of the mails that were accepted with an Idempotency-Key, as long as it is remembered.
   * @param apiKeys names of the API keys that it may have come with
   * @throws QueueUnavailable
   */
  async acceptedWith(key: string, apiKeys: readonly string[]): Promise<string[]> {
    const claims = apiKeys.flatMap((name) => this.#connection.sealer.digests(`${name}\n${key}`)).map(claimKey);
    const found = await this.#connection.run(({ redis }) => Promise.all(claims.map((claim) => redis.hget(claim, 'ids'))));
    return found.flatMap((ids) => (ids === null ? [] : (JSON.parse(ids) as string[])));
  }

  /** See `readListedContents`. @throws QueueUnavailable */
  async contents(ids: readonly string[]): ReturnType<typeof readListedContents> {
    return await this.#connection.run(({ redis }) => readListedContents(redis, this.#connection.fields, ids));
  }

  /** The templates, tags, providers and API keys of the newest mails. @throws QueueUnavailable */
  async names(): Promise<MailNames> {
    const { matching } = await this.#scan(await this.#search({}), fromNewest, limits.filterChoices.mails);
    return await this.#connection.run(({ redis }) =>
      readNames(
        redis,
        matching.map(({ id }) => id),
      ),
    );
  }

  /** Counts the matching mails. Where that would need more than `maxScanned` records, it is estimated from the share of matches in those. */
  async count(filter: MailFilter): Promise<MailCount> {
    const search = await this.#search(filter);
    return await this.#countOf(search, isIndexed(search) ? undefined : await this.#scan(search, search.to, maxScanned));
  }

  /** The first page, and the count, from one scan. */
  async pageAndCount(filter: MailFilter, limit: number): Promise<{ page: MailPage; count: MailCount }> {
    const search = await this.#search(filter);
    const scan = await this.#scan(search, search.to, isIndexed(search) ? limit + 1 : maxScanned);
    return { page: await this.#pageOf(scan, limit), count: await this.#countOf(search, scan) };
  }

  async #pageOf({ matching, last, isEnd }: ScanResult, limit: number): Promise<MailPage> {
    const listed = matching.slice(0, limit);
    const ids = listed.map(({ id }) => id);
    const mails = await this.#connection.run(({ redis }) => readSummaries(redis, this.#connection.fields, ids));
    if (matching.length > limit) return { mails, next: writeCursor(listed.at(-1) as Cursor) };
    if (isEnd) return { mails };
    return { mails, next: writeCursor(last), ...(matching.length < limit && { searchedTo: last.at }) };
  }

  /** @param scan from the newest mail on; not needed where the walked index alone decides */
  async #countOf(search: Search, scan: ScanResult | undefined): Promise<MailCount> {
    const { walk, from, to } = search;
    if (!isIndexed(search) && scan?.isEnd) return { mails: scan.matching.length, exact: true };
    const size = await this.#sizeOf(walk, from, to.at);
    if (isIndexed(search) || scan === undefined) return size;
    return { mails: Math.round((scan.matching.length / scan.scanned) * size.mails), exact: false };
  }

  async #search(filter: MailFilter, owner?: string): Promise<Search> {
    const digests = (value: string) => this.#connection.sealer.digests(value);
    const required = [...requiredIndexes(withoutSearchKeys(filter), digests), ...requiredSearchKeys(filter, digests)];
    const from = filter.from ?? 0;
    const to = filter.to === undefined ? fromNewest : { at: filter.to, id: fromNewest.id };
    const all = await this.#connection.run(({ redis }) => redis.hkeys(sizesKey));
    const { state, apiKey, template, provider, priority } = filter;
    const ofClass = [state, apiKey, template, provider, owner].some((condition) => condition !== undefined);
    const classes = matchingClasses(all, { ...filter, ...(owner !== undefined && { owner }) });
    if (required.length === 0) return { walk: classes, rest: [], priority, from, to };
    if (ofClass) required.push(classes);
    const sizes = await Promise.all(required.map(async (names) => (await this.#sizeOf(names)).mails));
    let smallest = sizes.indexOf(Math.min(...sizes));
    // A page that ends before it is full names the last mail that it checked. That must be one of the owner's.
    if (owner !== undefined && (sizes[smallest] as number) > maxScanned / 2) smallest = required.length - 1;
    return { walk: required[smallest] as string[], rest: required.filter((_, n) => n !== smallest), priority, from, to };
  }

  /** How many mails indexes have together, between two times where these are given. */
  async #sizeOf(names: readonly string[], from = 0, to = fromNewest.at): Promise<MailCount> {
    return await this.#connection.run(({ redis }) => countIndexed(redis, names, from, to));
  }

  /** Checks mails until enough match, none are left, or `maxScanned` were checked. */
  async #scan(search: Search, after: Cursor, enough: number): Promise<ScanResult> {
    const result: ScanResult = { matching: [], last: after, scanned: 0, isEnd: false };
    const batch = Math.min(isIndexed(search) ? enough : maxScanned, maxBatch);
    while (result.scanned < maxScanned && result.matching.length < enough) {
      const mails = await this.#connection.run(({ redis }) => olderMails(redis, search.walk, result.last, search.from, batch));
      result.matching.push(...(await this.#matching(search, mails)));
      result.scanned += mails.length;
      result.last = mails.at(-1) ?? result.last;
      result.isEnd = mails.length < batch;
      if (result.isEnd) break;
    }
    return result;
  }

  /** Those of the mails that match the rest of the filter. */
  async #matching({ rest, priority }: Search, mails: readonly Cursor[]): Promise<Cursor[]> {
    const listed = await this.#listing(rest, mails);
    return priority === undefined ? listed : await this.#ofPriority(priority, listed);
  }

  /** Those of the mails whose records have that priority; one that is missing is the default. */
  async #ofPriority(priority: Priority, mails: readonly Cursor[]): Promise<Cursor[]> {
    const read = ({ redis }: { redis: Redis }) =>
      Promise.all(mails.map(({ id }) => redis.hget(recordKey(id), 'priority').catch(() => null)));
    const stored = await this.#connection.run(read);
    return mails.filter((_, n) => (stored[n] ?? 'normal') === priority);
  }

  /** Those of the mails whose records list a name of each of the lists. */
  async #listing(rest: Search['rest'], mails: readonly Cursor[]): Promise<Cursor[]> {
    if (rest.length === 0 || mails.length === 0) return [...mails];
    const args = { recordPrefix: recordKey(''), required: JSON.stringify(rest) };
    const ids = mails.map(({ id }) => id);
    const positions = await this.#connection.run(({ redis }) => runScript(redis, matchMails, { sizes: sizesKey }, args, ids));
    return positions.map((position) => mails[position - 1] as Cursor);
  }
}

/** Whether the walked indexes alone decide. */
function isIndexed({ rest, priority }: Search): boolean {
  return rest.length === 0 && priority === undefined;
}
