/**
 * The mails that fit a filter, newest first, a page at a time.
 *
 * A page walks the index with the fewest mails and looks at each record whether the rest of the filter fits. Sets are never
 * intersected and keys never scanned: at 200,000 mails either would hold Redis up for everyone. Where hardly any mail fits, a
 * page ends before it is full and says how far back it looked.
 */
import type { MailFilter } from '@posthouse/contract';
import { recordKey } from '../keys.ts';
import type { RequestConnection } from '../request-connection.ts';
import { indexKey, namesIn, wantedNames } from './index-names.ts';
import { newest, olderMails, type Place, readCursor, writeCursor } from './index-walk.ts';
import { type MailSummary, readSummaries } from './mail-summary.ts';

/** Records that one page looks at, at the most. A page that looks at all of them took 130 ms on two cores. */
const lookMost = 5000;

/** Records looked at in one go. */
const strideMost = 500;

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
   * @throws CursorFault, or QueueUnavailable
   */
  async page(filter: MailFilter, { limit, cursor }: { limit: number; cursor?: string }): Promise<MailPage> {
    const search = await this.#search(filter);
    return await this.#pageOf(await this.#look(search, cursor === undefined ? search.to : readCursor(cursor), limit + 1), limit);
  }

  /** One mail as a list has it, also where its record cannot be opened; undefined when there is none (any more). @throws QueueUnavailable */
  async find(id: string): Promise<MailSummary | undefined> {
    const [mail] = await this.#connection.ask(({ redis }) => readSummaries(redis, this.#connection.fields, [id]));
    return mail;
  }

  /** Counts the mails that fit; where that would mean to look at more than a few thousand records, by the share of those looked at. */
  async count(filter: MailFilter): Promise<MailCount> {
    const search = await this.#search(filter);
    return await this.#countOf(search, search.rest.length === 0 ? undefined : await this.#look(search, search.to, lookMost));
  }

  /** The first page, and the count, of one look. */
  async pageAndCount(filter: MailFilter, limit: number): Promise<{ page: MailPage; count: MailCount }> {
    const search = await this.#search(filter);
    const look = await this.#look(search, search.to, search.rest.length === 0 ? limit + 1 : lookMost);
    return { page: await this.#pageOf(look, limit), count: await this.#countOf(search, look) };
  }

  async #pageOf({ found, place, isEnd }: Look, limit: number): Promise<MailPage> {
    const listed = found.slice(0, limit);
    const ids = listed.map(({ id }) => id);
    const mails = await this.#connection.ask(({ redis }) => readSummaries(redis, this.#connection.fields, ids));
    if (found.length > limit) return { mails, next: writeCursor(listed.at(-1) as Place) };
    if (isEnd) return { mails };
    return { mails, next: writeCursor(place), ...(found.length < limit && { searchedTo: place.at }) };
  }

  /** @param look that began with the newest mail; where the walk's index says it all, none is needed */
  async #countOf(search: Search, look: Look | undefined): Promise<MailCount> {
    const { walk, rest, from, to } = search;
    if (rest.length > 0 && look?.isEnd) return { mails: look.found.length, exact: true };
    const sizes = await this.#connection.ask(({ redis }) => Promise.all(walk.map((name) => redis.zcount(indexKey(name), from, to.at))));
    if (rest.length === 0 || look === undefined) return { mails: sum(sizes), exact: true };
    return { mails: Math.round((look.found.length / look.looked) * sum(sizes)), exact: false };
  }

  async #search(filter: MailFilter): Promise<Search> {
    const wanted = wantedNames(filter, (value) => this.#connection.sealer.digests(value));
    const from = filter.from ?? 0;
    const to = filter.to === undefined ? newest : { at: filter.to, id: newest.id };
    if (wanted.length === 0) return { walk: ['all'], rest: [], from, to };
    const sizes = await this.#connection.ask(({ redis }) =>
      Promise.all(wanted.map(async (names) => sum(await Promise.all(names.map((name) => redis.zcard(indexKey(name))))))),
    );
    const smallest = sizes.indexOf(Math.min(...sizes));
    return { walk: wanted[smallest] as string[], rest: wanted.filter((_, n) => n !== smallest), from, to };
  }

  /** Looks for mails that fit, until there are enough, or none are left, or enough were looked at. */
  async #look(search: Search, after: Place, enough: number): Promise<Look> {
    const look: Look = { found: [], place: after, looked: 0, isEnd: false };
    const stride = Math.min(search.rest.length === 0 ? enough : lookMost, strideMost);
    while (look.looked < lookMost && look.found.length < enough) {
      const places = await this.#connection.ask(({ redis }) => olderMails(redis, search.walk, look.place, search.from, stride));
      const fits = await this.#fitting(search, places);
      look.found.push(...places.filter((_, n) => fits[n]));
      look.looked += places.length;
      look.place = places.at(-1) ?? look.place;
      look.isEnd = places.length < stride;
      if (look.isEnd) break;
    }
    return look;
  }

  /** Which of the mails have what the walk does not tell of them. */
  async #fitting({ rest }: Search, places: readonly Place[]): Promise<boolean[]> {
    if (rest.length === 0) return places.map(() => true);
    // Most filters ask for one kind of name; a field that is not asked for is neither sent nor parsed.
    const fields = ['foundBy', 'placedIn'].filter((field) => rest.some(([name]) => isMoving(name) === (field === 'placedIn')));
    const records = await this.#connection.ask(({ redis }) => Promise.all(places.map(({ id }) => redis.hmget(recordKey(id), ...fields))));
    return records.map((values) => {
      const has = new Set(values.flatMap((json) => Object.values(namesIn(json))));
      return rest.every((names) => names.some((name) => has.has(name)));
    });
  }
}

/** Whether a mail is found by such a name for a while, and not for life. */
function isMoving(name = ''): boolean {
  return /^(state|provider|error|group):/.test(name);
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
