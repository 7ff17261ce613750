/** `keys`: makes, lists, rotates, limits and revokes API keys in Redis; or prints a key and its entry for API_KEYS, which needs no Redis. */
import { parseArgs } from 'node:util';
import { createApiKey, defaultRights, formatKeyRights, hashApiKey, type KeyRights, parseKeyRights, RightsError } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { ApiKeyInfo, ApiKeys } from '@posthouse/queue';
import { type Command, type CommandContext, parseOrUsageError, requireName, UsageError } from './command.ts';
import { commandLineUser, withDirectory } from './queue-connection.ts';

interface Options {
  rights: string | undefined;
  overlap: string;
  json: boolean;
  context: CommandContext;
}

const actions = { create, list, rotate, limit, revoke };

/** The command `keys`. */
export const keys: Command = {
  usage: `Usage: npm run keys -- <name> [--rights <rights>] [--json]
       npm run keys -- create <name> [--rights <rights>]
       npm run keys -- list
       npm run keys -- rotate <name> [--overlap <24h>]
       npm run keys -- limit <name> --rights <rights>
       npm run keys -- revoke <name>

With a name alone it prints a new API key and its entry for API_KEYS. The other forms keep API keys in Redis, where a new key works at once
and every API process knows any other change within 2 s; they read REDIS_URL and POSTHOUSE_SECRET. A key is printed once; only its SHA-256 is stored.
  <name>      name of the application that will use the key: 1 to 64 letters, digits, dots, dashes and underscores
  --rights    what the key may do; without it ${defaultRights}. Rights are joined by +: send, read-own or read-all, content,
              act-own or act-all, metrics, from=<domain>, template=<name>, rate=<mails>/<s, min or h>
  --overlap   how long the previous key stays valid: 0s, 30min, 24h (default), 7d
  --json      prints one line of JSON`,

  async run(args, context) {
    const options = {
      rights: { type: 'string' },
      overlap: { type: 'string', default: '24h' },
      json: { type: 'boolean', default: false },
    } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const [first = '', ...names] = positionals;
    const action = Object.hasOwn(actions, first) ? actions[first as keyof typeof actions] : undefined;
    if (action === undefined) return entryFor(requireName(positionals), { rights: undefined, ...values, context });
    return await action(names, { rights: undefined, ...values, context });
  },
};

function entryFor(name: string, { rights: text, json, context }: Options): string {
  const key = createApiKey();
  const rights = formatKeyRights(rightsOf(text, context));
  const entry = `${name}:${hashApiKey(key)}${rights === defaultRights ? '' : `:${rights}`}`;
  if (json) return JSON.stringify({ name, key, entry });
  return `${shownOnce(name, key)}
Add this entry to API_KEYS (separate entries with commas) and restart the API:

  ${entry}
`;
}

async function create(names: string[], { rights, json, context }: Options): Promise<string> {
  const name = requireName(names);
  const parsed = rightsOf(rights, context);
  const key = await withApiKeys(context, (apiKeys) => apiKeys.create(name, parsed, commandLineUser()));
  return json ? JSON.stringify({ name, key, rights: formatKeyRights(parsed) }) : `${shownOnce(name, key)}\n${worksAtOnce}\n`;
}

async function rotate(names: string[], { overlap, json, context }: Options): Promise<string> {
  const name = requireName(names);
  const ms = durationOf(overlap);
  const key = await withApiKeys(context, (apiKeys) => apiKeys.rotate(name, ms, commandLineUser()));
  if (json) return JSON.stringify({ name, key });
  return `${shownOnce(name, key)}\n${worksAtOnce} The previous key ${ms === 0 ? 'ends within 2 s' : `stays valid for ${overlap}`}.\n`;
}

async function limit(names: string[], { rights, context }: Options): Promise<string> {
  const name = requireName(names);
  if (rights === undefined) throw new UsageError('State the rights with --rights.');
  const parsed = rightsOf(rights, context);
  await withApiKeys(context, (apiKeys) => apiKeys.limit(name, parsed, commandLineUser()));
  return `${name} may now: ${formatKeyRights(parsed)}`;
}

async function revoke(names: string[], { context }: Options): Promise<string> {
  const name = requireName(names);
  await withApiKeys(context, (apiKeys) => apiKeys.revoke(name, commandLineUser()));
  return `Within 2 s every API process refuses the key ${name}. An entry of this name in API_KEYS is not affected.`;
}

async function list(names: string[], { json, context }: Options): Promise<string> {
  if (names.length > 0) throw new UsageError('list takes no name.');
  const found = await withApiKeys(context, (apiKeys) => apiKeys.list());
  if (json) return JSON.stringify(found.keys.map(({ rights, hashes: _hidden, ...key }) => ({ ...key, rights: formatKeyRights(rights) })));
  const lines = [...found.keys.map(describe), ...found.unreadable.map((name) => `${name}: cannot be read with this POSTHOUSE_SECRET`)];
  return lines.length === 0 ? 'There are no API keys in Redis.' : lines.join('\n');
}

function describe({ name, rights, usedAt, hashes }: ApiKeyInfo): string {
  const used = usedAt === undefined ? 'not used yet' : `last used ${new Date(usedAt).toISOString()}`;
  const until = hashes.find((hash) => (hash.until ?? 0) > Date.now())?.until;
  const previous = until === undefined ? '' : `; the previous key is valid until ${new Date(until).toISOString()}`;
  return `${name}: ${formatKeyRights(rights)}; ${used}${previous}`;
}

async function withApiKeys<T>(context: CommandContext, work: (apiKeys: ApiKeys) => Promise<T>): Promise<T> {
  const { ApiKeys } = await import('@posthouse/queue');
  return await withDirectory(context, (connection) => work(new ApiKeys(connection)));
}

const worksAtOnce = 'Every API process accepts it at once.';

function shownOnce(name: string, key: string): string {
  return `
New API key for ${name}. It is not shown again; store it with the secrets of ${name}:

  ${key}
`;
}

/** Reads rights, and warns of sender domains that the API does not allow. @throws UsageError */
function rightsOf(text: string | undefined, context: CommandContext): KeyRights {
  const rights = parseRights(text);
  const allowed = rights.fromDomains && context.readFromDomains();
  const refused = rights.fromDomains?.filter((domain) => allowed?.includes(domain) === false) ?? [];
  if (refused.length > 0)
    context.stderr.write(
      `! The API accepts no sender of ${refused.join(', ')}: here MAIL_FROM_DOMAINS has ${allowed?.join(', ')}. Add the domain there, or correct the rights.\n`,
    );
  return rights;
}

/** @throws UsageError */
function parseRights(text = defaultRights): KeyRights {
  try {
    return parseKeyRights(text);
  } catch (error) {
    if (error instanceof RightsError) throw new UsageError(`${error.message}.`);
    throw error;
  }
}

/** @returns ms. @throws UsageError */
function durationOf(text: string): number {
  const units = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  const [, count, unit] = /^(\d{1,6})(s|min|h|d)$/.exec(text) ?? [];
  const ms = Number(count) * units[unit as keyof typeof units];
  if (count !== undefined && ms <= limits.keyOverlapMs) return ms;
  throw new UsageError('--overlap is a number with s, min, h or d, at most 90d: 24h.');
}
