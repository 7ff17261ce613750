/**
 * Every key in Redis. BullMQ owns everything under `{posthouse}:mail:`; ours are beside it.
 * The braces put all of them into one slot of a Redis Cluster, so that one transaction can change a record and its job.
 */

/** BullMQ's prefix. */
export const prefix = '{posthouse}';

/** BullMQ's queue and the name of its one kind of job. */
export const queueName = 'mail';
export const jobName = 'send-mail';

/** BullMQ's jobs that are due, by priority: that times 2 ** 32, plus a number that keeps their order; and those that workers have. */
export const prioritizedKey = `${prefix}:${queueName}:prioritized`;
export const activeKey = `${prefix}:${queueName}:active`;

/** BullMQ's delayed jobs, by when they are due: ms since the epoch, times `delayedUnit`, plus a number that keeps their order. */
export const delayedKey = `${prefix}:${queueName}:delayed`;
export const delayedUnit = 0x1000;

/** BullMQ's lock on a job, owned by the worker that runs it. */
export function lockKey(id: string): string {
  return `${prefix}:${queueName}:${id}:lock`;
}

/** What every record's key begins with. */
export const recordPrefix = `${prefix}:record:`;

/** The hash that is one mail's record. */
export function recordKey(id: string): string {
  return recordPrefix + id;
}

/** What the key of every kept content begins with. */
export const contentPrefix = `${prefix}:content:`;

/** What is kept of a sent mail's content, sealed. It expires automatically. */
export function contentKey(id: string): string {
  return contentPrefix + id;
}

/** Mails that have not ended, by when something should happen to them next (ms since the epoch). */
export const unfinishedKey = `${prefix}:unfinished`;

/** The keys that most changes of a mail's state need. */
export function mailKeys(id: string): { record: string; unfinished: string } {
  return { record: recordKey(id), unfinished: unfinishedKey };
}

/** Batches that are being accepted, each by the id of its first mail, by when that began (ms since the epoch). */
export const batchesKey = `${prefix}:batches`;

/** The prefix of every batch; the id of its first mail follows. */
export const batchPrefix = `${prefix}:batch:`;

/** The hash that is one batch: its state and the ids of its mails. @param id of its first mail */
export function batchKey(id: string): string {
  return batchPrefix + id;
}

/** The hash of how long records are kept, in ms: as the workers have it, for processes that do not. */
export const retentionKey = `${prefix}:retention`;

/** Mails that have ended, by when their record is deleted (ms since the epoch). */
export const endedKey = `${prefix}:ended`;

/** The hash of check values: which key seals records under each name. */
export const secretsKey = `${prefix}:secrets`;

/** Written to find out whether Redis takes writes. */
export const writeProbeKey = `${prefix}:write-probe`;

/** Written to find out which commands Redis lets its user run. */
export const rightsCheckKey = `${prefix}:rights-check`;

/** Set while one worker sweeps. */
export const sweeperKey = `${prefix}:sweeper`;

/** The prefix of every index, or of its oldest page where it has several (transitions/index-pages.ts); the name of the index follows. */
export const indexPrefix = `${prefix}:index:`;

/** The prefix of the other pages. */
export const pagePrefix = `${prefix}:index-page:`;

/** The prefix of the directory of an index' pages. */
export const pagesPrefix = `${prefix}:index-pages:`;

/** The hash of how many mails each index of a class has, by its name. */
export const sizesKey = `${prefix}:index-sizes`;

/** What the name of every index of a class begins with. */
export const classPrefix = 'class:';

/** Failure groups, by how many mails are in each. */
export const groupsKey = `${prefix}:failures`;

/** The prefix of the hash of a failure group; the group's id follows. The hash has what its mails have in common, first and last time. */
export const groupPrefix = `${prefix}:failure:`;

/** The prefix of every traffic key; the hour since the epoch follows. */
export const trafficPrefix = `${prefix}:traffic:`;

/**
 * The hash that counts what happened in one hour: fields `<accepted|sent|failed>:<minute of the hour>`.
 * @param at ms since the epoch, anywhere in that hour
 */
export function trafficKey(at: number): string {
  return trafficPrefix + Math.floor(at / 3_600_000);
}

/**
 * The prefix of the hash that counts what one provider did in one hour; the provider and the hour since the epoch follow. Its fields are
 * `<minute of the hour>:<what is counted>`.
 */
export const providerCountsPrefix = `${prefix}:provider-counts:`;

/** The hash of when each provider last accepted a mail, ms since the epoch. */
export const lastAcceptedKey = `${prefix}:provider-accepted`;

/** The hash of an idempotency key's claim. @param digest of the API key and the idempotency key, so that callers do not share claims */
export function claimKey(digest: string): string {
  return `${prefix}:idempotency:${digest}`;
}

