/** The names of the keys that seal the mails in Redis: to see when an old key is no longer needed, and to free its name. */
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { recordKey, recordPrefix, secretsKey } from '../redis/keys.ts';
import { scanKeys } from '../redis/scan-keys.ts';
import { runScript } from '../redis/script.ts';
import { readKeyIds } from './search-scripts.ts';

/** Records that one script looks at. */
const batchSize = 500;

/** One name of a key. */
export interface SealingKey {
  name: string;
  /** `same`: POSTHOUSE_SECRET of this process has the key; `other`: it has another one of that name; `missing`: it has none. */
  key: 'same' | 'other' | 'missing';
  /** How many records are sealed with it. */
  mails: number;
}

/** Every name, in the order in which they were first used; reads all records. */
export async function listSealingKeys({ redis, records }: WorkerConnection): Promise<SealingKey[]> {
  const mails = new Map<string, number>();
  for await (const keys of scanKeys(redis, recordKey('*'), batchSize)) {
    const ids = keys.map((key) => key.slice(recordPrefix.length));
    for (const name of await runScript(redis, readKeyIds, { secrets: secretsKey }, { recordPrefix }, ids))
      mails.set(name, (mails.get(name) ?? 0) + 1);
  }
  return Object.entries(await redis.hgetall(secretsKey)).map(([name, check]) => {
    const own = records.fields.checkValues.get(name);
    return { name, key: own === undefined ? 'missing' : own === check ? 'same' : 'other', mails: mails.get(name) ?? 0 };
  });
}

/** Frees a name: the next mail that is sealed under it decides which key has it. Records that are sealed with the old key stay as they are. */
export async function forgetSealingKey({ redis }: WorkerConnection, name: string): Promise<void> {
  await redis.hdel(secretsKey, name);
}
