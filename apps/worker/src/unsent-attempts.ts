/** Delivery attempts whose outcome no reply decided: an earlier run sent the message, or this process failed. */
import { type DeliveryAttempt, MailFailure, type MailRecord, type ReasonCode, type Timings } from '@posthouse/contract';
import type { LeasedMail } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';

/** An earlier run sent the message and stored no outcome: its worker died, or lost Redis, before the reply came. */
export function outcomeUnknown(record: MailRecord): DeliveryAttempt {
  const reason: ReasonCode = 'no-reply';
  return {
    kind: 'outcome-unknown',
    at: record.messageStartedAt ?? Date.now(),
    durationMs: 0,
    steps: [],
    detail: 'The worker that sent the message died before the reply came.',
    outcomes: pending(record).map((address) => ({ address, verdict: 'UNKNOWN', reason, waitMs: 0 })),
    gateOpened: true,
  };
}

/** A failure on our side is an outcome as well. After the gate has opened, a bug leaves it unknown whether the message was sent. */
export function internalFailure(
  error: Error,
  { mail, record, at, gateOpened }: { mail: LeasedMail; record: MailRecord; at: number; gateOpened: boolean },
  { log, timings }: { log: Logger; timings: Timings },
): DeliveryAttempt {
  const isBug = !(error instanceof MailFailure);
  if (isBug) log.error({ id: mail.id, err: { message: error.message, stack: error.stack } }, 'delivery attempt threw');
  const bug = gateOpened
    ? ({ verdict: 'UNKNOWN', reason: 'internal', waitMs: timings.reply.unknown } as const)
    : ({ verdict: 'RETRY', reason: 'internal', waitMs: undefined } as const);
  const { verdict, reason, waitMs } = isBug ? bug : error;
  return {
    kind: 'internal-failure',
    at,
    durationMs: Date.now() - at,
    steps: [],
    detail: isBug ? `A bug in Posthouse: ${error.message}` : error.message,
    outcomes: pending(record).map((address) => ({ address, verdict, reason, ...(waitMs !== undefined && { waitMs }) })),
    gateOpened,
  };
}

/** The addresses that are still to be sent to. */
export function pending(record: MailRecord): string[] {
  return record.recipients.filter(({ state }) => state === 'pending').map(({ address }) => address);
}
