/** A batch that fits into one script is accepted by it, completely or not at all: that takes one round trip, and a larger one takes several. */
import type { MailRecord } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import type { NewFields } from '../record/record-fields.ts';
import { batchKey, secretsKey, unfinishedKey } from '../redis/keys.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import { acceptTogether } from '../transitions/accept-together.ts';
import { byteLength, bytesInScript, extraTimeFor, mailsInScript } from './stored-size.ts';

/**
 * Accepts a batch, if it fits. Repeating it with the same ids accepts nothing twice.
 * @param isRepeat an earlier request had the same ids, and its outcome is not known
 * @returns false where nothing was done: the batch is too large, or an earlier request accepts it in steps
 * @throws QueueUnavailable; `mayHaveRun` is false where no mail of the batch was accepted
 */
export async function acceptSmallBatch(connection: RequestConnection, records: readonly MailRecord[], isRepeat: boolean): Promise<boolean> {
  const { fields, retention, timings } = connection;
  if (records.length > mailsInScript) return false;
  const stored: NewFields[] = [];
  let bytes = 0;
  for (const record of records) {
    const one = fields.writeNew(record);
    bytes += byteLength(one.fields);
    if (bytes > bytesInScript) return false;
    stored.push(one);
  }
  let isRun = false;
  try {
    const replies = await connection.run(
      async ({ jobs, records: { replicas } }) => {
        const confirm = replicas.begin();
        const packed = jobs.packed((jobFor) =>
          records.map(({ id, dueAt, createdAt, priority }, n) => {
            const { fields: values, indexes } = stored[n] as NewFields;
            return [id, dueAt, createdAt, values, indexes, jobFor({ id, priority, at: dueAt })];
          }),
        );
        const keys = { unfinished: unfinishedKey, secrets: secretsKey, batch: batchKey(records[0]?.id as string) };
        const args = { ...packed, keepTraffic: retention.traffic, ...fields.keyCheckArgs };
        const replies = await jobs.runForEach(acceptTogether, keys, args);
        isRun = true;
        await confirm();
        return replies;
      },
      extraTimeFor(bytes, timings),
    );
    return replies[0] !== 'in-steps';
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
    // A script that Redis refuses has changed nothing. Without a reply it may have.
    const mayHaveRun = isRepeat || isRun || error.failure === 'unreachable';
    throw new QueueUnavailable(error.message, { cause: error, mayHaveRun, timedOut: error.timedOut, failure: error.failure });
  }
}
