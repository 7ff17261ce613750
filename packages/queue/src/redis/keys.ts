/**
 * Every key in Redis. BullMQ owns everything under `{posthouse}:mail:`; ours are beside it.
 * The braces put all of them into one slot of a Redis Cluster, so that one transaction can change a record and its job.
 */
import { hour } from '@posthouse/contract';

/** What every key begins with, BullMQ's included: the name of the queue in braces. This and the other keys are set by `usePrefix`, once. */
export let prefix: string;

/** That of a process without QUEUE_PREFIX. It is also in the texts of the scripts, and replaced when they are sent (script.ts). */
export const defaultPrefix = '{posthouse}';

/** BullMQ's queue and the name of its one kind of job. */
export const queueName = 'mail';
export const jobName = 'send-mail';

/** BullMQ's jobs that are due, by priority: that times 2 ** 32, plus a number that keeps their order; and those that workers have. */
export let prioritizedKey: string;
export let activeKey: string;

/** BullMQ's delayed jobs, by when they are due: ms since the epoch, times `delayedUnit`, plus a number that keeps their order. */
export let delayedKey: string;
export const delayedUnit = 0x1000;

/** BullMQ's lock on a job, owned by the worker that runs it. */
export const lockKey = (id: string): string => `${prefix}:${queueName}:${id}:lock`;

/** What every record's key begins with. */
export let recordPrefix: string;

/** The hash that is one mail's record. */
export const recordKey = (id: string): string => recordPrefix + id;

/** What the key of every kept content begins with. */
export let contentPrefix: string;
/** What is kept of a sent mail's content, sealed. It expires automatically. */
export const contentKey = (id: string): string => contentPrefix + id;

/** Mails that have not ended, by when something should happen to them next (ms since the epoch). */
export let unfinishedKey: string;

/** The keys that most changes of a mail's state need. */
export function mailKeys(id: string): { record: string; unfinished: string } {
  return { record: recordKey(id), unfinished: unfinishedKey };
}

/** Batches that are being accepted, each by the id of its first mail, by when that began (ms since the epoch). */
export let batchesKey: string;
/** The prefix of every batch; the id of its first mail follows. */
export let batchPrefix: string;

/** The hash that is one batch: its state and the ids of its mails. @param id of its first mail */
export const batchKey = (id: string): string => batchPrefix + id;

/** The hash of how long records are kept, in ms: as the workers have it, for processes that do not. */
export let retentionKey: string;
/** Mails that have ended, by when their record is deleted (ms since the epoch). */
export let endedKey: string;
/** The hash of check values: which key seals records under each name. */
export let secretsKey: string;
/** Written to find out whether Redis takes writes. */
export let writeProbeKey: string;

/** Written to find out which commands Redis lets its user run. */
export let rightsCheckKey: string;

/** Set while one worker sweeps. */
export let sweeperKey: string;

/** The prefix of every index, or of its oldest page where it has several (transitions/index-pages.ts); the name of the index follows. */
export let indexPrefix: string;
/** The prefix of the other pages. */
export let pagePrefix: string;
/** The prefix of the directory of an index' pages. */
export let pagesPrefix: string;

/** The hash of how many mails each index of a class has, by its name. */
export let sizesKey: string;

/** What the name of every index of a class begins with. */
export const classPrefix = 'class:';

/** Failure groups, by how many mails are in each. */
export let groupsKey: string;
/** The prefix of the hash of a failure group; the group's id follows. The hash has what its mails have in common, first and last time. */
export let groupPrefix: string;

/** The prefix of every traffic key; the hour since the epoch follows. */
export let trafficPrefix: string;

/** The hash that counts what happened in the hour of `at` (ms since the epoch): fields `<accepted|sent|failed>:<minute of the hour>`. */
export function trafficKey(at: number): string {
  return trafficPrefix + Math.floor(at / hour);
}

/** The prefix of the hashes of what a provider did in one hour: `<provider>:<hour since the epoch>`; fields `<minute>:<what is counted>`. */
export let providerCountsPrefix: string;

/** The prefix of the hashes that count outcomes of recipients by domain; `hour:` or `part:` and its number since the epoch follow. */
export let domainCountsPrefix: string;

/** The hash of when each provider last accepted a mail, ms since the epoch. */
export let lastAcceptedKey: string;

/** The hash of an idempotency key's claim. @param digest of the API key and the idempotency key, so that callers do not share claims */
export function claimKey(digest: string): string {
  return `${prefix}:idempotency:${digest}`;
}

/** Workers by when they last reported. */
export let workersKey: string;
/** The prefix of every heartbeat; the worker's id follows. */
export let workerPrefix: string;

/** The last heartbeat of one worker; it expires when it is not renewed. */
export const workerKey = (id: string): string => workerPrefix + id;

/** Processes by when they last reported their template set, the last report of one, and the hashes of the sets by when each was first used. */
export function templateSetKeys(id = ''): Record<'reports' | 'report' | 'sets', string> {
  return { reports: `${prefix}:template-set-reports`, report: `${prefix}:template-set:${id}`, sets: `${prefix}:template-sets` };
}

/** The hash that is a provider's circuit. @param account a digest of the provider's account */
export function circuitKey(provider: string, account: string): string {
  return `${prefix}:circuit:${provider}:${account}`;
}

/** Set while one worker probes the provider of a circuit. */
export const proberKey = (provider: string, account: string): string => `${circuitKey(provider, account)}:prober`;

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
export let pausesKey: string;
/** The ids of pauses that have ended and whose parked mails are not all released yet. */
export let releasingKey: string;
/** The worker that releases parked mails. */
export let releaserKey: string;

