/**
 * The only package that uses Redis and BullMQ. It owns the record of each mail, the job that says when the mail is due, and every
 * change of state.
 *
 * API and dashboard: `MailQueue` and the other classes on a `RequestConnection`. Worker: `MailConsumer`, which passes each due
 * mail as a `LeasedMail` to a handler and moves its job by the result; `Sweeper`; `ProviderCircuit` and `ProviderRate`.
 *
 * Folders, from bottom to top: redis ← record ← transitions ← connection ← accounts ← acceptance ← search ← worker ← operations ← monitoring.
 */
export type { Claim } from './acceptance/idempotency.ts';
export type { RateUse } from './acceptance/key-rate.ts';
export { type IdempotencyKey, MailQueue } from './acceptance/mail-queue.ts';
export { importRecords } from './acceptance/record-import.ts';
export {
  type Acceptance,
  AcceptanceRefused,
  type AcceptanceRequest,
  type Accepted,
  acceptMail,
  acceptMails,
} from './acceptance/request-acceptance.ts';
export { ApiKeyRegistry } from './accounts/api-key-registry.ts';
export { type ApiKeyInfo, ApiKeys } from './accounts/api-keys.ts';
export {
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  AuditLog,
  type AuditPage,
  apiKeyRole,
  type FailedSignIn,
  unknownUser,
} from './accounts/audit-log.ts';
export { type SavedFilter, SavedFilters } from './accounts/saved-filters.ts';
export { DirectoryError } from './accounts/sealed-directory.ts';
export { type NewSession, type Session, Sessions, sessionIdOf } from './accounts/sessions.ts';
export { UsedNonces } from './accounts/used-nonces.ts';
export { type StoredUserInfo, UserDirectory, type UserPassword } from './accounts/user-directory.ts';
export { inspectRedis, type RedisInspection } from './connection/redis-inspection.ts';
export { describeRedisState, RequestConnection } from './connection/request-connection.ts';
export { WorkerConnection } from './connection/worker-connection.ts';
export { awaitedProviders, downProviders, waitsForProvider } from './monitoring/awaited-providers.ts';
export { type DomainFigures, DomainStatistics } from './monitoring/domain-statistics.ts';
export { type IncidentChannel, IncidentNotifier } from './monitoring/incident-notifier.ts';
export { type ProviderFigures, ProviderStatistics, type Quantiles } from './monitoring/provider-statistics.ts';
export {
  type DuePriority,
  duePriorities,
  type QueueMeasurement,
  QueueMeter,
  type Scale,
  scaleOf,
  type WaitingMails,
} from './monitoring/queue-measurement.ts';
export { addQueueMetrics } from './monitoring/queue-metrics.ts';
export { type LiveWorker, type ProviderStatus, QueueOverview } from './monitoring/queue-overview.ts';
export {
  type TemplateSetReport,
  TemplateSetReporter,
  TemplateSetReports,
  type TemplateSetState,
  templateSetState,
} from './monitoring/template-set-reports.ts';
export { type Traffic, TrafficHistory } from './monitoring/traffic.ts';
export type { BulkAction, BulkCause, BulkEstimate, BulkScope, NewBulkAction } from './operations/bulk-action.ts';
export { BulkActions, type BulkOutcome } from './operations/bulk-actions.ts';
export { BulkRunner } from './operations/bulk-runner.ts';
export { type NewPause, type Pause, PauseError, type PauseList, Pauses } from './operations/pauses.ts';
export { copyClaimant, likeRecipients, newCopy } from './record/mail-copy.ts';
export type { MailSummary } from './record/mail-summary.ts';
export { toIso, viewListed, viewMail } from './record/mail-view.ts';
export { copyAction, type NewMail, newMailId, newRecord } from './record/new-record.ts';
export { concerns, type PauseScope, pauseScopes } from './record/pause.ts';
export { KeyMissingError, RecordError } from './record/record-error.ts';
export { Sealer, type SealKeys, sealKeys } from './record/sealer.ts';
export type { RedisRisk, RedisWarning } from './redis/connection-log.ts';
export { QueueUnavailable } from './redis/queue-unavailable.ts';
export { redisFailures } from './redis/redis-failures.ts';
export { checkedCommands, leastRights } from './redis/rights-check.ts';
export {
  type FailureCause,
  type FailureGroup,
  FailureGroups,
  type FailureOrder,
  type FailureOverview,
  type ServerWords,
} from './search/failure-groups.ts';
export { type RebuildResult, rebuildIndexes } from './search/index-rebuild.ts';
export type { ListedContent, MailNames } from './search/mail-details.ts';
export { type MailCount, MailList, type MailPage } from './search/mail-list.ts';
export { forgetSealingKey, listSealingKeys, type SealingKey } from './search/sealing-keys.ts';
export { applicableStates, idempotentStates, type MailAction, mailActions, rescheduleAction } from './transitions/applicable-states.ts';
export { CursorError } from './transitions/index-walk.ts';
export type { ActionResult, Actor } from './transitions/mail-records.ts';
export { DomainCounters } from './worker/domain-counters.ts';
export { type AttemptResult, type BeginResult, LeasedMail, type TransitionResult } from './worker/leased-mail.ts';
export { MailConsumer, type MailHandler, type RunResult } from './worker/mail-consumer.ts';
export { PauseMonitor } from './worker/pause-monitor.ts';
export { ProviderCircuit } from './worker/provider-circuit.ts';
export { ProviderCounters } from './worker/provider-counters.ts';
export { ProviderRate } from './worker/provider-rate.ts';
export { SharedToken } from './worker/shared-token.ts';
export { Sweeper } from './worker/sweeper.ts';
export { WorkerHeartbeat, type WorkerInfo } from './worker/worker-heartbeat.ts';
