/**
 * Walks indexes from the newest mail to the oldest. A cursor is a mail's time and id, so a walk can be continued days later and
 * by another process, whatever was added or deleted in between.
 */
import type { Redis } from 'ioredis';
import { indexKey } from '../redis/keys.ts';

/** The position of a mail among all: a walk continues after it. */
export interface Cursor {
  /** When the mail was accepted, ms since the epoch. */
  at: number;
  id: string;
}

/** A cursor that is not one of ours. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/** A cursor as a caller keeps it. It names a mail and nothing else, so a forged one does no harm. */
export function writeCursor({ at, id }: Cursor): string {
  return `${at.toString(36)}.${id}`;
}

/** @throws CursorError */
export function readCursor(cursor: string): Cursor {
  const [, at, id] = /^([0-9a-z]{1,10})\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new CursorError('The cursor is not one that a list returned. Start again without it.');
  return { at: Number.parseInt(at, 36), id };
}

/** Where a walk starts that begins with the newest mail. */
export const fromNewest: Cursor = { at: Number.MAX_SAFE_INTEGER, id: '~' };

/**
 * The next mails of some indexes, newest first.
 * @param names of the indexes; a mail is in one of them
 * @param after the position to continue after
 * @param from the earliest time of acceptance, ms since the epoch
 */
export async function olderMails(redis: Redis, names: readonly string[], after: Cursor, from: number, max: number): Promise<Cursor[]> {
  const lists = await Promise.all(names.map((name) => olderInIndex(redis, indexKey(name), after, from, max)));
  return lists.flat().sort(newestFirst).slice(0, max);
}

async function olderInIndex(redis: Redis, key: string, after: Cursor, from: number, max: number): Promise<Cursor[]> {
  // Some of the mails accepted in the same ms come before the position: that many more are read.
  const together = await redis.zcount(key, after.at, after.at);
  const list = await redis.zrevrangebyscore(key, after.at, from, 'WITHSCORES', 'LIMIT', 0, max + together);
  const mails: Cursor[] = [];
  for (let n = 0; n + 1 < list.length; n += 2) mails.push({ id: list[n] as string, at: Number(list[n + 1]) });
  return mails.filter((mail) => newestFirst(after, mail) < 0).slice(0, max);
}

function newestFirst(a: Cursor, b: Cursor): number {
  if (a.at !== b.at) return b.at - a.at;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}
