/**
 * Rebuilds all indexes from the records while mails come and go: for indexes that were lost, or that are newer than the records.
 *
 * First every record is indexed again, each in one script. Then index entries without a matching record are removed.
 */
import type { Redis } from 'ioredis';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { partNames } from '../record/field-parts.ts';
import { failsOnData, RecordError } from '../record/record-error.ts';
import { hasSearchKeys } from '../record/search-keys.ts';
import { groupsKey, indexPrefix, mailKeys, pagePrefix, pagesPrefix, recordKey, sizesKey } from '../redis/keys.ts';
import { scanKeys } from '../redis/scan-keys.ts';
import { runScript } from '../redis/script.ts';
import { cursorsIn } from '../transitions/index-walk.ts';
import { rebuildMail } from '../transitions/rebuild-mail.ts';
import { removeStrays, repairPages } from './search-scripts.ts';

/** Keys, or entries of an index, that Redis is asked for at a time. */
const batchSize = 500;

/** The result of a rebuild. */
export interface RebuildResult {
  /** Mails indexed. */
  mails: number;
  /** Records that cannot be read: they are in the indexes of class and reason, and in those that they were in before. */
  unreadable: number;
  /** Index entries without a matching record, removed. */
  removed: number;
}

/** @param onProgress called now and then with the number of records indexed so far */
export async function rebuildIndexes(connection: WorkerConnection, onProgress: (mails: number) => void): Promise<RebuildResult> {
  const result: RebuildResult = { mails: 0, unreadable: 0, removed: 0 };
  const { redis } = connection;
  for await (const keys of scanKeys(redis, recordKey('*'), batchSize)) {
    const wasRead = await Promise.all(keys.map((key) => reindex(connection, key.slice(recordKey('').length))));
    result.mails += keys.length;
    result.unreadable += wasRead.filter((readable) => !readable).length;
    onProgress(result.mails);
  }
  const pages = await pagesByIndex(redis);
  for (const [name, keys] of pages) {
    for (const key of keys) result.removed += await clean(redis, name, key);
  }
  for (const [name, keys] of pages) await runScript(redis, repairPages, { sizes: sizesKey }, { name }, keys.filter(isFurtherPage));
  return result;
}

/**
 * Adds a mail to every index that matches its record.
 * @returns false when the record cannot be read
 */
async function reindex({ redis, records, retention }: WorkerConnection, id: string): Promise<boolean> {
  let fixedIndexes: string[] | undefined;
  try {
    const record = await records.read(id, false);
    if (record === undefined) return true;
    const before = await redis.hmget(recordKey(id), ...partNames('fixedIndexes'));
    fixedIndexes = records.fields.fixedIndexes(record, hasSearchKeys(before.join('')));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
  }
  const args = { id, fixedIndexes: fixedIndexes?.join('\n') ?? '', keepSent: retention.sent, keepFailed: retention.failed };
  await runScript(redis, rebuildMail, mailKeys(id), args).catch((error: Error) => {
    if (!failsOnData(error)) throw error;
  });
  return fixedIndexes !== undefined;
}

/** The keys of all pages, by the name of their index; also of indexes that have nothing but a count, or a directory. */
async function pagesByIndex(redis: Redis): Promise<Map<string, string[]>> {
  const pages = new Map<string, string[]>();
  const add = (name: string, ...keys: string[]) => pages.set(name, [...(pages.get(name) ?? []), ...keys]);
  for (const name of await redis.hkeys(sizesKey)) add(name);
  for (const id of await redis.zrange(groupsKey, 0, '-1')) add(`group:${id}`);
  for await (const keys of scanKeys(redis, `${pagesPrefix}*`, batchSize)) for (const key of keys) add(key.slice(pagesPrefix.length));
  for await (const keys of scanKeys(redis, `${indexPrefix}*`, batchSize)) for (const key of keys) add(key.slice(indexPrefix.length), key);
  for await (const keys of scanKeys(redis, `${pagePrefix}*`, batchSize)) {
    // Before the name come the time and the member of the first mail.
    for (const key of keys) add(key.slice(key.indexOf(':', pagePrefix.length) + 1), key);
  }
  return pages;
}

function isFurtherPage(key: string): boolean {
  return key.startsWith(pagePrefix);
}

/** Removes from a page the mails whose records do not list its index. @returns how many */
async function clean(redis: Redis, name: string, key: string): Promise<number> {
  let removed = 0;
  let cursor = '0';
  do {
    const [next, entries] = await redis.zscan(key, cursor, 'COUNT', batchSize);
    cursor = next;
    const mails = cursorsIn(entries).flatMap(({ id }, n) => [id, entries[2 * n] as string, entries[2 * n + 1] as string]);
    if (mails.length > 0) removed += await runScript(redis, removeStrays, { page: key }, { recordPrefix: recordKey(''), name }, mails);
  } while (cursor !== '0');
  return removed;
}
