/** The names of the keys that seal what is in Redis: to see when an old key is no longer needed, and to free its name. */
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { sealingKeyId } from '../record/sealer.ts';
import { apiKeysKey, recordKey, recordPrefix, secretsKey, usersKey } from '../redis/keys.ts';
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
  /** How many API keys and users are sealed with it. */
  entries: number;
}

/** Every name, in the order in which they were first used; reads all records. */
export async function listSealingKeys({ redis, records }: WorkerConnection): Promise<SealingKey[]> {
  const mails = new Map<string, number>();
  for await (const keys of scanKeys(redis, recordKey('*'), batchSize)) {
    const ids = keys.map((key) => key.slice(recordPrefix.length));
    for (const name of await runScript(redis, readKeyIds, { secrets: secretsKey }, { recordPrefix }, ids))
      mails.set(name, (mails.get(name) ?? 0) + 1);
  }
  const directories = await Promise.all([apiKeysKey, usersKey].map((key) => redis.hgetallBuffer(key)));
  const entries = directories.flatMap((directory) => Object.values(directory).map(sealingKeyId));
  const counts = (name: string) => ({ mails: mails.get(name) ?? 0, entries: entries.filter((used) => used === name).length });
  return Object.entries(await redis.hgetall(secretsKey)).map(([name, check]) => {
    const own = records.fields.checkValues.get(name);
    return { name, key: own === undefined ? 'missing' : own === check ? 'same' : 'other', ...counts(name) };
  });
}

/** Frees a name: the next mail that is sealed under it decides which key has it. Records that are sealed with the old key stay as they are. */
export async function forgetSealingKey({ redis }: WorkerConnection, name: string): Promise<void> {
  await redis.hdel(secretsKey, name);
}
