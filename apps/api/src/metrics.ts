/** What the API counts of its requests, and `/metrics` and `/scale`, which need a key with the right `metrics`. */
import { limits } from '@posthouse/contract';
import { addQueueMetrics, type QueueMeter, scaleOf } from '@posthouse/queue';
import { addMetricsRoutes, type Counter, type Histogram, Metrics } from '@posthouse/runtime';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { problemResponses } from './problem.ts';

const Scale = Type.Object(
  {
    mails: Type.Integer({ description: 'The number to scale workers by: 0 while everything is paused.' }),
    due: Type.Integer({ description: 'Mails that could be sent now and that no worker has.' }),
    inProgress: Type.Integer({ description: 'Mails that workers have.' }),
    workers: Type.Integer({ description: 'Workers with a current heartbeat.' }),
    paused: Type.Boolean({ description: 'Whether everything is paused.' }),
  },
  { title: 'Scale', description: 'How many mails workers are needed for.' },
);

const MetricsText = Type.String({ title: 'Metrics', description: 'Text format of Prometheus, version 0.0.4.' });

const common = { tags: ['metrics'] };

/** By route. */
const schemas = {
  metrics: {
    ...common,
    operationId: 'getMetrics',
    summary: 'Get metrics for Prometheus',
    response: {
      200: { description: 'The metrics of this process and of the queue.', content: { 'text/plain': { schema: MetricsText } } },
      ...problemResponses(401, 403),
    },
  },
  scale: {
    ...common,
    operationId: 'getScale',
    summary: 'Get the number of mails to scale workers by',
    response: { 200: Scale, ...problemResponses(401, 403) },
  },
} as const;

/** The metrics of one API process. */
export class ApiMetrics {
  readonly all: Metrics;
  readonly #isTemplate: (name: string) => boolean;
  readonly #accepted: Counter<'template'>;
  readonly #actions: Counter<'action'>;
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #durations: Histogram<'route'>;

  /** @param isTemplate whether the set in use has it; mails of others, which have been replaced since, are counted as `other` */
  constructor(version: string, isTemplate: (name: string) => boolean) {
    this.all = new Metrics('api', version);
    this.#isTemplate = isTemplate;
    this.#accepted = this.all.counter('posthouse_mails_accepted_total', 'Mails that were stored.', ['template']);
    this.#actions = this.all.counter('posthouse_mail_actions_total', 'Actions of API keys that changed a mail.', ['action']);
    this.#requests = this.all.counter('posthouse_http_requests_total', 'Requests that were answered.', ['method', 'route', 'status']);
    this.#durations = this.all.durations('posthouse_http_request_duration_seconds', 'From a request to the end of its answer.', ['route']);
  }

  /** Mails were stored, by a request that was not a repetition. @param template undefined for one without */
  accepted(template: string | undefined): void {
    this.#accepted.inc({ template: template === undefined ? 'literal' : this.#isTemplate(template) ? template : 'other' });
  }

  /** An action changed a mail. */
  acted(action: string): void {
    this.#actions.inc({ action });
  }

  /** @param route as it is registered; undefined where there is none @param ms from the request to the end of its answer */
  answered(method: string, route: string | undefined, status: number, ms: number): void {
    const known = route ?? 'unknown';
    this.#requests.inc({ method, route: known, status });
    this.#durations.observe({ route: known }, ms / 1000);
  }
}

/** Adds both routes to an app that authenticates each request. */
export function metricsRoutes(app: FastifyInstance, { all }: ApiMetrics, meter: QueueMeter): void {
  addQueueMetrics(all, meter);
  addMetricsRoutes(
    app,
    all,
    async () => scaleOf(await meter.measure(), limits.mailsPerConnection.min),
    (route) => ({ config: { right: 'metrics' as const }, schema: schemas[route] }),
  );
}
