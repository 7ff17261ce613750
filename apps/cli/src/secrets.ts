/** `secrets`: lists the names of the keys that seal what is in Redis, seals API keys and users again, and frees the name of an old key. */
import { parseArgs } from 'node:util';
import type { SealingKey } from '@posthouse/queue';
import { type Command, type CommandContext, CommandError, parseOrUsageError, requireName, UsageError } from './command.ts';
import { withDirectory, withQueue } from './queue-connection.ts';

const keyTexts: Readonly<Record<SealingKey['key'], string>> = {
  same: 'in POSTHOUSE_SECRET',
  other: 'POSTHOUSE_SECRET has another key under this name',
  missing: 'not in POSTHOUSE_SECRET',
};

/** The command `secrets`. */
export const secrets: Command = {
  usage: `Usage: npm run secrets -- list [--json]
       npm run secrets -- reseal [--json]
       npm run secrets -- forget <name>

Reads REDIS_URL and POSTHOUSE_SECRET. Safe while mail is being sent.
  list           the names of the keys that seal what is in Redis, whether POSTHOUSE_SECRET has them, and how many mails, and API keys
                 and users, need each
  reseal         seals API keys and users again with the first key of POSTHOUSE_SECRET; mails keep their key until they are deleted
  forget <name>  frees the name of a key that nothing needs, so that another key can have it
  --json         prints one line of JSON: [{ "name", "key": "same" | "other" | "missing", "mails", "entries" }], or
                 { "resealed", "unreadable" }`,

  async run(args, context) {
    const options = { json: { type: 'boolean', default: false } } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const [action, ...names] = positionals;
    if (action === 'forget') return await freeName(requireName(names), context);
    if (names.length > 0 || (action !== 'list' && action !== 'reseal'))
      throw new UsageError('Say "list", "reseal", or "forget" and a name.');
    if (action === 'reseal') return await reseal(values.json, context);
    const keys = await list(context);
    if (values.json) return JSON.stringify(keys);
    if (keys.length === 0) return 'Nothing has been sealed yet.';
    return keys
      .map(({ name, key, mails, entries }) => `${name}: ${mails} mails, ${entries} API keys and users, ${keyTexts[key]}`)
      .join('\n');
  },
};

async function list(context: CommandContext): Promise<SealingKey[]> {
  const { listSealingKeys } = await import('@posthouse/queue');
  return await withQueue(context, listSealingKeys);
}

async function reseal(json: boolean, context: CommandContext): Promise<string> {
  const { ApiKeys, UserDirectory } = await import('@posthouse/queue');
  const results = await withDirectory(context, async (connection) => [
    await new ApiKeys(connection).reseal(),
    await new UserDirectory(connection).reseal(),
  ]);
  const resealed = results.reduce((sum, result) => sum + result.resealed, 0);
  const unreadable = results.flatMap((result) => result.unreadable);
  if (json) return JSON.stringify({ resealed, unreadable });
  const lines = unreadable.map((name) => `${name}: cannot be read with this POSTHOUSE_SECRET, and was left as it is`);
  return [`API keys and users that are sealed again: ${resealed}.`, ...lines].join('\n');
}

async function freeName(name: string, context: CommandContext): Promise<string> {
  const { forgetSealingKey, listSealingKeys } = await import('@posthouse/queue');
  return await withQueue(context, async (connection) => {
    const known = (await listSealingKeys(connection)).find((key) => key.name === name);
    if (known === undefined)
      throw new CommandError(`No key of the name "${name}" has sealed anything. \`npm run secrets -- list\` shows the names.`);
    if (known.mails > 0) {
      throw new CommandError(
        `${known.mails} mails are sealed with the key "${name}" and need it. Give a new key a new name instead; nothing was changed.`,
      );
    }
    if (known.entries > 0) {
      throw new CommandError(
        `${known.entries} API keys and users are sealed with the key "${name}" and need it. ` +
          'Run `npm run secrets -- reseal` with that key and the new one in POSTHOUSE_SECRET; nothing was changed.',
      );
    }
    await forgetSealingKey(connection, name);
    return `The name "${name}" is free.`;
  });
}
