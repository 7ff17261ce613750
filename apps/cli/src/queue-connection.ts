/** How a command reaches the queue. */
import { durations } from '@posthouse/contract';
import type { WorkerConnection } from '@posthouse/queue';
import { CommandError } from './command.ts';

/** Calls `work` with a connection to the queue. @throws CommandError when Redis does not answer, or what `work` throws */
export async function withQueue<T>(work: (connection: WorkerConnection) => Promise<T>): Promise<T> {
  // Imported here because loading the queue takes long, and the other commands do not need it.
  const [{ readConfig }, { Sealer, WorkerConnection }] = await Promise.all([import('./config.ts'), import('@posthouse/queue')]);
  const config = readConfig();
  const connection = new WorkerConnection(
    config.redisUrl,
    new Sealer(config.secret),
    durations,
    (event, fields) => console.error(`${event}: ${Object.values(fields).join('; ')}`),
    config.redisTls,
  );
  await connection.start();
  try {
    await connection.whenReady().catch((error: Error) => {
      throw new CommandError(`${error.message}. Start Redis, or correct REDIS_URL. Nothing was changed.`);
    });
    return await work(connection);
  } finally {
    await connection.stop();
  }
}
