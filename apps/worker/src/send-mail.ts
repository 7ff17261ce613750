/**
 * The life of a mail in a worker, top to bottom: its job came due; the record is read; the message is rendered and
 * delivered; what came of it is written down by recipient; the job goes, fails, or comes back later.
 *
 * Everything is decided by the record. A job says only that it may be time to look.
 */
import { type Gate, MailFailure, type MailRecord, type Timings } from '@posthouse/contract';
import type { MessageDelivery } from '@posthouse/delivery';
import { type LeasedMail, type MailHandler, QueueUnavailable, type RunResult, type TransitionResult } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import type { MessageRenderer } from './message-renderer.ts';
import { decide, type Try } from './retry-policy.ts';

/** What a run works with. */
export interface SendMailParts {
  messageRenderer: MessageRenderer;
  delivery: MessageDelivery;
  timings: Timings;
  log: Logger;
}

/** The run that a consumer hands each due mail to. */
export function sendMail(parts: SendMailParts): MailHandler {
  return async (mail, leaseLost) => {
    const begun = await mail.begin();
    switch (begun.kind) {
      case 'not-due':
        return { kind: 'reschedule', at: begun.at };
      case 'ended':
        return begun.state === 'failed' ? { kind: 'failed', reason: 'already-ended' } : { kind: 'done' };
      case 'key-missing': {
        // Another worker may have been given the key; the mail waits for it, or for this one to be started anew.
        parts.log.error({ id: mail.id }, `a mail cannot be opened here: ${begun.reason}`);
        const at = Date.now();
        // What is not known of a message that went out must not be forgotten: it is left as it was found.
        if (begun.messageStarted) return { kind: 'reschedule', at: at + parts.timings.reply.rollout };
        const deferral = { at, durationMs: 0, reason: 'key-missing', detail: begun.reason, steps: [] };
        return toRunResult(await mail.recordDeferral(deferral, at + parts.timings.reply.rollout), 'key-missing');
      }
      case 'unreadable':
        parts.log.error({ id: mail.id, reason: begun.reason }, 'failed: the record cannot be read');
        return { kind: 'failed', reason: 'record-unreadable' };
      case 'outcome-unknown':
        return await persistOutcome(mail, begun.record, unanswered(begun.record), parts, true);
      case 'ready':
        return await send(mail, begun.record, leaseLost, parts);
    }
  };
}

/** Renders and delivers to the recipients that are still pending. A failure on our side is an outcome as well. */
async function send(mail: LeasedMail, record: MailRecord, leaseLost: AbortSignal, parts: SendMailParts): Promise<RunResult> {
  let answered: Awaited<ReturnType<Gate>> | undefined;
  const gate: Gate = async () => {
    answered = await mail.gate();
    return answered;
  };
  const at = Date.now();
  let tried: Try;
  try {
    const message = parts.messageRenderer.render(record);
    tried = { ...(await parts.delivery.deliver(message, pending(record), gate, leaseLost)), renderedHash: parts.messageRenderer.hash };
  } catch (error) {
    const failure = error instanceof MailFailure ? error : internalFailure(error as Error, answered?.kind === 'open', parts.timings);
    if (failure !== error)
      parts.log.error({ id: mail.id, err: { message: failure.message, stack: (error as Error).stack } }, 'a fault of ours');
    const { verdict, reason, waitMs, message: detail } = failure;
    const outcomes = pending(record).map((address) => ({ address, verdict, reason, ...(waitMs !== undefined && { waitMs }) }));
    tried = { at, durationMs: Date.now() - at, steps: [], detail, outcomes };
  }
  // Another run has the mail, and what becomes of it is for that one to write down.
  const deniedForLease = answered?.kind === 'lease-lost';
  const isTaken = deniedForLease || (leaseLost.aborted && tried.outcomes.every(({ reason }) => reason === 'EGATEDENIED'));
  return isTaken ? { kind: 'superseded' } : await persistOutcome(mail, record, tried, parts, answered?.kind === 'open');
}

/** @param messageStarted the message may have gone out: what came of it is offered until it is written down, whatever happens */
async function persistOutcome(
  mail: LeasedMail,
  record: MailRecord,
  tried: Try,
  { timings, log }: SendMailParts,
  messageStarted: boolean,
): Promise<RunResult> {
  const decision = decide(record, tried, timings, Date.now());
  const write = () =>
    decision.as === 'attempt' ? mail.recordAttempt(decision.attemptResult) : mail.recordDeferral(decision.deferral, decision.nextAttemptAt);
  const next = await retryUntilStored(write, messageStarted, timings.queue.refused, (why) =>
    log.warn({ id: mail.id }, `not written down yet: ${why}`),
  );
  const reason = decision.as === 'attempt' ? decision.attemptResult.attempt.reason : decision.deferral.reason;
  const state = next.kind === 'changed' ? next.state : next.kind;
  log.info({ id: mail.id, state, as: decision.as, provider: tried.provider, reason, ms: tried.durationMs }, state);
  return toRunResult(next, reason);
}

/** What was sent is known here alone until it is written down: however long Redis refuses it, the run keeps its place. */
async function retryUntilStored(
  write: () => Promise<TransitionResult>,
  messageStarted: boolean,
  everyMs: number,
  onRefusal: (why: string) => void,
): Promise<TransitionResult> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!messageStarted && !(error instanceof QueueUnavailable)) throw error;
      onRefusal((error as Error).message);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}

/** Behind the gate a fault of ours means that nobody knows whether the message arrived. */
function internalFailure(error: Error, messageStarted: boolean, { reply }: Timings): MailFailure {
  const story = `a fault of ours: ${error.message}`;
  return messageStarted
    ? new MailFailure('UNKNOWN', 'internal', story, { waitMs: reply.unknown })
    : new MailFailure('RETRY', 'internal', story);
}

/** A run before this one let the message out and died. */
function unanswered(record: MailRecord): Try {
  const detail = 'The worker that sent the message ended before the reply came.';
  const outcomes = pending(record).map((address) => ({ address, verdict: 'UNKNOWN' as const, reason: 'no-reply', waitMs: 0 }));
  return { at: record.messageStartedAt ?? Date.now(), durationMs: 0, steps: [], detail, outcomes };
}

function pending(record: MailRecord): string[] {
  return record.recipients.filter(({ state }) => state === 'pending').map(({ address }) => address);
}

function toRunResult(next: TransitionResult, reason: string): RunResult {
  if (next.kind === 'superseded') return next;
  if (next.kind === 'missing') return { kind: 'done' };
  // Queued: the reply to the first request was lost, and somebody pressed "send now" before it was repeated.
  if (next.state === 'retrying' || next.state === 'queued') return { kind: 'reschedule', at: next.at };
  return next.state === 'failed' ? { kind: 'failed', reason } : { kind: 'done' };
}
