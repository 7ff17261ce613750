/** Redis did not take a command in time, or refused it. What was asked may still have happened. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
}

/** What Redis answers while it is full, loads its data, cannot write to its disk or has lost its primary. */
const refusal = /\b(OOM|LOADING|MISCONF|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY)\b/;

/**
 * Tells a refusal that will pass from a fault.
 * @throws QueueUnavailable for a refusal; else what `work` throws
 */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { message } = error as Error;
    throw refusal.test(message) ? new QueueUnavailable(`Redis refuses for now: ${message}`, { cause: error }) : error;
  }
}

/**
 * Waits for Redis no longer than `ms`. The command itself may go on; callers must be able to repeat it.
 * @throws QueueUnavailable
 */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QueueUnavailable(`Redis did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    if (error instanceof QueueUnavailable) throw error;
    throw new QueueUnavailable(`Redis did not take the command: ${(error as Error).message}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
