/** The first `.env` of an installation: `.env.example` with values. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createApiKey, createPassword, hashApiKey, hashPassword } from '@posthouse/access';

const example = new URL('../../../.env.example', import.meta.url);

/** What goes into the file, and what is shown once because the file has only its hash. */
export interface FirstSettings {
  /** The values by the names of their variables. */
  values: Readonly<Record<string, string>>;
  apiKey: { name: string; key: string };
  admin: { name: string; password: string };
}

/** Where Mailpit, and other mail servers for development, listen. */
const localRelay = 'smtp://localhost:1025?tls=off';

/** Makes a secret, an API key and a user with the role admin. */
export async function firstSettings(): Promise<FirstSettings> {
  const apiKey = { name: 'app', key: createApiKey() };
  const admin = { name: 'admin', password: createPassword() };
  const values = {
    POSTHOUSE_SECRET: randomBytes(32).toString('hex'),
    API_KEYS: `${apiKey.name}:${hashApiKey(apiKey.key)}`,
    DASHBOARD_USERS: `${admin.name}:admin:${await hashPassword(admin.password)}`,
    SMTP_URL: localRelay,
  };
  return { values, apiKey, admin };
}

/**
 * Writes the file; only its owner may read it.
 * @param replace keeps a file that exists under another name; otherwise nothing is written where there is one
 * @returns the name that the present file got
 * @throws the error EEXIST where a file exists and is not to be replaced
 */
export function writeEnvFile(file: string, values: FirstSettings['values'], replace: boolean): string | undefined {
  const text = Object.entries(values).reduce(withValue, readFileSync(example, 'utf8'));
  const previous = `${file}.${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`;
  const isReplaced = replace && renamed(file, previous);
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  return isReplaced ? previous : undefined;
}

function renamed(file: string, name: string): boolean {
  try {
    renameSync(file, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Sets a variable where the example has it, empty or commented out. */
function withValue(text: string, [name, value]: [string, string]): string {
  const line = new RegExp(`^(?:# )?${name}=.*$`, 'm');
  if (!line.test(text)) throw new Error(`.env.example has no line for ${name}`);
  return text.replace(line, () => `${name}=${value}`);
}
