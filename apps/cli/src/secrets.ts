/** `secrets`: lists the names of the keys that seal mails in Redis, and frees the name of one that no mail needs any more. */
import { parseArgs } from 'node:util';
import type { SealingKey } from '@posthouse/queue';
import { type Command, CommandError, parseOrUsageError, requireName, UsageError } from './command.ts';
import { withQueue } from './queue-connection.ts';

const keyTexts: Readonly<Record<SealingKey['key'], string>> = {
  same: 'in POSTHOUSE_SECRET',
  other: 'POSTHOUSE_SECRET has another key under this name',
  missing: 'not in POSTHOUSE_SECRET',
};

/** The command `secrets`. */
export const secrets: Command = {
  usage: `Usage: npm run secrets -- list [--json]
       npm run secrets -- forget <name>

Reads REDIS_URL and POSTHOUSE_SECRET. Safe while mail is being sent.
  list           the names of the keys that seal mails in Redis, whether POSTHOUSE_SECRET has them, and how many mails need each
  forget <name>  frees the name of a key that no mail needs, so that another key can have it
  --json         prints one line of JSON: [{ "name", "key": "same" | "other" | "missing", "mails" }]`,

  async run(args) {
    const options = { json: { type: 'boolean', default: false } } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const [action, ...names] = positionals;
    if (action === 'forget') return await freeName(requireName(names));
    if (action !== 'list' || names.length > 0) throw new UsageError('Say "list", or "forget" and a name.');
    const keys = await list();
    if (values.json) return JSON.stringify(keys);
    if (keys.length === 0) return 'No mail has been sealed yet.';
    return keys.map(({ name, key, mails }) => `${name}: ${mails} mails, ${keyTexts[key]}`).join('\n');
  },
};

async function list(): Promise<SealingKey[]> {
  const { listSealingKeys } = await import('@posthouse/queue');
  return await withQueue(listSealingKeys);
}

async function freeName(name: string): Promise<string> {
  const { forgetSealingKey, listSealingKeys } = await import('@posthouse/queue');
  return await withQueue(async (connection) => {
    const known = (await listSealingKeys(connection)).find((key) => key.name === name);
    if (known === undefined)
      throw new CommandError(`No key of the name "${name}" has sealed a mail. \`npm run secrets -- list\` shows the names.`);
    if (known.mails > 0) {
      throw new CommandError(
        `${known.mails} mails are sealed with the key "${name}" and need it. Give a new key a new name instead; nothing was changed.`,
      );
    }
    await forgetSealingKey(connection, name);
    return `The name "${name}" is free.`;
  });
}
