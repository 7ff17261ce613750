/** Builds SMTP submission: messages in, records and jobs out. It loads no template, no MJML and nothing that sends. */
import type { Durations, Service } from '@posthouse/contract';
import { ApiKeyRegistry, MailQueue, RequestConnection, Sealer } from '@posthouse/queue';
import { type Logger, packageVersion, ServiceGroup } from '@posthouse/runtime';
import { CertificateFiles } from './certificate-files.ts';
import { readConfig, type SubmissionConfig } from './config.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { createHttpPort } from './http-port.ts';
import { MessageIntake } from './message-intake.ts';
import { SubmissionMetrics } from './metrics.ts';
import { SubmissionServer } from './submission-server.ts';

export { readConfig, type SubmissionConfig };

/** SMTP submission as one service. */
export async function createSubmission(config: SubmissionConfig, durations: Durations, log: Logger): Promise<Service> {
  const { timings } = durations;
  const connection = new RequestConnection(
    config.redisUrl,
    new Sealer(config.secret),
    durations,
    (event, fields) => log.warn(fields, event),
    config.redisAccess,
    config.searchKeys,
  );
  const keys = new ApiKeyRegistry(connection, config.keys, (detail) => log.error({ detail }, 'API keys need attention'));
  const certificate = new CertificateFiles({ cert: config.certificateFile, key: config.keyFile }, timings.submission.certificate, log);
  const limits = new ConnectionLimits(timings.submission);
  const intake = new MessageIntake(timings.submission);
  const metrics = new SubmissionMetrics(packageVersion(new URL('../package.json', import.meta.url)));
  const parts = {
    queue: new MailQueue(connection),
    keys,
    fromDomains: config.fromDomains,
    certificate,
    limits,
    intake,
    metrics,
    log,
    timings: timings.submission,
  };
  const { host, tlsPort, startTlsPort, httpHost, httpPort } = config;
  const servers = [
    new SubmissionServer(parts, { mode: 'starttls', host, port: startTlsPort, portVariable: 'SUBMISSION_STARTTLS_PORT' }),
    new SubmissionServer(parts, { mode: 'tls', host, port: tlsPort, portVariable: 'SUBMISSION_TLS_PORT' }),
  ];
  const httpPorts = httpPort === undefined ? [] : [createHttpPort(httpHost, httpPort, timings, { connection, ...parts }, log)];
  return new ServiceGroup('submission', [connection, keys, certificate, ...servers, ...httpPorts], timings.stop);
}
