/**
 * The life of a mail in a worker. A job says only that a mail may be due; its record decides everything.
 *
 * 1. begin: take the mail and read its record. It may be not due, ended or unreadable, sealed with a key that this worker does not
 *    have, or left by a run that died.
 * 2. render: make the message from the record's template or content.
 * 3. deliver: send it to the pending recipients, through the first provider that can take it.
 * 4. decide: attempt or deferral, each recipient's new state, and when to try again.
 * 5. record: store the decision. What may have been sent is offered to Redis until it is stored.
 * 6. reschedule: the job ends, fails, or is delayed until the next attempt.
 */
import { setTimeout } from 'node:timers/promises';
import type { Span } from '@opentelemetry/api';
import type { DeliveryAttempt, Gate, MailRecord, Reason, Timings } from '@posthouse/contract';
import type { MailHistory, MessageDelivery, OutgoingMessage } from '@posthouse/delivery';
import {
  type LeasedMail,
  type MailHandler,
  type ProviderCounters,
  QueueUnavailable,
  type RunResult,
  type TransitionResult,
} from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import type { Alerts } from './alerts.ts';
import { addOutcome, startProcessing, tracedTransactions } from './mail-tracing.ts';
import type { MessageRenderer } from './message-renderer.ts';
import type { WorkerMetrics } from './metrics.ts';
import { type Decision, decide } from './retry-policy.ts';
import { internalFailure, outcomeUnknown, pending } from './unsent-attempts.ts';

/** What the runs of a worker work with. */
export interface WorkerParts {
  /** That of the template set in use. */
  renderers: { readonly current: MessageRenderer };
  delivery: MessageDelivery;
  timings: Timings;
  alerts: Alerts;
  /** Counts how long mails wait. */
  counters: Pick<ProviderCounters, 'waited'>;
  metrics: WorkerMetrics;
  log: Logger;
}

/** What one run works with: a run that has begun ends with the template set that it began with. */
interface SendMailParts extends Omit<WorkerParts, 'renderers'> {
  renderer: MessageRenderer;
}

/** The handler that the consumer calls with each due mail. */
export function sendMail({ renderers, ...shared }: WorkerParts): MailHandler {
  return async (mail, leaseLost) => {
    const parts: SendMailParts = { ...shared, renderer: renderers.current };
    const startedAt = Date.now();
    // A connection is opened while the record is read.
    const begun = await begin(mail, parts).finally(parts.delivery.expectMail());
    if (begun.kind === 'run-ended') return begun.result;
    const span = startProcessing(begun.record, startedAt);
    try {
      const rendered = render(mail, begun, parts);
      const attempt = await deliver(mail, rendered, leaseLost, span, parts);
      countWait(begun.record, attempt, parts);
      const decision = decide(begun.record, attempt, parts.timings, Date.now());
      const transition = await record(mail, withKeptContent(decision, begun.record, parts), attempt, parts);
      parts.metrics.decided(decision, attempt, begun.record.template, transition.kind === 'changed' ? transition.state : undefined);
      addOutcome(span, decision, transition);
      return reschedule(transition, decision.reason);
    } finally {
      span.end();
    }
  };
}

/** What is known after `begin`. */
type AfterBegin = RunEnded | Ready | Attempted;

/** What is known after `render`. */
type AfterRender = Rendered | Attempted;

/** A run that sends nothing. */
interface RunEnded {
  kind: 'run-ended';
  result: RunResult;
}

/** A mail that this run sends. */
interface Ready {
  kind: 'ready';
  record: MailRecord;
}

/** A mail that this run sends, with its message. */
interface Rendered {
  kind: 'rendered';
  record: MailRecord;
  message: OutgoingMessage;
}

/** A mail whose attempt has ended without a delivery by this run: an earlier run sent it, or rendering failed. */
interface Attempted {
  kind: 'attempted';
  record: MailRecord;
  attempt: DeliveryAttempt;
}

async function begin(mail: LeasedMail, parts: SendMailParts): Promise<AfterBegin> {
  const runEnded = (result: RunResult) => ({ kind: 'run-ended', result }) as const;
  const begun = await mail.begin();
  switch (begun.kind) {
    case 'ready':
      return begun;
    case 'not-due':
    case 'paused':
      return runEnded({ kind: 'reschedule', at: begun.at });
    case 'superseded':
      return runEnded(begun);
    case 'ended':
      if (begun.endedNow !== undefined && begun.state !== 'missing') parts.metrics.ended(begun.state, begun.endedNow.template);
      return runEnded(begun.state === 'failed' ? failed('already-ended') : { kind: 'ended' });
    case 'unreadable':
      parts.log.error({ id: mail.id, err: { message: begun.why } }, 'mail record unreadable');
      return runEnded(failed('record-unreadable'));
    case 'key-missing':
      return runEnded(await waitForKey(mail, begun, parts));
    case 'outcome-unknown':
      return { kind: 'attempted', record: begun.record, attempt: outcomeUnknown(begun.record) };
  }
}

/** Another worker may have the key, or this one after a restart with it: the mail is put back. */
async function waitForKey(
  mail: LeasedMail,
  { keyId, why, messageStarted }: { keyId: string; why: string; messageStarted: boolean },
  { alerts, timings }: SendMailParts,
): Promise<RunResult> {
  alerts.keyMissing(keyId, mail.id, why);
  // The mark that the message may have been sent must stay: the mail is left as it is.
  if (messageStarted) return { kind: 'reschedule', at: Date.now() + timings.reply.rollout };
  return reschedule(await mail.putBack(keyId, timings.reply.rollout), 'key-missing');
}

