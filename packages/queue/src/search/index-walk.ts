/**
 * A walk through indexes from the newest mail to the oldest. A place on the way is a mail's time and id, so a walk can be
 * left and taken up again, days later and by another process, whatever came and went in between.
 */
import type { Redis } from 'ioredis';
import { indexKey } from '../redis/keys.ts';

/** A mail's place among all. */
export interface Place {
  /** When it was accepted, ms since the epoch. */
  at: number;
  id: string;
}

/** A cursor that is not one of ours. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/** A place as a caller keeps it. It names a mail and no more, so a forged one can do no harm. */
export function writeCursor({ at, id }: Place): string {
  return `${at.toString(36)}.${id}`;
}

/** @throws CursorError */
export function readCursor(cursor: string): Place {
  const [, at, id] = /^([0-9a-z]{1,10})\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new CursorError('The cursor is none that a list was left with. Begin again without it.');
  return { at: Number.parseInt(at, 36), id };
}

/** Where a walk begins: at everything. */
export const newest: Place = { at: Number.MAX_SAFE_INTEGER, id: '~' };

/**
 * The next mails of some indexes, newest first.
 * @param names of the indexes; a mail stands in one of them
 * @param after the place to go on from
 * @param from the earliest time to go back to, ms
 */
export async function olderMails(redis: Redis, names: readonly string[], after: Place, from: number, max: number): Promise<Place[]> {
  const found = await Promise.all(names.map((name) => olderInIndex(redis, indexKey(name), after, from, max)));
  return found.flat().sort(newestFirst).slice(0, max);
}

async function olderInIndex(redis: Redis, key: string, after: Place, from: number, max: number): Promise<Place[]> {
  // Of those accepted in the same ms some lie behind us: that many more are asked for.
  const together = await redis.zcount(key, after.at, after.at);
  const list = await redis.zrevrangebyscore(key, after.at, from, 'WITHSCORES', 'LIMIT', 0, max + together);
  const places: Place[] = [];
  for (let n = 0; n + 1 < list.length; n += 2) places.push({ id: list[n] as string, at: Number(list[n + 1]) });
  return places.filter((place) => newestFirst(after, place) < 0).slice(0, max);
}

function newestFirst(a: Place, b: Place): number {
  if (a.at !== b.at) return b.at - a.at;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}
