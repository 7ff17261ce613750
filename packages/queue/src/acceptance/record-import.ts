/**
 * Imports complete records with their history: sample data for the sandbox, or many records to measure with. They are added to all
 * indexes and to the counts of their minutes; those that have not ended get a job. Recipients that a record says were accepted
 * are not sent to again.
 */
import { isFinal, type MailRecord } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { RequestConnection } from '../connection/request-connection.ts';
import { keptState } from '../record/sealed-values.ts';
import { contentKey, mailKeys, recordKey, secretsKey, trafficKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { registerKey } from '../transitions/key-check.ts';
import { rebuildMail } from '../transitions/rebuild-mail.ts';

/** Records imported at a time. */
const chunkSize = 200;

/**
 * @param records of any state but `sending`
 * @throws QueueUnavailable; repeating it with the same records stores them again and counts them twice
 */
export async function importRecords(connection: RequestConnection, records: readonly MailRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += chunkSize) await importChunk(connection, records.slice(at, at + chunkSize));
}

async function importChunk(connection: RequestConnection, records: readonly MailRecord[]): Promise<void> {
  await connection.run(async ({ redis, jobs }) => {
    await runScript(redis, registerKey, { secrets: secretsKey }, connection.fields.keyCheckArgs);
    await Promise.all(records.map((record) => importRecord(redis, connection, record)));
    const transaction = await jobs.transaction();
    for (const { id, state, priority, nextAttemptAt, dueAt } of records) {
      if (!isFinal(state)) jobs.add({ id, priority, at: nextAttemptAt ?? dueAt }, transaction);
    }
    await jobs.execute(transaction);
  }, connection.timings.queue.import);
}

async function importRecord(redis: Redis, { fields, retention }: RequestConnection, record: MailRecord): Promise<void> {
  const { id, state, createdAt, endedAt } = record;
  const { sent, failed, traffic } = retention;
  const count = async (event: 'accepted' | 'sent' | 'failed', at: number) => {
    if (at < Date.now() - traffic) return;
    await redis.hincrby(trafficKey(at), `${event}:${Math.floor(at / 60_000) % 60}`, 1);
    await redis.pexpire(trafficKey(at), traffic);
  };
  await redis.hset(recordKey(id), ...fields.write(record));
  if (record.keptContent !== undefined) {
    // Of a record that was made up, a time may be no whole number, and Redis takes only those.
    const contentUntil = Math.ceil(record.contentUntil ?? (endedAt ?? createdAt) + sent);
    await redis.hset(recordKey(id), { contentState: keptState(record.keptContent), contentUntil });
    await redis.set(contentKey(id), fields.seal(id, 'keptContent', record.keptContent), 'PXAT', contentUntil);
  }
  const fixedIndexes = fields.fixedIndexes(record).join('\n');
  await runScript(redis, rebuildMail, mailKeys(id), { id, fixedIndexes, keepSent: sent, keepFailed: failed });
  await count('accepted', createdAt);
  if (endedAt !== undefined && (state === 'sent' || state === 'failed')) await count(state, endedAt);
}
