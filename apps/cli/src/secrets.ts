/** `secrets`: lists the names of the keys that seal what is in Redis, seals API keys and users again, and frees the name of an old key. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { SealingKey } from '@posthouse/queue';
import { type CommandContext, CommandError, json, parseName } from './command.ts';
import { withDirectory, withQueue } from './queue-connection.ts';

const keyTexts: Readonly<Record<SealingKey['key'], string>> = {
  same: 'in POSTHOUSE_SECRET',
  other: 'POSTHOUSE_SECRET has another key under this name',
  missing: 'not in POSTHOUSE_SECRET',
};

/** The group `secrets`. */
export function secrets(context: CommandContext): CommandUnknownOpts {
  return new Command('secrets')
    .summary('see, renew and free the keys that seal what is in Redis')
    .description('Keys that seal what is in Redis. Reads REDIS_URL and POSTHOUSE_SECRET. Safe while mail is being sent.')
    .addCommand(
      new Command('list')
        .summary('list the names of the keys')
        .description(
          'Lists the names of the keys that seal what is in Redis, whether POSTHOUSE_SECRET has them, and how many mails, and API keys and users, need each.',
        )
        .option(...json('[{ "name", "key": "same" | "other" | "missing", "mails", "entries" }]'))
        .action(async ({ json: asJson = false }) => context.print(await list(asJson, context))),
    )
    .addCommand(
      new Command('reseal')
        .summary('seal API keys and users again')
        .description('Seals API keys and users again with the first key of POSTHOUSE_SECRET; mails keep their key until they are deleted.')
        .option(...json('{ "resealed", "unreadable" }'))
        .action(async ({ json: asJson = false }) => context.print(await reseal(asJson, context))),
    )
    .addCommand(
      new Command('forget')
        .summary('free the name of a key that nothing needs')
        .description('Frees the name of a key that nothing needs, so that another key can have it.')
        .argument('<name>', 'of the key', parseName)
        .option(...json('{ "name" }'))
        .action(async (name, { json: asJson }) => {
          await freeName(name, context);
          context.print(asJson ? JSON.stringify({ name }) : `The name "${name}" is free.`);
        }),
    );
}

async function list(asJson: boolean, context: CommandContext): Promise<string> {
  const { listSealingKeys } = await import('@posthouse/queue');
  const found = await withQueue(context, listSealingKeys);
  if (asJson) return JSON.stringify(found);
  if (found.length === 0) return 'Nothing has been sealed yet.';
  return found
    .map(({ name, key, mails, entries }) => `${name}: ${mails} mails, ${entries} API keys and users, ${keyTexts[key]}`)
    .join('\n');
}

async function reseal(asJson: boolean, context: CommandContext): Promise<string> {
  const { ApiKeys, UserDirectory } = await import('@posthouse/queue');
  const results = await withDirectory(context, async (connection) => [
    await new ApiKeys(connection).reseal(),
    await new UserDirectory(connection).reseal(),
  ]);
  const resealed = results.reduce((sum, result) => sum + result.resealed, 0);
  const unreadable = results.flatMap((result) => result.unreadable);
  if (asJson) return JSON.stringify({ resealed, unreadable });
  const lines = unreadable.map((name) => `${name}: cannot be read with this POSTHOUSE_SECRET, and was left as it is`);
  return [`API keys and users that are sealed again: ${resealed}.`, ...lines].join('\n');
}

async function freeName(name: string, context: CommandContext): Promise<void> {
  const { forgetSealingKey, listSealingKeys } = await import('@posthouse/queue');
  await withQueue(context, async (connection) => {
    const known = (await listSealingKeys(connection)).find((key) => key.name === name);
    if (known === undefined)
      throw new CommandError(
        'unknown-key',
        `No key of the name "${name}" has sealed anything. \`npm run secrets -- list\` shows the names.`,
      );
    if (known.mails > 0) {
      throw new CommandError(
        'key-in-use',
        `${known.mails} mails are sealed with the key "${name}" and need it. Give a new key a new name instead; nothing was changed.`,
      );
    }
    if (known.entries > 0) {
      throw new CommandError(
        'key-in-use',
        `${known.entries} API keys and users are sealed with the key "${name}" and need it. ` +
          'Run `npm run secrets -- reseal` with that key and the new one in POSTHOUSE_SECRET; nothing was changed.',
      );
    }
    await forgetSealingKey(connection, name);
  });
}
