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
import { groupsKey, indexPrefix, mailKeys, recordKey } from '../redis/keys.ts';
import { scanKeys } from '../redis/scan-keys.ts';
import { runScript } from '../redis/script.ts';
import { rebuildMail } from '../transitions/rebuild-mail.ts';
import { recountGroup, removeStrays } from './search-scripts.ts';

/** Keys, or entries of an index, that Redis is asked for at a time. */
const batchSize = 500;

/** The result of a rebuild. */
export interface RebuildResult {
  /** Mails indexed. */
  mails: number;
  /** Records that cannot be read: they are in the indexes of state, provider and reason, and in those that they were in before. */
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
  for await (const keys of scanKeys(redis, `${indexPrefix}*`, batchSize)) {
    for (const key of keys) result.removed += await clean(redis, key);
  }
  for (const group of await redis.zrange(groupsKey, 0, '-1')) await runScript(redis, recountGroup, { groups: groupsKey }, { group });
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
  const args = { id, fixedIndexes: JSON.stringify(fixedIndexes) ?? '', keepSent: retention.sent, keepFailed: retention.failed };
  await runScript(redis, rebuildMail, mailKeys(id), args).catch((error: Error) => {
    if (!failsOnData(error)) throw error;
  });
  return fixedIndexes !== undefined;
}

/** Removes from an index the mails whose records do not list it. @returns how many */
async function clean(redis: Redis, key: string): Promise<number> {
  let removed = 0;
  let cursor = '0';
  do {
    const [next, entries] = await redis.zscan(key, cursor, 'COUNT', batchSize);
    cursor = next;
    const ids = entries.filter((_, n) => n % 2 === 0);
    const args = { recordPrefix: recordKey(''), name: key.slice(indexPrefix.length) };
    if (ids.length > 0) removed += await runScript(redis, removeStrays, { index: key }, args, ids);
  } while (cursor !== '0');
  return removed;
}
