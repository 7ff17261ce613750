/** Distinguishes a Redis that is down, slow, full or read-only from a bug in Posthouse. */

import { needsReconnect, type RedisFailure, refusalOf } from './redis-failures.ts';

/** What ioredis throws when there is no connection to send on, or when it was lost before the reply. */
const disconnection =
  /Connection is closed|Command aborted|isn't writeable|Reached the max retries|Command timed out|ECONN|EPIPE|ETIMEDOUT|Socket timeout/;

/** Whether a command failed because its connection did. */
export function isDisconnection({ message }: Error): boolean {
  return disconnection.test(message);
}

/** Redis did not answer a command in time, or refused it for a reason that passes. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
  readonly failure: RedisFailure;
  /** Whether the command may have been run all the same. False where it is known that nothing was changed. */
  readonly mayHaveRun: boolean;
  /** True where Redis changed nothing and the connection is being replaced: the next one may take the command. */
  readonly isReconnecting: boolean;
  /** Redis did not answer, so that a further command would have to wait as well. */
  readonly timedOut: boolean;

  constructor(
    message: string,
    options: { cause?: unknown; mayHaveRun?: boolean; failure?: RedisFailure; isReconnecting?: boolean; timedOut?: boolean } = {},
  ) {
    const { mayHaveRun = true, failure = 'unreachable', isReconnecting = false, timedOut = false, ...cause } = options;
    super(message, cause);
    this.mayHaveRun = mayHaveRun;
    this.timedOut = timedOut;
    this.failure = failure;
    this.isReconnecting = isReconnecting;
  }
}

/** Of an error of a command that failed on what a key holds: repeating it helps once the key was deleted or restored. */
export function damagedData(error: Error): QueueUnavailable {
  return new QueueUnavailable(`a key in Redis holds something else: ${error.message}`, { cause: error, failure: 'damaged' });
}

/**
 * Waits for a command to Redis.
 * @throws QueueUnavailable where repeating it later helps; else what `work` throws
 */
export async function mapRedisErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const error = thrown as Error;
    if (error instanceof QueueUnavailable) throw error;
    const failure = refusalOf(error);
    if (failure !== undefined) {
      const isReconnecting = needsReconnect(failure);
      throw new QueueUnavailable(`Redis refused a command: ${error.message}`, { cause: error, failure, isReconnecting });
    }
    if (isDisconnection(error)) throw new QueueUnavailable(`Redis cannot be reached: ${error.message}`, { cause: error });
    throw error;
  }
}

/**
 * Waits for Redis no longer than `ms`. The command itself may go on; callers must be able to repeat it.
 * @param isWriting whether the command is still on its way out: the time begins again when that has ended
 * @throws QueueUnavailable, or what `work` throws where repeating it does not help
 */
export function withTimeout<T>(work: Promise<T>, ms: number, isWriting = () => false): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout;
    let isSettled = false;
    const wait = (wasWriting: boolean) => {
      const decide = () => {
        if (isSettled) return;
        const isStillWriting = isWriting();
        if (isStillWriting || wasWriting) wait(isStillWriting);
        else reject(new QueueUnavailable(`Redis did not answer within ${Math.round(ms)} ms`, { timedOut: true }));
      };
      // A busy process may itself be late, with the answer waiting in its socket: that is read before setImmediate.
      timer = setTimeout(() => setImmediate(decide), ms);
    };
    wait(false);
    mapRedisErrors(work)
      .finally(() => {
        isSettled = true;
        clearTimeout(timer);
      })
      .then(resolve, reject);
  });
}
