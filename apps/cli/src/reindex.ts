/**
 * `reindex`: builds the indexes anew by which mails are found, from their records. Posthouse goes on sending meanwhile. It is for
 * records that are older than the indexes, and for indexes that were lost.
 */
import { parseArgs } from 'node:util';
import { durations } from '@posthouse/contract';
import { parseOrUsageError } from './arguments.ts';
import type { Command } from './command.ts';

/** The command. */
export const reindex: Command = {
  usage: `Usage: npm run reindex [-- --json]

Builds the indexes of the dashboard and of GET /v1/mails anew from the records in Redis. Safe while mail is being sent.
Reads REDIS_URL and POSTHOUSE_SECRET.
  --json   one line for machines: { "mails", "unreadable", "removed" }`,

  async run(args) {
    const { values } = parseOrUsageError(() => parseArgs({ args, options: { json: { type: 'boolean', default: false } } }));
    // The other commands need not wait for the queue to be loaded.
    const [{ readConfig }, { rebuildIndexes, Sealer, WorkerConnection }] = await Promise.all([
      import('./config.ts'),
      import('@posthouse/queue'),
    ]);
    const config = readConfig();
    const connection = new WorkerConnection(config.redisUrl, new Sealer(config.secret), durations, (trouble) => console.error(trouble));
    await connection.start();
    try {
      const { mails, unreadable, removed } = await rebuildIndexes(connection, showProgress);
      if (values.json) return JSON.stringify({ mails, unreadable, removed });
      const secret =
        unreadable === 0
          ? ''
          : `\n${unreadable} cannot be opened with this POSTHOUSE_SECRET: by recipient, template or tag they are found only if they were before.`;
      return `${mails} mails are in their indexes; ${removed} entries without a record behind them were taken out.${secret}`;
    } finally {
      await connection.stop();
    }
  },
};

function showProgress(mails: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${mails} mails …`);
}
