/**
 * `keys <name>`: makes an API key. The key itself goes to whoever will hold it and is kept nowhere; the API's
 * configuration gets the name and the key's SHA-256.
 */
import { parseArgs } from 'node:util';
import { createApiKey, hashApiKey } from '@posthouse/contract';
import { UsageFault } from './usage-fault.ts';

/** What `API_KEYS` allows as a name. */
const namePattern = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * @param args what follows `keys` on the command line
 * @returns what to print: sentences, or with `--json` one line of JSON
 * @throws UsageFault when there is not exactly one name, or it has characters that `API_KEYS` does not allow
 */
export function keys(args: string[]): string {
  const { name, json } = parse(args);
  const key = createApiKey();
  const entry = `${name}:${hashApiKey(key)}`;
  if (json) return JSON.stringify({ name, key, entry });
  return `
A new API key for ${name}. It is shown this once; keep it where ${name} keeps its secrets:

  ${key}

Add this entry to API_KEYS (a comma parts it from the next) and restart the API:

  ${entry}
`;
}

function parse(args: string[]): { name: string; json: boolean } {
  const { positionals, values } = split(args);
  const [name, ...more] = positionals;
  if (name === undefined) throw new UsageFault('A name is missing.');
  if (more.length > 0) throw new UsageFault('One name at a time.');
  if (!namePattern.test(name)) throw new UsageFault('The name may have letters, digits, dot, dash and underscore, at most 64 of them.');
  return { name, json: values.json };
}

function split(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
}
