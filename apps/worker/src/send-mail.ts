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
    switch (begun.found) {
      case 'early':
        return { end: 'again', at: begun.at };
      case 'ended':
        return begun.state === 'failed' ? { end: 'failed', reason: 'ended' } : { end: 'done' };
      case 'sealed': {
        // Another worker may have been given the key; the mail waits for it, or for this one to be started anew.
        parts.log.error({ id: mail.id }, `a mail cannot be opened here: ${begun.reason}`);
        const at = Date.now();
        // What is not known of a message that went out must not be forgotten: it is left as it was found.
        if (begun.messageStarted) return { end: 'again', at: at + parts.timings.reply.rollout };
        const deferral = { at, durationMs: 0, reason: 'secret', detail: begun.reason, steps: [] };
        return endOf(await mail.recordDeferral(deferral, at + parts.timings.reply.rollout), 'secret');
      }
      case 'unreadable':
        parts.log.error({ id: mail.id, reason: begun.reason }, 'failed: the record cannot be read');
        return { end: 'failed', reason: 'record' };
      case 'unknown':
        return await persistOutcome(mail, begun.record, unanswered(begun.record), parts, true);
      case 'mail':
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
    const failure = error instanceof MailFailure ? error : internalFailure(error as Error, answered === 'open', parts.timings);
    if (failure !== error)
      parts.log.error({ id: mail.id, err: { message: failure.message, stack: (error as Error).stack } }, 'a fault of ours');
    const { verdict, reason, waitMs, message: detail } = failure;
    const outcomes = pending(record).map((address) => ({ address, verdict, reason, ...(waitMs !== undefined && { waitMs }) }));
    tried = { at, durationMs: Date.now() - at, steps: [], detail, outcomes };
  }
  // Another run has the mail, and what becomes of it is for that one to write down.
  const deniedForLease = answered !== undefined && answered !== 'open' && answered.denied === 'lease-lost';
  const isTaken = deniedForLease || (leaseLost.aborted && tried.outcomes.every(({ reason }) => reason === 'EGATEDENIED'));
  return isTaken ? { end: 'taken' } : await persistOutcome(mail, record, tried, parts, answered === 'open');
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
  log.info({ id: mail.id, state: next.state, as: decision.as, provider: tried.provider, reason, ms: tried.durationMs }, next.state);
  return endOf(next, reason);
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
  const outcomes = pending(record).map((address) => ({ address, verdict: 'UNKNOWN' as const, reason: 'no reply', waitMs: 0 }));
  return { at: record.messageStartedAt ?? Date.now(), durationMs: 0, steps: [], detail, outcomes };
}

function pending(record: MailRecord): string[] {
  return record.recipients.filter(({ state }) => state === 'pending').map(({ address }) => address);
}

function endOf({ state, at }: TransitionResult, reason: string): RunResult {
  if (state === 'taken') return { end: 'taken' };
  // Queued it is where the answer was lost, and somebody would not wait before it was asked for again.
  if (state === 'retrying' || state === 'queued') return { end: 'again', at };
  return state === 'failed' ? { end: 'failed', reason } : { end: 'done' };
}
