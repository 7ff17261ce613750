/**
 * The mails that fit a filter, newest first, a page at a time.
 *
 * A page walks the index with the fewest mails and looks at each record whether the rest of the filter fits. Sets are never
 * intersected and keys never scanned: at 200,000 mails either would hold Redis up for everyone. Where hardly any mail fits, a
 * page ends before it is full and says how far back it looked.
 */
import type { MailFilter } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { wantedNames } from '../record/index-names.ts';
import { type MailSummary, readSummaries } from '../record/mail-summary.ts';
import { indexKey, recordKey } from '../redis/keys.ts';
import { newest, olderMails, type Place, readCursor, writeCursor } from './index-walk.ts';

/** Records that one page looks at, at the most. A page that looks at all of them took 130 ms on two cores. */
const maxScanned = 5000;

/** Records looked at in one go. */
const maxBatch = 500;

/**
 * Looked at inside Redis, and as text: to ask for each record by itself took a page twice as long, to parse them there half as long again.
 * KEYS: any index. ARGV: what a record's key begins with, names as JSON has them (JSON: of each list one is wanted), then ids.
 * Answers which of the ids fit.
 */
const fit = `
local wanted, fitting = cjson.decode(ARGV[2]), {}
for n = 3, #ARGV do
  local fixed, placed = unpack(redis.call('HMGET', ARGV[1] .. ARGV[n], 'fixedIndexes', 'stateIndexes'))
  local has, fits = (fixed or '') .. (placed or ''), true
  for _, names in ipairs(wanted) do
    local hasOne = false
    for _, name in ipairs(names) do hasOne = hasOne or string.find(has, name, 1, true) end
    fits = fits and hasOne
  end
  if fits then table.insert(fitting, n - 2) end
end
return fitting`;

/** One page of a list. */
export interface MailPage {
  mails: MailSummary[];
  /** Hand it in to go on to older ones; without it, there are none. */
  next?: string;
  /** The page ended before it was full: mails accepted before this time (ms since the epoch) were not looked at. */
  searchedTo?: number;
}

/** How many mails fit a filter. */
export interface MailCount {
  mails: number;
  /** False for an estimate. */
  exact: boolean;
}

interface Search {
  /** The index to walk: of several names, each mail stands in one. */
  walk: string[];
  /** What a mail must have besides: of each list one name. */
  rest: string[][];
  from: number;
  to: Place;
}

/** What a walk came to. */
interface Look {
  found: Place[];
  /** How far it went. */
  place: Place;
  /** Records. */
  looked: number;
  /** None are left. */
  isEnd: boolean;
}

/** Lists and counts mails. */
export class MailList {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * @param options `limit`: mails of a page; `cursor`: the `next` of the page before
   * @throws CursorError, or QueueUnavailable
   */
  async page(filter: MailFilter, { limit, cursor }: { limit: number; cursor?: string }): Promise<MailPage> {
    const search = await this.#search(filter);
    return await this.#pageOf(await this.#look(search, cursor === undefined ? search.to : readCursor(cursor), limit + 1), limit);
  }

  /** One mail as a list has it, also where its record cannot be opened; undefined when there is none (any more). @throws QueueUnavailable */
  async find(id: string): Promise<MailSummary | undefined> {
    const [mail] = await this.#connection.run(({ redis }) => readSummaries(redis, this.#connection.fields, [id]));
    return mail;
  }

  /** Counts the mails that fit; where that would mean to look at more than a few thousand records, by the share of those looked at. */
  async count(filter: MailFilter): Promise<MailCount> {
    const search = await this.#search(filter);
    return await this.#countOf(search, search.rest.length === 0 ? undefined : await this.#look(search, search.to, maxScanned));
  }

  /** The first page, and the count, of one look. */
  async pageAndCount(filter: MailFilter, limit: number): Promise<{ page: MailPage; count: MailCount }> {
    const search = await this.#search(filter);
    const look = await this.#look(search, search.to, search.rest.length === 0 ? limit + 1 : maxScanned);
    return { page: await this.#pageOf(look, limit), count: await this.#countOf(search, look) };
  }

  async #pageOf({ found, place, isEnd }: Look, limit: number): Promise<MailPage> {
    const listed = found.slice(0, limit);
    const ids = listed.map(({ id }) => id);
    const mails = await this.#connection.run(({ redis }) => readSummaries(redis, this.#connection.fields, ids));
    if (found.length > limit) return { mails, next: writeCursor(listed.at(-1) as Place) };
    if (isEnd) return { mails };
    return { mails, next: writeCursor(place), ...(found.length < limit && { searchedTo: place.at }) };
  }

  /** @param look that began with the newest mail; where the walk's index says it all, none is needed */
  async #countOf(search: Search, look: Look | undefined): Promise<MailCount> {
    const { walk, rest, from, to } = search;
    if (rest.length > 0 && look?.isEnd) return { mails: look.found.length, exact: true };
    const sizes = await this.#connection.run(({ redis }) => Promise.all(walk.map((name) => redis.zcount(indexKey(name), from, to.at))));
    if (rest.length === 0 || look === undefined) return { mails: sum(sizes), exact: true };
    return { mails: Math.round((look.found.length / look.looked) * sum(sizes)), exact: false };
  }

  async #search(filter: MailFilter): Promise<Search> {
    const wanted = wantedNames(filter, (value) => this.#connection.sealer.digests(value));
    const from = filter.from ?? 0;
    const to = filter.to === undefined ? newest : { at: filter.to, id: newest.id };
    if (wanted.length === 0) return { walk: ['all'], rest: [], from, to };
    const sizes = await this.#connection.run(({ redis }) =>
      Promise.all(wanted.map(async (names) => sum(await Promise.all(names.map((name) => redis.zcard(indexKey(name))))))),
    );
    const smallest = sizes.indexOf(Math.min(...sizes));
    return { walk: wanted[smallest] as string[], rest: wanted.filter((_, n) => n !== smallest), from, to };
  }

  /** Looks for mails that fit, until there are enough, or none are left, or enough were looked at. */
  async #look(search: Search, after: Place, enough: number): Promise<Look> {
    const look: Look = { found: [], place: after, looked: 0, isEnd: false };
    const stride = Math.min(search.rest.length === 0 ? enough : maxScanned, maxBatch);
    while (look.looked < maxScanned && look.found.length < enough) {
      const places = await this.#connection.run(({ redis }) => olderMails(redis, search.walk, look.place, search.from, stride));
      look.found.push(...(await this.#fitting(search, places)));
      look.looked += places.length;
      look.place = places.at(-1) ?? look.place;
      look.isEnd = places.length < stride;
      if (look.isEnd) break;
    }
    return look;
  }

  /** Those of the mails that have what the walk does not tell of them. */
  async #fitting({ rest }: Search, places: readonly Place[]): Promise<Place[]> {
    if (rest.length === 0 || places.length === 0) return [...places];
    const names = JSON.stringify(rest.map((list) => list.flatMap(asInJson)));
    const ids = places.map(({ id }) => id);
    const fitting = this.#connection.run(({ redis }) => redis.eval(fit, 1, indexKey('all'), recordKey(''), names, ...ids));
    return ((await fitting) as number[]).map((nth) => places[nth - 1] as Place);
  }
}

/** A name as it stands in a record, with its quotes: Redis escapes slashes where JavaScript does not. */
function asInJson(name: string): string[] {
  const json = JSON.stringify(name);
  return [json, json.replaceAll('/', '\\/')];
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
