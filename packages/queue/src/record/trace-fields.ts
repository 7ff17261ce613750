/**
 * The caller's trace in a record: 25 bytes (trace, span, flags) and, where the caller sent it, `tracestate`. Both in clear, and absent
 * where the caller sent none: a mail that waits must not take memory for it.
 */
import type { TraceContext } from '@posthouse/contract';
import { fromParts } from './field-parts.ts';

const traceIdEnd = 16;
const spanIdEnd = 24;
const bytes = 25;

/** The fields of a trace. */
export function traceFields(trace: TraceContext | undefined): { trace?: Buffer; traceState?: Buffer } {
  if (trace === undefined) return {};
  const flags = trace.flags.toString(16).padStart(2, '0');
  return {
    trace: Buffer.from(`${trace.traceId}${trace.spanId}${flags}`, 'hex'),
    ...(trace.state !== undefined && { traceState: Buffer.from(trace.state) }),
  };
}

/** @returns undefined where there is none, and where it was edited: that is no reason not to send the mail */
export function traceFrom(fields: ReadonlyMap<string, Buffer>): TraceContext | undefined {
  const stored = fields.get('trace');
  if (stored?.length !== bytes) return undefined;
  const state = fromParts('traceState', fields)?.toString();
  return {
    traceId: stored.toString('hex', 0, traceIdEnd),
    spanId: stored.toString('hex', traceIdEnd, spanIdEnd),
    flags: stored.readUInt8(spanIdEnd),
    ...(state !== undefined && { state }),
  };
}
