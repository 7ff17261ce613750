/**
 * `keys <name>`: creates an API key. The key goes to the application that will use it and is stored nowhere; the configuration of the API
 * gets its name and its SHA-256.
 */
import { parseArgs } from 'node:util';
import { createApiKey, hashApiKey } from '@posthouse/access';
import { type Command, parseOrUsageError, requireName } from './command.ts';

/** The command `keys`. */
export const keys: Command = {
  usage: `Usage: npm run keys -- <name> [--json]

Creates an API key and prints it once, with the entry for API_KEYS.
  <name>   name of the application that will use the key: 1 to 64 letters, digits, dots, dashes and underscores
  --json   prints one line of JSON: { "name", "key", "entry" }`,

  run(args) {
    const options = { json: { type: 'boolean', default: false } } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const name = requireName(positionals);
    const key = createApiKey();
    const entry = `${name}:${hashApiKey(key)}`;
    if (values.json) return JSON.stringify({ name, key, entry });
    return `
New API key for ${name}. It is not shown again; store it with the secrets of ${name}:

  ${key}

Add this entry to API_KEYS (separate entries with commas) and restart the API:

  ${entry}
`;
  },
};