function render(mail: LeasedMail, begun: Ready | Attempted, parts: SendMailParts): AfterRender {
  if (begun.kind === 'attempted') return begun;
  const { record } = begun;
  const at = Date.now();
  try {
    return { kind: 'rendered', record, message: parts.renderer.render(record) };
  } catch (error) {
    return { kind: 'attempted', record, attempt: internalFailure(error as Error, { mail, record, at, gateOpened: false }, parts) };
  }
}

async function deliver(
  mail: LeasedMail,
  rendered: AfterRender,
  leaseLost: AbortSignal,
  span: Span,
  parts: SendMailParts,
): Promise<DeliveryAttempt> {
  if (rendered.kind === 'attempted') return rendered.attempt;
  const { record, message } = rendered;
  let gateOpened = false;
  const gate: Gate = async (replyWithinMs) => {
    const result = await mail.gate(replyWithinMs);
    gateOpened = result.kind === 'open';
    return result;
  };
  const at = Date.now();
  try {
    const onTransaction = tracedTransactions(span, mail.id);
    const attempt = await parts.delivery.deliver(message, pending(record), gate, leaseLost, historyOf(record), onTransaction);
    return { ...attempt, renderedHash: parts.renderer.hash, gateOpened };
  } catch (error) {
    return internalFailure(error as Error, { mail, record, at, gateOpened }, parts);
  }
}

/** One that a user has sent again waited for the user. */
function countWait(
  { dueAt, priority, scheduleFrom, template = '' }: MailRecord,
  { provider, receipt }: DeliveryAttempt,
  { counters, metrics }: SendMailParts,
): void {
  if (receipt === undefined || provider === undefined || scheduleFrom > 0) return;
  counters.waited(provider, template, receipt.at - dueAt);
  metrics.waited(provider, priority, receipt.at - dueAt);
}

/** What replaces the content is known before the decision is stored: it is stored with it. */
function withKeptContent(decision: Decision, record: MailRecord, { renderer }: SendMailParts): Decision {
  if (decision.kind !== 'attempt' || !decision.result.recipients.some(({ state }) => state === 'accepted')) return decision;
  const kept = renderer.keptContent(record);
  return kept === undefined ? decision : { ...decision, result: { ...decision.result, kept } };
}

async function record(
  mail: LeasedMail,
  decision: Decision,
  { provider, durationMs: ms, gateOpened = false }: DeliveryAttempt,
  parts: SendMailParts,
): Promise<TransitionResult> {
  const transition = await persist(mail, decision, gateOpened, parts);
  const result = { result: transition.kind, ...(transition.kind === 'changed' && { state: transition.state }) };
  parts.log.info({ id: mail.id, ...result, kind: decision.kind, provider, reason: decision.reason, ms }, 'delivery attempt finished');
  return transition;
}

/** Until it is stored, only this run knows what may have been sent: it stays in progress and retries, however long Redis refuses. */
async function persist(
  mail: LeasedMail,
  decision: Decision,
  gateOpened: boolean,
  { log, timings }: SendMailParts,
): Promise<TransitionResult> {
  for (;;) {
    try {
      return await store(mail, decision);
    } catch (error) {
      if (!gateOpened && !(error instanceof QueueUnavailable)) throw error;
      log.warn({ id: mail.id, err: { message: (error as Error).message } }, 'mail outcome not stored yet');
      await setTimeout(timings.queue.refused);
    }
  }
}

async function store(mail: LeasedMail, decision: Decision): Promise<TransitionResult> {
  switch (decision.kind) {
    case 'superseded':
      return { kind: 'superseded' };
    case 'deferral':
      return await mail.recordDeferral(decision.deferral, decision.waitMs);
    case 'attempt':
      return await mail.recordAttempt(decision.result);
  }
}

function reschedule(transition: TransitionResult, reason: Reason): RunResult {
  if (transition.kind === 'superseded') return transition;
  if (transition.kind === 'missing') return { kind: 'ended' };
  switch (transition.state) {
    case 'retrying':
    // Redis stored the decision but its reply was lost, and a user chose "send now" before `persist` repeated the request.
    case 'queued':
      return { kind: 'reschedule', at: transition.at };
    case 'failed':
      return failed(reason);
    default:
      return { kind: 'ended' };
  }
}

function failed(reason: Reason): RunResult {
  return { kind: 'failed', reason };
}

function historyOf({ id, template, content, deferralCount, lastDeferral, recipients }: MailRecord): MailHistory {
  const tries = recipients.flatMap(({ at }) => (at === undefined ? [] : [at]));
  if (lastDeferral !== undefined) tries.push(lastDeferral.at + lastDeferral.durationMs);
  return {
    mail: { id, group: template ?? content?.literal?.subject ?? content?.raw?.subject ?? '' },
    deferralCount,
    ...(tries.length > 0 && { lastTriedAt: Math.max(...tries) }),
    ...(lastDeferral !== undefined && { deferred: { reason: lastDeferral.reason, at: lastDeferral.at } }),
  };
}
