/**
 * The only room that knows Redis and BullMQ. It owns the record of each mail, the job that says when,
 * and every transition between states.
 *
 * Those who ask (the API, the dashboard): `MailQueue` on a `RequestConnection`. Consumer side (a worker): `MailConsumer`, which hands each due mail to a run as a
 * `LeasedMail` and moves its job by how the run ends; `Sweeper`; and the ports `ProviderCircuit` and `ProviderRate`.
 */

export type { Claim } from './idempotency.ts';
export { type AttemptResult, type BeginResult, LeasedMail, type TransitionResult } from './leased-mail.ts';
export { applicableStates, type MailAction, mailActions } from './mail-action.ts';
export { MailConsumer, type MailHandler, type RunResult } from './mail-consumer.ts';
export { type IdempotencyKey, MailQueue } from './mail-queue.ts';
export type { ActionResult } from './mail-records.ts';
export { type NewMail, newMailId, newRecord } from './new-record.ts';
export { type AuditEntry, AuditLog } from './operations/audit-log.ts';
export type { BulkJob, BulkScope, NewBulkJob } from './operations/bulk-job.ts';
export { BulkJobs } from './operations/bulk-jobs.ts';
export { BulkRunner } from './operations/bulk-runner.ts';
export { type LiveWorker, type ProviderStatus, QueueOverview, type Traffic } from './operations/queue-overview.ts';
export { type PauseState, QueuePause } from './operations/queue-pause.ts';
export { type Session, Sessions } from './operations/sessions.ts';
export { WorkerHeartbeat, type WorkerInfo } from './operations/worker-heartbeat.ts';
export { ProviderCircuit } from './provider-circuit.ts';
export { ProviderRate } from './provider-rate.ts';
export { QueueUnavailable } from './queue-unavailable.ts';
export { RecordError } from './record-fields.ts';
export { importRecords } from './record-import.ts';
export { RequestConnection } from './request-connection.ts';
export { KeyMissingError, Sealer, type SealKeys, sealKeys } from './sealer.ts';
export { type FailureGroup, FailureGroups } from './search/failure-groups.ts';
export { type RebuildResult, rebuildIndexes } from './search/index-rebuild.ts';
export { CursorError } from './search/index-walk.ts';
export { type MailCount, MailList, type MailPage } from './search/mail-list.ts';
export type { MailSummary } from './search/mail-summary.ts';
export { Sweeper } from './sweeper.ts';
export { WorkerConnection } from './worker-connection.ts';
