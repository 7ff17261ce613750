/**
 * Builds all indexes anew from the records, while mails come and go: for when indexes were lost, or records are older than
 * they. It is the one place that scans keys, a few at a time, so that nobody waits for it.
 *
 * First every record is placed again, each in one script. Then what no record stands behind is taken out.
 */
import type { MailRecord } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import type { FieldList } from '../record/record-fields.ts';
import { RecordError } from '../record/record-fields.ts';
import { KeyMissingError } from '../record/sealer.ts';
import { groupsKey, indexPrefix, openKey, recordKey } from '../redis/keys.ts';
import { indexFunctions } from '../transitions/index-functions.ts';
import { runTransition } from '../transitions/transitions.ts';

/** KEYS: index. ARGV: what a record's key begins with, the index's name, then ids. Answers how many were taken out. */
const takeOutStrays = `${indexFunctions}
local removed = 0
for n = 3, #ARGV do
  local isIn = false
  for _, names in ipairs(redis.call('HMGET', ARGV[1] .. ARGV[n], 'fixedIndexes', 'stateIndexes')) do
    for _, name in pairs(namesIn(names)) do isIn = isIn or name == ARGV[2] end
  end
  if not isIn then removed = removed + redis.call('ZREM', KEYS[1], ARGV[n]) end
end
return removed`;

/** KEYS: failure groups. ARGV: group's id. */
const recountGroup = `${indexFunctions}
updateGroupCount('group:' .. ARGV[1])`;

/** What a rebuild came to. */
export interface RebuildResult {
  /** Mails placed. */
  mails: number;
  /** Records that could not be opened: they are found by state, provider and trouble, and by what they were found by before. */
  unreadable: number;
  /** Entries without a record behind them, taken out. */
  removed: number;
}

/** @param onProgress told now and then how many records were placed */
export async function rebuildIndexes(connection: WorkerConnection, onProgress: (mails: number) => void): Promise<RebuildResult> {
  const rebuilt: RebuildResult = { mails: 0, unreadable: 0, removed: 0 };
  for await (const keys of scan(connection.redis, recordKey('*'))) {
    const placed = await Promise.all(keys.map((key) => rebuildMail(connection, key.slice(recordKey('').length))));
    rebuilt.mails += placed.length;
    rebuilt.unreadable += placed.filter((opened) => !opened).length;
    onProgress(rebuilt.mails);
  }
  for await (const keys of scan(connection.redis, `${indexPrefix}*`)) {
    for (const key of keys) rebuilt.removed += await clear(connection.redis, key);
  }
  for (const group of await connection.redis.zrange(groupsKey, 0, '-1')) await connection.redis.eval(recountGroup, 1, groupsKey, group);
  return rebuilt;
}

/**
 * Puts a mail into every index that fits it.
 * @returns false when its record cannot be opened
 */
async function rebuildMail({ redis, records, retention }: WorkerConnection, id: string): Promise<boolean> {
  let names: string[] | undefined;
  try {
    const list = await runTransition<FieldList>(redis, 'read', [recordKey(id), openKey], 0);
    if (list.length === 0) return true;
    names = records.fields.fixedIndexes(records.fields.read(id, list) as MailRecord);
  } catch (error) {
    if (!(error instanceof RecordError) && !(error instanceof KeyMissingError)) throw error;
  }
  const { sent, failed } = retention;
  await runTransition(redis, 'rebuildMail', [recordKey(id), openKey], id, JSON.stringify(names) ?? '', sent, failed);
  return names !== undefined;
}

/** Takes out of an index what is not in it by the word of its record. @returns how many */
async function clear(redis: Redis, key: string): Promise<number> {
  let removed = 0;
  let cursor = '0';
  do {
    const [next, entries] = await redis.zscan(key, cursor, 'COUNT', 500);
    cursor = next;
    const ids = entries.filter((_, n) => n % 2 === 0);
    if (ids.length > 0)
      removed += (await redis.eval(takeOutStrays, 1, key, recordKey(''), key.slice(indexPrefix.length), ...ids)) as number;
  } while (cursor !== '0');
  return removed;
}

async function* scan(redis: Redis, pattern: string): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 500);
    cursor = next;
    if (keys.length > 0) yield keys;
  } while (cursor !== '0');
}
