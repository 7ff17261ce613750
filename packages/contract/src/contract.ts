/**
 * The words of Posthouse. Every other room speaks them; this one imports no room and does no I/O.
 *
 * A caller hands in a `Mail`; it is stored as a `MailRecord`; each try at delivery becomes an
 * `Attempt` (or a `Deferral`) with a `Verdict` per recipient; an acceptance leaves a `Receipt`.
 */
export { type Address, addressDomain, type Mailbox, parseMailbox } from './address.ts';
export type { Attempt, Deferral, Receipt, Step } from './attempt.ts';
export type { Circuit, RateLimit } from './circuit.ts';
export { contentBytes } from './content-bytes.ts';
export type { Gate, GateResult } from './gate.ts';
export type { Issue } from './issue.ts';
export { limits } from './limits.ts';
export { MailFailure } from './mail-failure.ts';
export { type MailFilter, mailFilterNames, readMailFilter, writeMailFilter } from './mail-filter.ts';
export { type Priority, priorities, type UncertainPolicy, uncertainPolicies } from './mail-policy.ts';
export type { Envelope, MailContent, MailRecord, Recipient } from './mail-record.ts';
export type { Attachment, Mail } from './mail-schema.ts';
export {
  describeReason,
  type EnhancedCode,
  type ErrorCode,
  errorReason,
  type Reason,
  type ReasonCause,
  type ReasonCode,
  type ReasonDescription,
  type ReplyReason,
  reasons,
} from './reasons.ts';
export { type Durations, durations, type Retention, retention } from './retention.ts';
export { checker, issuesOf, type SchemaCheck, schemaValidator } from './schema-check.ts';
export type { OperatorError, Service } from './service.ts';
export { isFinal, type MailState, mailStates, type RecipientState } from './state.ts';
export { type FailureKind, type Timings, timings } from './timings.ts';
export type { RecipientOutcome, Verdict } from './verdict.ts';
