/** Distinguishes a Redis that is down, slow or full from a bug in Posthouse. */

/** Redis did not answer a command in time, or refused it for a reason that passes. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
  /** Whether the command may have been run all the same. False where it is known that nothing was changed. */
  readonly mayHaveRun: boolean;
  /** Redis did not answer, so that a further command would have to wait as well. */
  readonly timedOut: boolean;

  constructor(
    message: string,
    { mayHaveRun = true, timedOut = false, ...options }: { cause?: unknown; mayHaveRun?: boolean; timedOut?: boolean } = {},
  ) {
    super(message, options);
    this.mayHaveRun = mayHaveRun;
    this.timedOut = timedOut;
  }
}

/** What Redis replies while it is full, loads its data, cannot write to its disk, or has lost its primary or its scripts. */
const refusal = /\b(OOM|EXECABORT|LOADING|MISCONF|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOSCRIPT)\b/;

/** What ioredis throws when there is no connection to send on, or when it was lost before the reply. */
const disconnection = /Connection is closed|isn't writeable|Reached the max retries|Command timed out|ECONN|EPIPE|ETIMEDOUT|Socket timeout/;

/**
 * Waits for a command to Redis.
 * @throws QueueUnavailable where repeating it later helps; else what `work` throws
 */
export async function mapRedisErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof QueueUnavailable) throw error;
    const { message } = error as Error;
    if (refusal.test(message)) throw new QueueUnavailable(`Redis refused a command: ${message}`, { cause: error });
    if (disconnection.test(message)) throw new QueueUnavailable(`Redis cannot be reached: ${message}`, { cause: error });
    throw error;
  }
}

/**
 * Waits for Redis no longer than `ms`. The command itself may go on; callers must be able to repeat it.
 * @throws QueueUnavailable, or what `work` throws where repeating it does not help
 */
export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new QueueUnavailable(`Redis did not answer within ${ms} ms`, { timedOut: true }));
    // A busy process may itself be late, with the answer waiting in its socket: that is read before setImmediate.
    timer = setTimeout(() => setImmediate(giveUp), ms);
  });
  try {
    return await Promise.race([mapRedisErrors(work), late]);
  } finally {
    clearTimeout(timer);
  }
}
