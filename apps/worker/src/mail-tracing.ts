/**
 * Traces by OpenTelemetry's API: process → one span for each SMTP transaction, with its steps as events. Nothing is recorded unless the
 * operator loads an SDK into the process (docs/operations.md). Names and attributes are those of the semantic conventions for messaging; of
 * an SMTP command and its reply only the verb and the codes are recorded, because both can contain addresses.
 */
import { type Attributes, type Link, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { DeliveryAttempt, MailRecord, Step } from '@posthouse/contract';
import type { OnTransaction } from '@posthouse/delivery';
import type { TransitionResult } from '@posthouse/queue';
import { messagingAttributes, spanContextOf } from '@posthouse/runtime';
import type { Decision } from './retry-policy.ts';

const tracer = trace.getTracer('posthouse');

/**
 * A run's span. The first run of a mail that is due at once belongs to the trace of the request. A later one, and that of a scheduled mail,
 * begins a trace of its own with a link to it: a trace does not last for hours.
 * @param startedAt ms since the epoch
 */
export function startProcessing(record: MailRecord, startedAt: number): Span {
  const caller = record.trace && spanContextOf(record.trace);
  const isFirst = record.attemptCount === 0 && record.deferralCount === 0 && record.dueAt === record.createdAt;
  const parent = caller !== undefined && isFirst ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT;
  const links: Link[] = caller === undefined || isFirst ? [] : [{ context: caller }];
  const span = tracer.startSpan('process mail', { kind: SpanKind.CONSUMER, startTime: startedAt, links }, parent);
  if (span.isRecording()) {
    span.setAttributes({
      ...messagingAttributes('process', 'process'),
      'messaging.message.id': record.id,
      'posthouse.attempt': record.attemptCount + 1,
      ...(record.template !== undefined && { 'posthouse.template': record.template }),
    });
  }
  return span;
}

/** Adds what the run came to. */
export function addOutcome(span: Span, { kind, reason }: Decision, transition: TransitionResult): void {
  if (!span.isRecording()) return;
  const state = transition.kind === 'changed' ? transition.state : transition.kind;
  span.setAttributes({ 'posthouse.decision': kind, 'posthouse.reason': reason, 'posthouse.state': state });
  if (state === 'failed' || state === 'uncertain') setError(span, reason);
}

/** @returns what adds a span below the run's for each SMTP transaction, and for each connection that could not be opened */
export function tracedTransactions(parent: Span, id: string): OnTransaction | undefined {
  if (!parent.isRecording()) return undefined;
  const context = trace.setSpan(ROOT_CONTEXT, parent);
  return (attempt, { name, host, port }) => {
    if (attempt.transactionAt === undefined && attempt.kind !== 'connection-failed') return;
    const startTime = attempt.transactionAt ?? attempt.at;
    const attributes: Attributes = {
      'messaging.system': 'smtp',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': name,
      'messaging.message.id': id,
      'network.protocol.name': 'smtp',
      'server.address': host,
      'server.port': port,
      'posthouse.recipients': attempt.outcomes.length,
      'posthouse.recipients.accepted': attempt.outcomes.filter(({ verdict }) => verdict === 'ACCEPT').length,
    };
    const span = tracer.startSpan(`send ${name}`, { kind: SpanKind.CLIENT, startTime, attributes }, context);
    for (const { atMs, command, reply } of attempt.steps) span.addEvent(verbOf(command), codesOf(reply), startTime + atMs);
    const refused = refusalOf(attempt);
    if (refused !== undefined) setError(span, refused);
    span.end(attempt.at + attempt.durationMs);
  };
}

function refusalOf({ outcomes }: DeliveryAttempt): string | undefined {
  return outcomes.find(({ verdict }) => verdict !== 'ACCEPT')?.reason;
}

function setError(span: Span, reason: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: reason }).setAttribute('error.type', reason);
}

/** `RCPT TO:<b@y>` → `RCPT`. */
function verbOf(command: Step['command']): string {
  return command.split(' ', 1)[0] ?? command;
}

/** Reply code and enhanced status code. */
function codesOf(reply: Step['reply']): Attributes {
  const [, code, enhanced] = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3})(?= |$))?/.exec(reply) ?? [];
  return {
    ...(code !== undefined && { 'smtp.reply_code': Number(code) }),
    ...(enhanced !== undefined && { 'smtp.enhanced_status_code': enhanced }),
  };
}
