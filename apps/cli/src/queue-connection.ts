/** How a command reaches the queue, and in whose name it changes something. */
import { userInfo } from 'node:os';
import type { Durations, OperatorError } from '@posthouse/contract';
import type { RequestConnection, Sealer, WorkerConnection } from '@posthouse/queue';
import { type CommandContext, CommandError } from './command.ts';
import type { QueueConfig } from './config.ts';
import { connectionCause } from './redis-advice.ts';

/** Calls `work` with a worker's connection to the queue. @throws CommandError when Redis does not answer, or what `work` throws */
export async function withQueue<T>(context: CommandContext, work: (connection: WorkerConnection) => Promise<T>): Promise<T> {
  const { WorkerConnection } = await import('@posthouse/queue');
  return await withConnection(context, WorkerConnection, work);
}

/** Calls `work` with a connection of a process that answers requests. @throws CommandError when Redis does not answer, or what `work` throws */
export async function withRequests<T>(context: CommandContext, work: (connection: RequestConnection) => Promise<T>): Promise<T> {
  const { RequestConnection } = await import('@posthouse/queue');
  return await withConnection(context, RequestConnection, work);
}

/** Calls `work` as `withRequests` does. @throws CommandError also where a change of an API key or a user is not possible */
export async function withDirectory<T>(context: CommandContext, work: (connection: RequestConnection) => Promise<T>): Promise<T> {
  const { DirectoryError } = await import('@posthouse/queue');
  return await withRequests(context, work).catch((error: Error) => {
    throw error instanceof DirectoryError ? new CommandError(error.kind, error.message) : error;
  });
}

/** Who uses the command line, for the audit log. */
export function commandLineUser(): { who: string; role: string } {
  return { who: userInfo().username, role: 'command line' };
}

type ConnectionOf<C> = new (...args: ConstructorParameters<typeof WorkerConnection>) => C;

/** What waiting does not help against: only a change of the configuration, or of Redis, does. */
const lasting: readonly string[] = ['login-refused', 'database-missing', 'cluster', 'too-old', 'master-unknown', 'no-permission'];

async function withConnection<C extends WorkerConnection | RequestConnection, T>(
  { durations, readConfig, stderr }: CommandContext,
  Connection: ConnectionOf<C>,
  work: (connection: C) => Promise<T>,
): Promise<T> {
  const { QueueUnavailable, redisFailures, Sealer } = await import('@posthouse/queue');
  const config = await readConfig();
  const sealer = new Sealer(config.secret);
  await refuseLastingFailure(config, sealer, durations);
  let cause = '';
  const log = (event: string, fields: Readonly<Record<string, string | number>>) => {
    if (fields['error'] !== undefined) cause = `: ${connectionCause(String(fields['error']))}`;
    if (stderr.isTTY) stderr.write(`${event}: ${Object.values(fields).join('; ')}\n`);
  };
  const connection = new Connection(config.redisUrl, sealer, durations, log, config.redisAccess);
  await connection.start();
  try {
    const answered = 'whenAnswered' in connection ? connection.whenAnswered() : connection.whenReady();
    await answered.catch((error: Error & Partial<OperatorError>) => {
      // An error for operators says itself what to do.
      if (error.forOperator) throw new CommandError('other-secret', `${error.message} Nothing was changed.`);
      const failure = error instanceof QueueUnavailable ? error.failure : 'unreachable';
      const fix = failure === 'unreachable' ? 'Start Redis, or correct REDIS_URL' : capitalized(redisFailures[failure].fix);
      throw new CommandError(`redis-${failure}`, `${error.message}${cause}. ${fix}. Nothing was changed.`);
    });
    return await work(connection);
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
    const changed = error.mayHaveRun ? 'It may have been done all the same.' : 'Nothing was changed.';
    throw new CommandError(
      `redis-${error.failure}`,
      `${capitalized(error.message)}. ${capitalized(redisFailures[error.failure].fix)}. ${changed}`,
    );
  } finally {
    await connection.stop();
  }
}

/** Asks once whether Redis can be used. @throws CommandError for what would be the same after any wait */
async function refuseLastingFailure({ redisUrl, redisAccess }: QueueConfig, sealer: Sealer, durations: Durations): Promise<void> {
  const { redisFailures, RequestConnection } = await import('@posthouse/queue');
  const connection = new RequestConnection(redisUrl, sealer, durations, () => undefined, redisAccess);
  await connection.start();
  const state = await connection.state();
  await connection.stop();
  if (state === 'ok' || !lasting.includes(state)) return;
  const { meaning, fix } = redisFailures[state];
  throw new CommandError(`redis-${state}`, `${meaning}: ${fix}. Nothing was changed.`);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
