/**
 * `reindex`: rebuilds the indexes of mails from their records, while mail is being sent. It is for records that are older than an index,
 * and for indexes that were lost.
 */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { type CommandContext, CommandError, json } from './command.ts';
import { withQueue } from './queue-connection.ts';

/** The command `reindex`. */
export function reindex(context: CommandContext): CommandUnknownOpts {
  return new Command('reindex')
    .summary('rebuild the indexes of mails from their records')
    .description(
      'Rebuilds the indexes of the dashboard and of GET /v1/mails from the records in Redis. Safe while mail is being sent. Reads REDIS_URL and POSTHOUSE_SECRET.',
    )
    .option(...json('{ "mails", "unreadable", "removed" }'))
    .action(async ({ json: asJson }) => {
      const { mails, unreadable, removed } = await withQueue(context, async (connection) => {
        await connection.checkSecret().catch((error: Error) => {
          throw new CommandError('other-secret', `${error.message} Nothing was changed.`);
        });
        const { rebuildIndexes } = await import('@posthouse/queue');
        return await rebuildIndexes(connection, (mails) => showProgress(mails, context));
      });
      const unreadableText =
        unreadable === 0
          ? ''
          : `\n${unreadable} mails cannot be decrypted with this POSTHOUSE_SECRET; their index entries by recipient, template and tag are unchanged.`;
      context.print(
        asJson
          ? JSON.stringify({ mails, unreadable, removed })
          : `${mails} mails indexed; ${removed} entries without a record removed.${unreadableText}`,
      );
    });
}

function showProgress(mails: number, { stderr }: CommandContext): void {
  if (stderr.isTTY) stderr.write(`\r${mails} mails …`);
}
