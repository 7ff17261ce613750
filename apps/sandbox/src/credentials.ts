/** The API key and the password of the dashboard, kept between starts: what a person has pasted or saved stays valid. */
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createApiKey, isApiKey } from '@posthouse/access';
import { limits } from '@posthouse/contract';

/** What the sandbox is used with by hand. */
export interface Credentials {
  /** The API key. */
  key: string;
  /** Of the dashboard's only user. */
  password: string;
}

/** Makes both. */
export function newCredentials(): Credentials {
  return { key: createApiKey(), password: randomBytes(9).toString('base64url') };
}

/**
 * Reads the credentials, or makes and stores them where there are none. Only their owner may read the file.
 *
 * @param file is made together with its folder
 * @param fresh makes new ones in place of those that are stored
 * @throws Error when what is stored cannot be used
 */
export async function keptCredentials(file: string, fresh: boolean): Promise<Credentials> {
  if (fresh) await rm(file, { force: true });
  const kept = await read(file);
  if (kept !== undefined) return kept;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const complete = `${file}.${randomUUID()}`;
  await writeFile(complete, `${JSON.stringify(newCredentials())}\n`, { mode: 0o600 });
  // A link is made at once and never replaces a file: of two sandboxes that start together, both use the credentials of the first.
  await link(complete, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(complete);
  return (await read(file)) ?? newCredentials();
}

/** @returns undefined where there is no file. @throws Error when it cannot be used */
async function read(file: string): Promise<Credentials | undefined> {
  const invalid = (why: string) => new Error(`${file} ${why}. Run npm start -- --fresh to make a new key and a new password.`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
    await chmod(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalid(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'it is not JSON'})`);
  }
  const { key, password } = (content ?? {}) as Partial<Record<keyof Credentials, unknown>>;
  const { min, max } = limits.passwordLength;
  const isPassword = typeof password === 'string' && password.length >= min && password.length <= max;
  if (typeof key !== 'string' || !isApiKey(key) || !isPassword) throw invalid('has no valid key and password');
  return { key, password };
}
