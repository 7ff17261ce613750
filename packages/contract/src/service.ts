/**
 * Anything that is started and stopped: a server, a pool, a consumer, a child process.
 *
 * `stop` tolerates being called before `start` and more than once; services are stopped in the
 * reverse of the order in which they were started, under one deadline.
 */
export interface Service {
  /** Says which service it is in a log line or an error. */
  readonly name: string;
  /** Resolves when the service can be used. Throws with a reason that a person can act on. */
  start(): Promise<void>;
  /** Resolves when nothing of the service is left running. */
  stop(): Promise<void>;
}

/** An error whose message alone says what an operator has to fix. A process that cannot start prints it without a stack. */
export interface OperatorError extends Error {
  readonly forOperator: true;
}
