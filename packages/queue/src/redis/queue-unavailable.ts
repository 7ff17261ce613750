/** Distinguishes a Redis that is down, slow, full or read-only from a bug in Posthouse. */

/** Why Redis does not do what it is asked. */
export type RedisFailure =
  /** There is no connection, or no reply in time. */
  | 'unreachable'
  /** It is a replica: it always was, or a failover has just made it one. */
  | 'read-only'
  /** It is loading its data. */
  | 'loading'
  /** Its `maxmemory` is used up. */
  | 'full'
  /** It cannot write its data to disk. */
  | 'cannot-save'
  /** It has fewer replicas than `min-replicas-to-write`. */
  | 'no-replicas'
  /** Its mails are sealed with another key of the same name. */
  | 'other-key'
  /** Any other refusal that passes, such as a script that runs too long. */
  | 'refused';

/** The words by which Redis says so. In the error of a script they are not at the beginning. */
const refusals: readonly [word: RegExp, failure: RedisFailure][] = [
  [/\b(READONLY|UNBLOCKED|MASTERDOWN)\b/, 'read-only'],
  [/\bLOADING\b/, 'loading'],
  [/\bOOM\b/, 'full'],
  [/\bMISCONF\b/, 'cannot-save'],
  [/\bNOREPLICAS\b/, 'no-replicas'],
  [/\bOTHERKEY\b/, 'other-key'],
  [/\b(EXECABORT|CLUSTERDOWN|TRYAGAIN|BUSY|NOSCRIPT)\b/, 'refused'],
];

/** What ioredis throws when there is no connection to send on, or when it was lost before the reply. */
const disconnection = /Connection is closed|isn't writeable|Reached the max retries|Command timed out|ECONN|EPIPE|ETIMEDOUT|Socket timeout/;

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

/** Why Redis refused a command; undefined where repeating it later does not help. */
export function refusalOf(error: Error): RedisFailure | undefined {
  // Of an aborted transaction, the errors of its commands say why.
  const { previousErrors = [] } = error as { previousErrors?: readonly Error[] };
  const text = [error, ...previousErrors].map(({ message }) => message).join('\n');
  return refusals.find(([word]) => word.test(text))?.[1];
}

/** True for what only another server takes: after a failover the connections to the former primary may stay alive. */
export function needsReconnect(failure: RedisFailure | undefined): boolean {
  return failure === 'read-only' || failure === 'loading';
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
    if (disconnection.test(error.message)) throw new QueueUnavailable(`Redis cannot be reached: ${error.message}`, { cause: error });
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
    const giveUp = () => reject(new QueueUnavailable(`Redis did not answer within ${Math.round(ms)} ms`, { timedOut: true }));
    // A busy process may itself be late, with the answer waiting in its socket: that is read before setImmediate.
    timer = setTimeout(() => setImmediate(giveUp), ms);
  });
  try {
    return await Promise.race([mapRedisErrors(work), late]);
  } finally {
    clearTimeout(timer);
  }
}
