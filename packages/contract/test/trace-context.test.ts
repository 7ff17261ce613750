import { expect, it } from 'vitest';
import { limits } from '../src/limits.ts';
import { parseTraceContext } from '../src/trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

it.each([
  [`00-${traceId}-${spanId}-01`, undefined, { traceId, spanId, flags: 1 }],
  [`00-${traceId}-${spanId}-03`, 'a=b', { traceId, spanId, flags: 1, state: 'a=b' }],
  [`00-${traceId}-${spanId}-00`, '', { traceId, spanId, flags: 0 }],
  // A later version.
  [`01-${traceId}-${spanId}-01-more`, undefined, { traceId, spanId, flags: 1 }],
  [`00-${traceId}-${spanId}-01`, 'x'.repeat(limits.traceStateLength + 1), { traceId, spanId, flags: 1 }],
  [`00-${traceId}-${spanId}-01`, 'a=ü', { traceId, spanId, flags: 1 }],
])('%s with the state %j is a trace', (traceparent, tracestate, expected) => {
  expect(parseTraceContext(traceparent, tracestate)).toEqual(expected);
});

it.each([
  undefined,
  '',
  `00-${traceId}-${spanId}-01-more`,
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}`,
  [`00-${traceId}-${spanId}-01`],
])('%j is none', (traceparent) => {
  expect(parseTraceContext(traceparent)).toBeUndefined();
});
