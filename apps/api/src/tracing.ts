/**
 * Traces by OpenTelemetry's API: HTTP request → accept. Nothing is recorded unless the operator loads an SDK into the process
 * (docs/operations.md). Names and attributes are those of the semantic conventions for HTTP and for messaging. No URL and no content is
 * recorded, because both can contain addresses.
 *
 * The trace of a caller is stored with the mail, also by a process that records nothing, so that the worker's part belongs to it.
 */
import { type Context, context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { parseTraceContext, type TraceContext } from '@posthouse/contract';
import { messagingAttributes, spanContextOf, traceContextOf } from '@posthouse/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** The trace of one request. */
interface RequestTrace {
  /** Whether the caller sent one. */
  isCallers: boolean;
  /** Whether the caller sent one, or this process records one. */
  isTraced: boolean;
  /** What the next span is a child of. */
  context: Context;
  /** Absent where nothing is recorded, or where an instrumentation of the operator records the request. */
  span?: Span;
  /** What is stored with the mails of the request. */
  stored?: TraceContext;
}

declare module 'fastify' {
  interface FastifyRequest {
    trace: RequestTrace;
  }
}

const tracer = trace.getTracer('posthouse');

/** Adds a span to each request, and gives each its trace. */
export function addTracing(app: FastifyInstance): void {
  app.decorateRequest('trace');
  app.addHook('onRequest', (request, _reply, done) => {
    const { traceparent, tracestate } = request.headers;
    const caller = parseTraceContext(traceparent, tracestate);
    const isCallers = caller !== undefined;
    if (trace.getActiveSpan() !== undefined) request.trace = { isCallers, isTraced: true, context: context.active() };
    else {
      const parent = caller === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(caller));
      const { method, routeOptions } = request;
      const attributes = { 'http.request.method': method, 'http.route': routeOptions.url ?? '' };
      const span = tracer.startSpan(`${method} ${routeOptions.url ?? ''}`.trim(), { kind: SpanKind.SERVER, attributes }, parent);
      request.trace = span.isRecording()
        ? { isCallers, isTraced: true, span, context: trace.setSpan(parent, span) }
        : { isCallers, isTraced: isCallers, context: parent };
    }
    done();
  });
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const span = request.trace?.span;
    span?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', String(statusCode));
    span?.end();
    done();
  });
}

/**
 * Accepts mails in a span of its own, which is stored with them as `request.trace.stored` where the caller sent a trace.
 * @param mails how many
 */
export async function acceptTraced<T>(request: FastifyRequest, mails: number, accept: () => Promise<T>): Promise<T> {
  if (!request.trace.isTraced) return await accept();
  const span = tracer.startSpan('accept mail', { kind: SpanKind.PRODUCER }, request.trace.context);
  if (span.isRecording()) {
    span.setAttributes({
      ...messagingAttributes('accept', 'send'),
      ...(mails > 1 && { 'messaging.batch.message_count': mails }),
      'posthouse.request.id': request.id,
    });
  }
  if (request.trace.isCallers) request.trace.stored = traceContextOf(span.spanContext());
  try {
    const accepted = await accept();
    if (span.isRecording() && typeof accepted === 'object' && accepted !== null && 'id' in accepted)
      span.setAttribute('messaging.message.id', String(accepted.id));
    return accepted;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', error instanceof Problem ? error.code : 'internal');
    throw error;
  } finally {
    span.end();
  }
}
