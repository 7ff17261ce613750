/**
 * `keys <name>`: makes an API key. The key itself goes to whoever will hold it and is kept nowhere; the API's
 * configuration gets the name and the key's SHA-256.
 */
import { parseArgs } from 'node:util';
import { createApiKey, hashApiKey } from '@posthouse/access';
import { parseOrUsageError, requireName } from './arguments.ts';
import type { Command } from './command.ts';

/** The command. */
export const keys: Command = {
  usage: `Usage: npm run keys -- <name> [--json]

Makes an API key and prints it once, with the entry to add to API_KEYS.
  <name>   who will hold the key: letters, digits, dot, dash and underscore, at most 64
  --json   one line for machines: { "name", "key", "entry" }`,

  run(args) {
    const options = { json: { type: 'boolean', default: false } } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const name = requireName(positionals);
    const key = createApiKey();
    const entry = `${name}:${hashApiKey(key)}`;
    if (values.json) return JSON.stringify({ name, key, entry });
    return `
A new API key for ${name}. It is shown this once; keep it where ${name} keeps its secrets:

  ${key}

Add this entry to API_KEYS (a comma parts it from the next) and restart the API:

  ${entry}
`;
  },
};
