/**
 * The vocabulary that all packages share: types, schemas, limits, timings, reason codes and ports. It imports no other package and
 * does no I/O.
 *
 * A caller sends a `Mail`; it is stored as a `MailRecord`; each `DeliveryAttempt` has a `Verdict` for every recipient and is recorded
 * as an `Attempt` or a `Deferral`; an acceptance leaves a `Receipt`.
 */

export { type Address, addressDomain, type Mailbox, parseMailbox } from './address.ts';
export type { Backoff } from './backoff.ts';
export { canonicalJson } from './canonical-json.ts';
export type { DashboardTimings } from './dashboard-timings.ts';
export { defaultPorts } from './default-ports.ts';
export {
  type Attempt,
  type Deferral,
  type DeliveryAttempt,
  type DeliveryKind,
  type DeliveryStep,
  mayConcernAccount,
  type Receipt,
  type RecipientOutcome,
  type RecordedOutcome,
  type Step,
  type Verdict,
} from './delivery-attempt.ts';
export { day, durationMs, durationPattern, durationText, hour, minute } from './duration.ts';
export type { HttpTimings } from './http-timings.ts';
export { type Incident, type IncidentKind, type IncidentMessage, incidentKinds } from './incident.ts';
export { type Issue, type IssueCode, IssueList, issueCodes, pointerTo, pointerTokens } from './issue-list.ts';
export { addJsonIssues } from './json-values.ts';
export { limits } from './limits.ts';
export { MailFailure } from './mail-failure.ts';
export { type MailFilter, mailFilterNames, readMailFilter, writeMailFilter } from './mail-filter.ts';
export { headerValueIssue } from './mail-headers.ts';
export { idempotencyKeyRule, isIdempotencyKey, type MailTimes, readTimes, scheduleIssues } from './mail-options.ts';
export { type Priority, priorities, type UncertainPolicy, uncertainPolicies } from './mail-policy.ts';
export {
  type ContentState,
  contentStates,
  type Envelope,
  type KeptContent,
  type KeptTemplate,
  type MailContent,
  type MailRecord,
  type Recipient,
  type RecordedAction,
} from './mail-record.ts';
export type { Attachment, Mail } from './mail-schema.ts';
export { isFinal, type MailState, mailStates, type RecipientState } from './mail-state.ts';
export { calendarMethod, calendarMethods, type MediaType, parseMediaType } from './media-type.ts';
export type {
  AccessTokens,
  AccountRefusalKind,
  Circuit,
  FailureDetails,
  Gate,
  GateResult,
  OperatorError,
  RateLimit,
  Service,
} from './ports.ts';
export {
  describeReason,
  type EnhancedCode,
  type ErrorCode,
  errorReason,
  isReason,
  type Reason,
  type ReasonCause,
  type ReasonCode,
  type ReasonDescription,
  type ReplyReason,
  reasons,
} from './reasons.ts';
export { type HostPort, parseRedisUrl, type RedisAccess, type RedisUrl } from './redis-url.ts';
export { meaningOfCircuit, meaningOfReason, replyMeanings } from './reply-meanings.ts';
export { deferralWords, replyPattern, wordsOf } from './reply-pattern.ts';
export { type Durations, durations, type Retention, retention, retentionBounds } from './retention.ts';
export { checker, issuesOf, replaceableChecker, type SchemaCheck, schemaValidator } from './schema-check.ts';
export { isText } from './schema-formats.ts';
export { UnsupportedPattern } from './schema-pattern.ts';
export { similarName } from './similar-name.ts';
export type { SmtpPhase } from './smtp-timings.ts';
export type { SubmissionTimings } from './submission-timings.ts';
export { type FailureKind, type Timings, timings } from './timings.ts';
export { parseTraceContext, type TraceContext } from './trace-context.ts';
