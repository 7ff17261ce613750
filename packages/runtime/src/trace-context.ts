import { type Attributes, createTraceState, type SpanContext } from '@opentelemetry/api';
import type { TraceContext } from '@posthouse/contract';

/** A stored trace as the parent, or the link, of a span. */
export function spanContextOf({ traceId, spanId, flags, state }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: flags, isRemote: true, ...(state !== undefined && { traceState: createTraceState(state) }) };
}

/** What of a span is stored with a mail, so that spans of other processes belong to its trace. */
export function traceContextOf({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const state = traceState?.serialize();
  return { traceId, spanId, flags: traceFlags, ...(state && { state }) };
}

/**
 * What every span of a mail says by OpenTelemetry's semantic conventions for messaging.
 * @param name the operation's name
 * @param type the operation's type of the conventions
 */
export function messagingAttributes(name: 'accept' | 'process', type: 'send' | 'process'): Attributes {
  return {
    'messaging.system': 'posthouse',
    'messaging.operation.name': name,
    'messaging.operation.type': type,
    'messaging.destination.name': 'mail',
  };
}
