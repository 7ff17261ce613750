/** Takes the place of the exporter in the example of docs/operations.md: keeps the spans in memory, and writes them to SPANS_FILE at the end. */
import { writeFileSync } from 'node:fs';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';

export class OTLPTraceExporter extends InMemorySpanExporter {
  constructor() {
    super();
    process.on('exit', () => writeFileSync(process.env['SPANS_FILE'] ?? '', JSON.stringify(this.#spans())));
  }

  #spans() {
    return this.getFinishedSpans().map((span) => {
      const { name, kind, attributes, status, links, events, parentSpanContext } = span;
      const { traceId, spanId, traceState } = span.spanContext();
      return {
        ...{ name, kind, attributes, status, traceId, spanId },
        traceState: traceState?.serialize(),
        parent: parentSpanContext?.spanId,
        links: links.map(({ context }) => context.traceId),
        events: events.map((event) => ({ name: event.name, attributes: event.attributes })),
      };
    });
  }
}
