/** The worker's HTTP port: `/metrics` for Prometheus, `/scale` for KEDA, `/livez` and `/readyz` for an orchestrator. It takes no orders. */
import { limits, type Service, type Timings } from '@posthouse/contract';
import {
  addQueueMetrics,
  describeRedisState,
  type MailConsumer,
  QueueMeter,
  QueueUnavailable,
  type RequestConnection,
  scaleOf,
} from '@posthouse/queue';
import { addMetricsRoutes, addRequestLimits, HttpService, httpServerOptions, type Logger } from '@posthouse/runtime';
import type { LiveTemplateSet } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import type { FastifyInstance } from 'fastify';
import type { Liveness } from './liveness.ts';
import type { WorkerMetrics } from './metrics.ts';

/** What the port shows. */
interface PortParts {
  connection: RequestConnection;
  metrics: WorkerMetrics;
  liveness: Liveness;
  consumer: MailConsumer;
  templates: LiveTemplateSet<Renderer>;
}

/** @param port 0 lets the system choose */
export function createWorkerPort(host: string, port: number, timings: Timings, parts: PortParts, log: Logger): Service {
  return new HttpService(() => buildPort(timings, parts), {
    name: 'worker port',
    host,
    port,
    portVariable: 'WORKER_PORT',
    log,
    readyFields: { templates: parts.templates.current.catalogue.templates.size },
  });
}

async function buildPort(timings: Timings, { connection, metrics, liveness, consumer, templates }: PortParts): Promise<FastifyInstance> {
  // Only a worker with a port loads it.
  const { fastify } = await import('fastify');
  const app = fastify({ ...httpServerOptions(timings.http), forceCloseConnections: 'idle' });
  addRequestLimits(app, timings.http);
  const meter = new QueueMeter(connection);
  const { all } = metrics;
  all.addProcessMetrics();
  addQueueMetrics(all, meter);
  const active = all.gauge('posthouse_worker_mails_in_progress', 'Mails that this worker has.');
  const concurrency = all.gauge('posthouse_worker_concurrency', 'Mails that it may have at a time.');
  all.beforeScrape(async () => {
    active.set(consumer.active);
    concurrency.set(consumer.concurrency);
  });
  app.setErrorHandler((error: Error, _request, reply) => {
    const isRedis = error instanceof QueueUnavailable;
    return reply.code(isRedis ? 503 : 500).send({ status: 'unavailable', detail: isRedis ? error.message : 'internal error' });
  });
  addMetricsRoutes(
    app,
    all,
    async () => scaleOf(await meter.measure(), limits.mailsPerConnection.min),
    () => ({}),
  );
  app.get('/livez', async (_request, reply) => {
    const stalled = await liveness.stalled(connection, consumer, meter);
    return stalled.length === 0 ? { status: 'ok' } : reply.code(503).send({ status: 'stalled', stalled });
  });
  app.get('/readyz', async (_request, reply) => {
    const state = describeRedisState(await connection.state());
    const isReady = state.redis === 'ok';
    const { size } = templates.current.catalogue.templates;
    const answer = { status: isReady ? 'ok' : 'unavailable', ...templates.health(), ...state, templates: size };
    return reply.code(isReady ? 200 : 503).send(answer);
  });
  return app;
}
