/**
 * Metrics of a process in the text format of Prometheus. Each process counts what it does itself; what is true of the queue as a whole is read
 * when it is scraped. Names follow https://prometheus.io/docs/practices/naming/: base units (seconds, bytes), `_total` for counters.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** What a histogram of durations distinguishes, in seconds. */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

/** The part of a Fastify instance that `addMetricsRoutes` needs. */
interface RoutableApp<RouteOptions> {
  get(path: string, options: RouteOptions, handler: (request: unknown, reply: MetricsReply) => Promise<unknown>): unknown;
}

interface MetricsReply {
  header(name: string, value: string): { send(body: string): unknown };
}

/**
 * Adds `/metrics` for Prometheus, and `/scale` for KEDA's trigger `metrics-api`.
 * @param scale returns the JSON of the latter
 * @param optionsOf route options of each, such as the right that it needs
 */
export function addMetricsRoutes<RouteOptions>(
  app: RoutableApp<NoInfer<RouteOptions>>,
  metrics: Metrics,
  scale: () => Promise<object>,
  optionsOf: (route: 'metrics' | 'scale') => RouteOptions,
): void {
  app.get('/metrics', optionsOf('metrics'), async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.text()),
  );
  app.get('/scale', optionsOf('scale'), async () => await scale());
}

/** The metrics of one process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #beforeScrape: (() => Promise<void>)[] = [];

  /** @param version of the app, for `posthouse_build_info` */
  constructor(app: string, version: string) {
    const build = this.gauge('posthouse_build_info', 'Always 1; the labels say what runs.', ['app', 'version', 'node']);
    build.set({ app, version, node: process.version }, 1);
  }

  /** Adds CPU, memory, garbage collection and event-loop lag of the process. For an app that runs alone in its process, once. */
  addProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  gauge<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Gauge<Label> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  /** A histogram of durations, in seconds. */
  durations<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Histogram<Label> {
    return new Histogram({ name, help, labelNames: [...labelNames], buckets: secondsBuckets, registers: [this.#registry] });
  }

  /** @param collect called before each scrape; it must end soon, and not throw */
  beforeScrape(collect: () => Promise<void>): void {
    this.#beforeScrape.push(collect);
  }

  /** All metrics as text. */
  async text(): Promise<string> {
    await Promise.all(this.#beforeScrape.map((collect) => collect()));
    return await this.#registry.metrics();
  }

  /** The media type of that text. */
  get contentType(): string {
    return this.#registry.contentType;
  }
}
