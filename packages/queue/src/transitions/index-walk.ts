/**
 * Walks indexes from the newest mail to the oldest. A cursor is a mail's time and id, so a walk can be continued days later and
 * by another process, whatever was added or deleted in between.
 */
import type { Redis } from 'ioredis';
import { sizesKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { countMailsOf, olderMailsOf } from './index-readers.ts';

/** The position of a mail among all: a walk continues after it. */
export interface Cursor {
  /** When the mail was accepted, ms since the epoch: the time in its id. */
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

/** The position of a mail. */
export function cursorOf(id: string): Cursor {
  return { at: uuidTime.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : 0, id };
}

/**
 * The next mails of some indexes, newest first.
 * @param names of the indexes; a mail is in one of them
 * @param after the position to continue after
 * @param from the earliest time of acceptance, ms since the epoch
 */
export async function olderMails(redis: Redis, names: readonly string[], after: Cursor, from: number, max: number): Promise<Cursor[]> {
  const mails: Cursor[] = [];
  // Where each walk has come to; those at the end of their index are left out.
  let walks = new Map(names.map((name) => [name, after]));
  const count = Math.min(max, Math.ceil((2 * max) / Math.max(names.length, 1)) + minRead);
  while (walks.size > 0) {
    const positions = JSON.stringify([...walks].map(([name, { at, id }]) => [name, at, memberOf(id)]));
    const lists = await runScript(redis, olderMailsOf, { sizes: sizesKey }, { from, count, positions });
    const read = [...walks.keys()].map((name, n) => [name, cursorsIn(lists[n] ?? [])] as const);
    mails.push(...read.flatMap(([, found]) => found));
    mails.sort(newestFirst).splice(max);
    const last = mails[max - 1];
    // What is older than the last one is not on this page.
    const isOpen = (end: Cursor) => last === undefined || newestFirst(end, last) < 0;
    walks = new Map(
      read.flatMap(([name, found]) =>
        found.length === count && isOpen(found[count - 1] as Cursor) ? [[name, found[count - 1] as Cursor]] : [],
      ),
    );
  }
  return mails;
}

/**
 * How many mails some indexes have together.
 * @param from the earliest time of acceptance, and `to` the latest, ms since the epoch
 */
export async function countIndexed(
  redis: Redis,
  names: readonly string[],
  from = 0,
  to = fromNewest.at,
): Promise<{ mails: number; exact: boolean }> {
  const args = { from, to, isAll: from <= 0 && to >= fromNewest.at, names: JSON.stringify(names) };
  const [mails = 0, exact] = await runScript(redis, countMailsOf, { sizes: sizesKey }, args);
  return { mails, exact: exact === 1 };
}

/** Of each index at least so many are read at a time. */
const minRead = 8;

/** A UUIDv7 up to its version: its time, and what an index has as the score. */
const uuidTime = /^[0-9a-f]{8}-[0-9a-f]{4}-./;
const timeLength = 14;

/** What an index has of an id beside its time. */
function memberOf(id: string): string {
  return uuidTime.test(id) ? id.slice(timeLength) : id;
}

/** The mails of an index' entries: members and times in turn. */
export function cursorsIn(entries: readonly string[]): Cursor[] {
  const mails: Cursor[] = [];
  for (let n = 0; n + 1 < entries.length; n += 2) {
    const [member, at] = [entries[n] as string, Number(entries[n + 1])];
    const time = at.toString(16).padStart(12, '0');
    mails.push({ at, id: at === 0 ? member : `${time.slice(0, 8)}-${time.slice(8)}-${member}` });
  }
  return mails;
}

function newestFirst(a: Cursor, b: Cursor): number {
  if (a.at !== b.at) return b.at - a.at;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}
