/**
 * `keys <name>`: creates an API key. The key goes to the application that will use it and is stored nowhere; the configuration of the API
 * gets its name and its SHA-256.
 */
import { parseArgs } from 'node:util';
import { createApiKey, defaultRights, formatKeyRights, hashApiKey, parseKeyRights, RightsError } from '@posthouse/access';
import { type Command, parseOrUsageError, requireName, UsageError } from './command.ts';

/** The command `keys`. */
export const keys: Command = {
  usage: `Usage: npm run keys -- <name> [--rights <rights>] [--json]

Creates an API key and prints it once, with the entry for API_KEYS.
  <name>   name of the application that will use the key: 1 to 64 letters, digits, dots, dashes and underscores
  --rights what the key may do; without it ${defaultRights}. Rights are joined by +: send, read-own or read-all, content,
           act-own or act-all, from=<domain>, template=<name>, rate=<mails>/<s, min or h>
  --json   prints one line of JSON: { "name", "key", "entry" }`,

  run(args) {
    const options = { rights: { type: 'string', default: defaultRights }, json: { type: 'boolean', default: false } } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const name = requireName(positionals);
    const key = createApiKey();
    const rights = rightsOrUsageError(values.rights);
    const entry = `${name}:${hashApiKey(key)}${rights === defaultRights ? '' : `:${rights}`}`;
    if (values.json) return JSON.stringify({ name, key, entry });
    return `
New API key for ${name}. It is not shown again; store it with the secrets of ${name}:

  ${key}

Add this entry to API_KEYS (separate entries with commas) and restart the API:

  ${entry}
`;
  },
};

/** Rights in their canonical form. @throws UsageError */
function rightsOrUsageError(text: string): string {
  try {
    return formatKeyRights(parseKeyRights(text));
  } catch (error) {
    if (error instanceof RightsError) throw new UsageError(`${error.message}.`);
    throw error;
  }
}
