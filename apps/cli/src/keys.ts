/** `keys`: makes, lists, rotates, limits and revokes API keys in Redis; or prints a key and its entry for API_KEYS, which needs no Redis. */
import { Command, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { createApiKey, defaultRights, formatKeyRights, hashApiKey, type KeyRights, parseKeyRights, RightsError } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { ApiKeyInfo, ApiKeys } from '@posthouse/queue';
import { type CommandContext, examples, json, parseName, UsageError } from './command.ts';
import { commandLineUser, withDirectory } from './queue-connection.ts';

const rightsOption = [
  '--rights <rights>',
  `what the key may do, joined by +: send, read-own or read-all, content, act-own or act-all, metrics, from=<domain>, template=<name>, rate=<mails>/<s, min or h>; without it ${defaultRights}`,
] as const;
const nameArgument = ['<name>', 'of the application that uses the key', parseName] as const;

/** The group `keys`. */
export function keys(context: CommandContext): CommandUnknownOpts {
  return new Command('keys')
    .summary('make, list, rotate, limit and revoke API keys')
    .description(
      'API keys. In Redis a new key works at once, and every API process knows any other change within 2 s; these commands read REDIS_URL and ' +
        'POSTHOUSE_SECRET. With a name alone, `keys <name>` prints a new key and its entry for API_KEYS, without Redis. A key is printed once; only its SHA-256 is stored.',
    )
    .usage('<command> | <name>')
    .addCommand(
      new Command('entry')
        .summary('print a key and its entry for API_KEYS')
        .description('Prints a new API key and its entry for API_KEYS. Needs no Redis. The word "entry" may be left out.')
        .argument(...nameArgument)
        .option(...rightsOption)
        .option(...json('{ "name", "key", "entry" }'))
        .action((name, { rights, json: asJson = false }) => context.print(entryFor(name, rightsOf(rights, context), asJson))),
      { isDefault: true },
    )
    .addCommand(
      new Command('create')
        .summary('make a key in Redis')
        .description('Makes an API key in Redis and prints it once.')
        .argument(...nameArgument)
        .option(...rightsOption)
        .option(...json('{ "name", "key", "rights" }'))
        .action(async (name, { rights, json: asJson }) => {
          const parsed = rightsOf(rights, context);
          const key = await withApiKeys(context, (apiKeys) => apiKeys.create(name, parsed, commandLineUser()));
          const made = { name, key, rights: formatKeyRights(parsed) };
          context.print(asJson ? JSON.stringify(made) : `${shownOnce(name, key)}\n${worksAtOnce}\n`);
        }),
    )
    .addCommand(
      new Command('list')
        .summary('list the keys in Redis')
        .description('Lists the API keys in Redis, their rights and when each was last used. Keys in API_KEYS are not listed.')
        .option(...json('[{ "name", "rights", "usedAt", … }]'))
        .action(async ({ json: asJson = false }) => context.print(await list(asJson, context))),
    )
    .addCommand(
      new Command('rotate')
        .summary('replace a key by a new one')
        .description('Gives a name a new API key and prints it once. The previous key stays valid for some time.')
        .argument(...nameArgument)

        .addOption(
          new Option('--overlap <time>', 'how long the previous key stays valid: 0s, 30min, 24h, 7d')
            .argParser(parseDuration)
            .default(parseDuration('24h'), '24h'),
        )
        .option(...json('{ "name", "key" }'))
        .action(async (name, { overlap, json: asJson }) => {
          const key = await withApiKeys(context, (apiKeys) => apiKeys.rotate(name, overlap.ms, commandLineUser()));
          const previous = overlap.ms === 0 ? 'ends within 2 s' : `stays valid for ${overlap.text}`;
          context.print(asJson ? JSON.stringify({ name, key }) : `${shownOnce(name, key)}\n${worksAtOnce} The previous key ${previous}.\n`);
        }),
    )
    .addCommand(
      new Command('limit')
        .summary('change the rights of a key')
        .description('Replaces the rights of an API key in Redis.')
        .argument(...nameArgument)
        .requiredOption(...rightsOption)
        .option(...json('{ "name", "rights" }'))
        .action(async (name, { rights, json: asJson }) => {
          const parsed = rightsOf(rights, context);
          await withApiKeys(context, (apiKeys) => apiKeys.limit(name, parsed, commandLineUser()));
          const text = formatKeyRights(parsed);
          context.print(asJson ? JSON.stringify({ name, rights: text }) : `${name} may now: ${text}`);
        }),
    )
    .addCommand(
      new Command('revoke')
        .summary('end a key')
        .description('Revokes an API key in Redis. An entry of this name in API_KEYS is not affected.')
        .argument(...nameArgument)
        .option(...json('{ "name" }'))
        .action(async (name, { json: asJson }) => {
          await withApiKeys(context, (apiKeys) => apiKeys.revoke(name, commandLineUser()));
          context.print(
            asJson
              ? JSON.stringify({ name })
              : `Within 2 s every API process refuses the key ${name}. An entry of this name in API_KEYS is not affected.`,
          );
        }),
    )
    .addHelpText(
      'after',
      examples(
        ['keys create shop --rights send+read-own+rate=600/min', 'a key in Redis that may send 600 mails a minute'],
        ['keys rotate shop --overlap 7d', 'a new key; the previous one works for a week'],
        ['keys shop', 'a key and its entry for API_KEYS'],
      ),
    );
}

function entryFor(name: string, parsed: KeyRights, asJson: boolean): string {
  const key = createApiKey();
  const rights = formatKeyRights(parsed);
  const entry = `${name}:${hashApiKey(key)}${rights === defaultRights ? '' : `:${rights}`}`;
  if (asJson) return JSON.stringify({ name, key, entry });
  return `${shownOnce(name, key)}
Add this entry to API_KEYS (separate entries with commas) and restart the API:

  ${entry}
`;
}

async function list(asJson: boolean, context: CommandContext): Promise<string> {
  const found = await withApiKeys(context, (apiKeys) => apiKeys.list());
  if (asJson) return JSON.stringify(found.keys.map(({ rights, hashes: _hidden, ...key }) => ({ ...key, rights: formatKeyRights(rights) })));
  const lines = [...found.keys.map(describe), ...found.unreadable.map((name) => `${name}: cannot be read with this POSTHOUSE_SECRET`)];
  return lines.length === 0 ? 'There are no API keys in Redis. Keys in API_KEYS are not listed.' : lines.join('\n');
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
    if (error instanceof RightsError) throw new UsageError('invalid-value', `--rights: ${error.message}.`);
    throw error;
  }
}

/** @returns ms, and the text. @throws InvalidArgumentError */
function parseDuration(text: string): { ms: number; text: string } {
  const units = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  const [, count, unit] = /^(\d{1,6})(s|min|h|d)$/.exec(text) ?? [];
  const ms = Number(count) * units[unit as keyof typeof units];
  if (count !== undefined && ms <= limits.keyOverlapMs) return { ms, text };
  throw new InvalidArgumentError('A number with s, min, h or d, at most 90d: 24h.');
}