/** The prefix of the mails parked under a pause; its id follows. */
export let parkedPrefix: string;

/** The mails parked under a pause, by when they were due (ms since the epoch). @param id of the pause */
export const parkedKey = (id: string): string => parkedPrefix + id;

/** The stream of what users did. */
export let auditKey: string;
/** The stream of what API keys did: apart, so that an application cannot push out what users did. */
export let apiAuditKey: string;
/** The stream of sign-ins: apart, because there are more of them than changes. */
export let signInAuditKey: string;
/** The stream of failed sign-ins: apart, so that nobody who guesses passwords can push out what users did. */
export let failedSignInAuditKey: string;

/** The hash of the newest failed sign-ins that are still counted, by user and action. */
export let signInCountsKey: string;

/** The hash of API keys, each sealed, by name. */
export let apiKeysKey: string;
/** The number of the latest change of API keys. */
export let apiKeysVersionKey: string;
/** The hash of when API keys were last used, by name (ms since the epoch). */
export let apiKeysUsedKey: string;

/** The hash of the dashboard's users, each sealed, by name. */
export let usersKey: string;
/** The number of the latest change of users. */
export let usersVersionKey: string;
/** The hash of when users last signed in, by name (ms since the epoch). */
export let usersSignedInKey: string;

/** The ids of the dashboard's sessions, by when they expire (ms since the epoch). */
export let sessionsKey: string;
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

/** The hash of the incidents that a channel of notifications knows, each as JSON, by its id. @param channel such as `webhook` */
export function incidentsKey(channel: string): string {
  return `${prefix}:incidents:${channel}`;
}

/** The process that notifies over a channel. */
export function notifierKey(channel: string): string {
  return `${incidentsKey(channel)}:notifier`;
}

/** Bulk actions by when they were started. */
export let bulksKey: string;
/** The ids of bulk actions that have not ended. */
export let runningBulksKey: string;

/** The hash of one bulk action. */
export const bulkKey = (id: string): string => `${prefix}:bulk:${id}`;

/** The process that runs a bulk action. */
export const bulkLeaseKey = (id: string): string => `${prefix}:bulk:${id}:lease`;

/** The name that the connections of this process have; undefined before the first one. */
let usedName: string | undefined;

/**
 * Sets all keys, before anything is made that works on them. A process works on one queue, so the keys are set once, here, and are no object
 * that each connection hands to every function and script of this package: that would only let a process mix two queues up.
 * @param name of the queue, QUEUE_PREFIX
 * @throws Error where a connection of this process has another name
 */
export function usePrefix(name = 'posthouse'): void {
  if (usedName !== undefined && usedName !== name) {
    throw new Error(`This process works on the queue "${usedName}". Start another process with QUEUE_PREFIX=${name} for that queue.`);
  }
  usedName = name;
  setKeys(name);
}

function setKeys(name: string): void {
  prefix = `{${name}}`;
  prioritizedKey = `${prefix}:${queueName}:prioritized`;
  activeKey = `${prefix}:${queueName}:active`;
  delayedKey = `${prefix}:${queueName}:delayed`;
  recordPrefix = `${prefix}:record:`;
  contentPrefix = `${prefix}:content:`;
  unfinishedKey = `${prefix}:unfinished`;
  batchesKey = `${prefix}:batches`;
  batchPrefix = `${prefix}:batch:`;
  retentionKey = `${prefix}:retention`;
  endedKey = `${prefix}:ended`;
  secretsKey = `${prefix}:secrets`;
  writeProbeKey = `${prefix}:write-probe`;
  rightsCheckKey = `${prefix}:rights-check`;
  sweeperKey = `${prefix}:sweeper`;
  indexPrefix = `${prefix}:index:`;
  pagePrefix = `${prefix}:index-page:`;
  pagesPrefix = `${prefix}:index-pages:`;
  sizesKey = `${prefix}:index-sizes`;
  groupsKey = `${prefix}:failures`;
  groupPrefix = `${prefix}:failure:`;
  trafficPrefix = `${prefix}:traffic:`;
  providerCountsPrefix = `${prefix}:provider-counts:`;
  domainCountsPrefix = `${prefix}:domain-counts:`;
  lastAcceptedKey = `${prefix}:provider-accepted`;
  workersKey = `${prefix}:workers`;
  workerPrefix = `${prefix}:worker:`;
  pausesKey = `${prefix}:pauses`;
  releasingKey = `${pausesKey}:releasing`;
  releaserKey = `${pausesKey}:releaser`;
  parkedPrefix = `${prefix}:parked:`;
  auditKey = `${prefix}:audit`;
  apiAuditKey = `${auditKey}:api-keys`;
  signInAuditKey = `${auditKey}:signed-in`;
  failedSignInAuditKey = `${auditKey}:sign-ins`;
  signInCountsKey = `${failedSignInAuditKey}:counted`;
  apiKeysKey = `${prefix}:api-keys`;
  apiKeysVersionKey = `${apiKeysKey}:version`;
  apiKeysUsedKey = `${apiKeysKey}:used`;
  usersKey = `${prefix}:users`;
  usersVersionKey = `${usersKey}:version`;
  usersSignedInKey = `${usersKey}:signed-in`;
  sessionsKey = `${prefix}:sessions`;
  bulksKey = `${prefix}:bulks`;
  runningBulksKey = `${prefix}:bulks:running`;
}

setKeys('posthouse');
