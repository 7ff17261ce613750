/**
 * Where things live in Redis. BullMQ owns everything under `{posthouse}:mail:`; ours are beside it.
 * The braces put all of it in one slot of a Redis Cluster, so that one transaction may touch a record and its job.
 */

/** BullMQ's prefix. */
export const prefix = '{posthouse}';

/** BullMQ's queue and the name of its one kind of job. */
export const queueName = 'mail';
export const jobName = 'send-mail';

/** Mails that have not ended, by when something should happen to them next (ms since the epoch). */
export const openKey = `${prefix}:open`;

/** BullMQ's lock on a job, held by the worker that runs it. */
export function lockKey(id: string): string {
  return `${prefix}:${queueName}:${id}:lock`;
}

/** The hash that is one mail's record. */
export function recordKey(id: string): string {
  return `${prefix}:record:${id}`;
}

/**
 * The hash that counts what happened in one hour: fields `<accepted|sent|failed>:<minute of the hour>`.
 * @param at ms since the epoch, anywhere in that hour
 */
export function trafficKey(at: number): string {
  return `${prefix}:traffic:${Math.floor(at / 3_600_000)}`;
}

/** Workers by when they last said that they are alive. */
export const workersKey = `${prefix}:workers`;

/** What one worker says of itself; gone when it has not said so for a while. */
export function workerKey(id: string): string {
  return `${prefix}:worker:${id}`;
}

/** The hash that is a provider's circuit. @param account a digest of the provider's account */
export function circuitKey(provider: string, account: string): string {
  return `${prefix}:circuit:${provider}:${account}`;
}

/** BullMQ's delayed jobs, by when they are due: ms since the epoch, times `delayedUnit`, and a number that keeps their order. */
export const delayedKey = `${prefix}:${queueName}:delayed`;
export const delayedUnit = 0x1000;

/** Who paused the queue, and when. That it is paused is in BullMQ's hash. */
export const pauseKey = `${prefix}:pause`;
export const queueKey = `${prefix}:${queueName}:meta`;

/** The stream of what people did. */
export const auditKey = `${prefix}:audit`;

/** Bulk work by when it was begun, and the ids of what is not at its end. */
export const bulksKey = `${prefix}:bulks`;
export const runningBulksKey = `${prefix}:bulks:running`;

/** The hash that is one piece of bulk work. */
export function bulkKey(id: string): string {
  return `${prefix}:bulk:${id}`;
}

/** Which process carries it out. */
export function bulkLeaseKey(id: string): string {
  return `${prefix}:bulk:${id}:lease`;
}
