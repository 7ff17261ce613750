import type { Backoff } from './backoff.ts';
import { second } from './duration.ts';

/** How long a process waits for Redis, and how often it connects again; in ms. */
export interface RedisTimings {
  /** How long a connection attempt of a process that answers requests may take. */
  readonly connect: number;
  /** How long a Sentinel, or a server of a Cluster, may take to say where the primary is. */
  readonly locate: number;
  /** How long Redis waits for its replicas before what was written counts as not acknowledged. */
  readonly replicaWait: number;
  /** After how long without a byte while a reply is due a connection counts as lost. BullMQ lets a worker's wait 10 s for a job. */
  readonly requestSilence: number;
  readonly workerSilence: number;
  /** The wait before the next connection attempt. */
  readonly requestReconnect: Backoff;
  readonly workerReconnect: Backoff;
  /** The greatest difference between the clocks of Redis and a process that causes no warning. */
  readonly clockSkew: number;
  /** How often a process that accepts mail reads the clock of Redis. */
  readonly clockReading: number;
  /** The same refusal of a command is logged once in this time. */
  readonly refusalLog: number;
  /** How long Redis keeps what was written to find out whether it takes writes. */
  readonly writeProbeExpiry: number;
  /** How long a command of the command line waits for Redis before it ends with an error. */
  readonly commandLine: number;
}

/** Those of production. */
export const redisTimings: RedisTimings = {
  connect: 2 * second,
  locate: 2 * second,
  replicaWait: 300,
  requestSilence: 5 * second,
  workerSilence: 30 * second,
  requestReconnect: { initial: 100, max: second },
  workerReconnect: { initial: 100, max: 2 * second },
  clockSkew: 5 * second,
  clockReading: second,
  refusalLog: 60 * second,
  writeProbeExpiry: 10 * second,
  commandLine: 10 * second,
};
