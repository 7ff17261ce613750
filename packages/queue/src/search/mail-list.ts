/**
 * The mails that fit a filter, newest first, a page at a time.
 *
 * A page walks the index with the fewest mails and looks at each record whether the rest of the filter fits. Sets are never
 * intersected and keys never scanned: at 200,000 mails either would hold Redis up for everyone. Where hardly any mail fits, a
 * page ends before it is full and says how far back it looked.
 */
import type { MailFilter } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { recordKey } from '../keys.ts';
import type { RequestConnection } from '../request-connection.ts';
import { indexKey, wantedNames } from './index-names.ts';
import { newest, olderMails, type Place, readCursor, writeCursor } from './index-walk.ts';
import { type MailSummary, readSummaries } from './mail-summary.ts';

/** Records that one page looks at; reading them takes some 50 ms. */
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
    const after = cursor === undefined ? search.to : readCursor(cursor);
    const { ids, place, isEnd } = await this.#look(search, after, limit);
    const mails = await this.#connection.ask(({ redis }) => readSummaries(redis, this.#connection.fields, ids));
    return {
      mails,
      ...(!isEnd && { next: writeCursor(place) }),
      ...(!isEnd && ids.length < limit && { searchedTo: place.at }),
    };
  }

  /** Counts the mails that fit; where that would mean to look at more than a few thousand records, by the share of those looked at. */
  async count(filter: MailFilter): Promise<MailCount> {
    const search = await this.#search(filter);
    const total = await this.#connection.ask(({ redis }) => walkSize(redis, search));
    if (search.rest.length === 0) return { mails: total, exact: true };
    const { ids, looked, isEnd } = await this.#look(search, search.to, Number.POSITIVE_INFINITY);
    return isEnd ? { mails: ids.length, exact: true } : { mails: Math.round((ids.length / looked) * total), exact: false };
  }

  async #search(filter: MailFilter): Promise<Search> {
    const wanted = wantedNames(filter, (value) => this.#connection.fields.digests(value));
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
  async #look(search: Search, after: Place, enough: number): Promise<{ ids: string[]; place: Place; looked: number; isEnd: boolean }> {
    const ids: string[] = [];
    let place = after;
    let looked = 0;
    const stride = search.rest.length === 0 ? Math.min(enough + 1, strideMost) : strideMost;
    while (looked < lookMost) {
      const { places, fits } = await this.#connection.ask(async ({ redis }) => {
        const places = await olderMails(redis, search.walk, place, search.from, stride);
        return { places, fits: await this.#fitting(redis, search, places) };
      });
      for (const [n, here] of places.entries()) {
        // There is at least one more: the page ends before it.
        if (ids.length === enough) return { ids, place, looked, isEnd: false };
        place = here;
        looked++;
        if (fits[n]) ids.push(here.id);
      }
      if (places.length < stride) return { ids, place, looked, isEnd: true };
    }
    return { ids, place, looked, isEnd: false };
  }

  /** Which of the mails have what the walk does not tell of them. Those whose record has gone fit nothing. */
  async #fitting(redis: Redis, { rest }: Search, places: readonly Place[]): Promise<boolean[]> {
    const names = await Promise.all(places.map(({ id }) => redis.hmget(recordKey(id), 'foundBy', 'placedIn')));
    return names.map(([foundBy, placedIn]) => {
      if (placedIn == null) return false;
      if (rest.length === 0) return true;
      const has = new Set<string>([...JSON.parse(foundBy ?? '[]'), ...Object.values(JSON.parse(placedIn))]);
      return rest.every((names) => names.some((name) => has.has(name)));
    });
  }
}

async function walkSize(redis: Redis, { walk, from, to }: Search): Promise<number> {
  return sum(await Promise.all(walk.map((name) => redis.zcount(indexKey(name), from, to.at))));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