/** Workers by when they last reported. */
export const workersKey = `${prefix}:workers`;

/** The prefix of every heartbeat; the worker's id follows. */
export const workerPrefix = `${prefix}:worker:`;

/** The last heartbeat of one worker; it expires when it is not renewed. */
export function workerKey(id: string): string {
  return workerPrefix + id;
}

/** The hash that is a provider's circuit. @param account a digest of the provider's account */
export function circuitKey(provider: string, account: string): string {
  return `${prefix}:circuit:${provider}:${account}`;
}

/** Set while one worker probes the provider of a circuit. */
export function proberKey(provider: string, account: string): string {
  return `${circuitKey(provider, account)}:prober`;
}

/** When the next mail may go to a provider whose rate is limited (ms since the epoch). */
export function rateKey(provider: string, account: string): string {
  return `${prefix}:rate:${provider}:${account}`;
}

/** When everything that an API key with a rate has taken is free again (ms since the epoch). @param name of the API key */
export function keyRateKey(name: string): string {
  return `${prefix}:key-rate:${name}`;
}

/** The hash that is a provider's access token, sealed. @param account a digest of the provider's account */
export function tokenKey(provider: string, account: string): string {
  return `${prefix}:token:${provider}:${account}`;
}

/** The worker that requests a provider's next access token. */
export function tokenRenewerKey(provider: string, account: string): string {
  return `${tokenKey(provider, account)}:renewer`;
}

/** Set for a while after a provider's access token was replaced because the provider refused it. */
export function tokenRefusedKey(provider: string, account: string): string {
  return `${tokenKey(provider, account)}:refused`;
}

/** The hash of the pauses that have not ended, each as JSON, by id. */
export const pausesKey = `${prefix}:pauses`;

/** The ids of pauses that have ended and whose parked mails are not all released yet. */
export const releasingKey = `${pausesKey}:releasing`;

/** The worker that releases parked mails. */
export const releaserKey = `${pausesKey}:releaser`;

/** The prefix of the mails parked under a pause; its id follows. */
export const parkedPrefix = `${prefix}:parked:`;

/** The mails parked under a pause, by when they were due (ms since the epoch). @param id of the pause */
export function parkedKey(id: string): string {
  return parkedPrefix + id;
}

/** The stream of what users did. */
export const auditKey = `${prefix}:audit`;

/** The stream of what API keys did: apart, so that an application cannot push out what users did. */
export const apiAuditKey = `${auditKey}:api-keys`;

/** The stream of sign-ins: apart, because there are more of them than changes. */
export const signInAuditKey = `${auditKey}:signed-in`;

/** The stream of failed sign-ins: apart, so that nobody who guesses passwords can push out what users did. */
export const failedSignInAuditKey = `${auditKey}:sign-ins`;

/** The hash of the newest failed sign-ins that are still counted, by user and action. */
export const signInCountsKey = `${failedSignInAuditKey}:counted`;

/** The hash of API keys, each sealed, by name. */
export const apiKeysKey = `${prefix}:api-keys`;

/** The number of the latest change of API keys. */
export const apiKeysVersionKey = `${apiKeysKey}:version`;

/** The hash of when API keys were last used, by name (ms since the epoch). */
export const apiKeysUsedKey = `${apiKeysKey}:used`;

/** The hash of the dashboard's users, each sealed, by name. */
export const usersKey = `${prefix}:users`;

/** The number of the latest change of users. */
export const usersVersionKey = `${usersKey}:version`;

/** The hash of when users last signed in, by name (ms since the epoch). */
export const usersSignedInKey = `${usersKey}:signed-in`;

/** The ids of the dashboard's sessions, by when they expire (ms since the epoch). */
export const sessionsKey = `${prefix}:sessions`;

/** The hash of one session of the dashboard, sealed. @param id the SHA-256 of its token */
export function sessionKey(id: string): string {
  return `${sessionsKey}:${id}`;
}

/** The hash of the filters that a user has saved, each sealed, by a digest of its name. @param user their name */
export function savedFiltersKey(user: string): string {
  return `${prefix}:saved-filters:${user}`;
}

/** That a nonce of OpenID Connect has signed somebody in. @param digest of the nonce */
export function usedNonceKey(digest: string): string {
  return `${prefix}:used-nonce:${digest}`;
}

/** Bulk actions by when they were started. */
export const bulksKey = `${prefix}:bulks`;

/** The ids of bulk actions that have not ended. */
export const runningBulksKey = `${prefix}:bulks:running`;

/** The hash of one bulk action. */
export function bulkKey(id: string): string {
  return `${prefix}:bulk:${id}`;
}

/** The process that runs a bulk action. */
export function bulkLeaseKey(id: string): string {
  return `${prefix}:bulk:${id}:lease`;
}
