/** The HTTP port: `/metrics` for Prometheus, `/livez` and `/readyz` for an orchestrator. */
import type { Service, Timings } from '@posthouse/contract';
import { describeRedisState, type RequestConnection } from '@posthouse/queue';
import { addHealthRoutes, addRequestLimits, HttpService, httpServerOptions, type Logger } from '@posthouse/runtime';
import type { FastifyInstance } from 'fastify';
import type { CertificateFiles } from './certificate-files.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import type { MessageIntake } from './message-intake.ts';
import type { SubmissionMetrics } from './metrics.ts';

/** What the port shows. */
interface PortParts {
  connection: RequestConnection;
  metrics: SubmissionMetrics;
  certificate: CertificateFiles;
  limits: ConnectionLimits;
  intake: MessageIntake;
}

/** @param port 0 lets the system choose */
export function createHttpPort(host: string, port: number, timings: Timings, parts: PortParts, log: Logger): Service {
  return new HttpService(() => buildPort(timings, parts), {
    name: 'HTTP port of submission',
    host,
    port,
    portVariable: 'SUBMISSION_HTTP_PORT',
    log,
    readyFields: { security: 'none' },
  });
}

async function buildPort(timings: Timings, { connection, metrics, certificate, limits, intake }: PortParts): Promise<FastifyInstance> {
  // Only a process with a port loads it.
  const { fastify } = await import('fastify');
  const app = fastify({ ...httpServerOptions(timings.http), forceCloseConnections: 'idle' });
  addRequestLimits(app, timings.http);
  const { all } = metrics;
  all.addProcessMetrics();
  const connections = all.gauge('posthouse_submission_connections', 'Connections that are open.');
  const bytes = all.gauge('posthouse_submission_message_bytes', 'Bytes of messages in memory.');
  const expiry = all.gauge('posthouse_submission_certificate_expiry_timestamp_seconds', 'When the certificate expires.');
  all.beforeScrape(async () => {
    connections.set(limits.open);
    bytes.set(intake.bytes);
    expiry.set(certificate.expiresAt / 1000);
  });
  app.get('/metrics', async (_request, reply) => reply.header('content-type', all.contentType).send(await all.text()));
  addHealthRoutes(
    app,
    async () => describeRedisState(await connection.state()),
    () => ({}),
  );
  return app;
}
