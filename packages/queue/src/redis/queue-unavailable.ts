/**
 * Telling a Redis that is away, slow or full from a fault of ours.
 */

/** Redis did not take a command in time, or refused it for now. What was asked may still have happened. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
}

/** What Redis answers while it is full, loads its data, cannot write to its disk, has lost its primary or its scripts. */
const refusal = /\b(OOM|EXECABORT|LOADING|MISCONF|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOSCRIPT)\b/;

/** What ioredis throws when there is no connection to send on, or it was lost with the answer. */
const lost = /Connection is closed|isn't writeable|Reached the max retries|Command timed out|ECONN|EPIPE|ETIMEDOUT|Socket timeout/;

/**
 * @throws QueueUnavailable where waiting mends it; else what `work` throws
 */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { message } = error as Error;
    if (refusal.test(message)) throw new QueueUnavailable(`Redis refuses for now: ${message}`, { cause: error });
    if (lost.test(message)) throw new QueueUnavailable(`Redis cannot be reached: ${message}`, { cause: error });
    throw error;
  }
}

/**
 * Timings for Redis no longer than `ms`. The command itself may go on; callers must be able to repeat it.
 * @throws QueueUnavailable, or what `work` throws where waiting would mend nothing
 */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new QueueUnavailable(`Redis did not answer within ${ms} ms`));
    // A busy process may be late itself, with the answer lying in its socket: that is read before setImmediate.
    timer = setTimeout(() => setImmediate(giveUp), ms);
  });
  try {
    return await Promise.race([orUnavailable(work), late]);
  } finally {
    clearTimeout(timer);
  }
}
