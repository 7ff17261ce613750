/**
 * The trace of a caller, as the headers `traceparent` and `tracestate` name it (W3C Trace Context, https://www.w3.org/TR/trace-context/).
 * It is read whether or not this process records traces: the worker that sends the mail may.
 */
import { limits } from './limits.ts';

/** Where in which trace something was requested. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  /** 1 where the caller records the trace. */
  flags: number;
  /** What the tools of the caller pass on to each other. */
  state?: string;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** @returns undefined without a valid `traceparent`: then the trace begins here */
export function parseTraceContext(traceparent: unknown, tracestate?: unknown): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = typeof traceparent === 'string' ? (form.exec(traceparent) ?? []) : [];
  // A later version may have more fields at the end; this one has not.
  const isKnown = version !== undefined && version !== 'ff' && (version !== '00' || more === undefined);
  if (!isKnown || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const hasState = typeof tracestate === 'string' && new RegExp(`^[\\x20-\\x7e]{1,${limits.traceStateLength}}$`).test(tracestate);
  // Only the flag `sampled` is known to all versions.
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & 1, ...(hasState && { state: tracestate }) };
}
