/**
 * `reindex`: rebuilds the indexes of mails from their records, while mail is being sent. It is for records that are older than an index,
 * and for indexes that were lost.
 */
import { parseArgs } from 'node:util';
import { type Command, type CommandContext, CommandError, parseOrUsageError } from './command.ts';
import { withQueue } from './queue-connection.ts';

/** The command `reindex`. */
export const reindex: Command = {
  usage: `Usage: npm run reindex [-- --json]

Rebuilds the indexes of the dashboard and of GET /v1/mails from the records in Redis. Safe while mail is being sent.
Reads REDIS_URL and POSTHOUSE_SECRET.
  --json   prints one line of JSON: { "mails", "unreadable", "removed" }`,

  async run(args, context) {
    const { values } = parseOrUsageError(() => parseArgs({ args, options: { json: { type: 'boolean', default: false } } }));
    const { mails, unreadable, removed } = await withQueue(context, async (connection) => {
      await connection.checkSecret().catch((error: Error) => {
        throw new CommandError(`${error.message} Nothing was changed.`);
      });
      const { rebuildIndexes } = await import('@posthouse/queue');
      return await rebuildIndexes(connection, (mails) => showProgress(mails, context));
    });
    if (values.json) return JSON.stringify({ mails, unreadable, removed });
    const unreadableText =
      unreadable === 0
        ? ''
        : `\n${unreadable} mails cannot be decrypted with this POSTHOUSE_SECRET; their index entries by recipient, template and tag are unchanged.`;
    return `${mails} mails indexed; ${removed} entries without a record removed.${unreadableText}`;
  },
};

function showProgress(mails: number, { stderr }: CommandContext): void {
  if (stderr.isTTY) stderr.write(`\r${mails} mails …`);
}
