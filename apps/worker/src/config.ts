/** The worker's configuration: the one file of this app that reads the environment. */
import { hostname } from 'node:os';
import { limits, type Mailbox, type Retention, retention, retentionBounds } from '@posthouse/contract';
import { defaultEhloName, type Provider, smtpProviders } from '@posthouse/delivery';
import { type SealKeys, sealKeys } from '@posthouse/queue';
import {
  address,
  certificateFile,
  duration,
  type LogSettings,
  type NotifySettings,
  port,
  positiveInteger,
  type RedisSettings,
  readEnv,
  readLogSettings,
  readNotifySettings,
  readRedisSettings,
  text,
  withEnvFile,
} from '@posthouse/runtime';
import { readTokenSource } from './oauth/oauth-settings.ts';
import type { TokenSource } from './oauth/token-request.ts';

/** What a worker needs to know. */
export interface WorkerConfig extends RedisSettings, LogSettings {
  secret: SealKeys;
  /** In order of preference. */
  providers: readonly Provider[];
  /** By the name of a provider with OAuth: where its access tokens come from. */
  tokenSources: ReadonlyMap<string, TokenSource>;
  /** PEM of a private certificate authority to trust besides the public ones. */
  smtpCa: string | undefined;
  /** The envelope's sender; default: each mail's From. */
  returnPath: Mailbox | undefined;
  /** Outside production: all mail is sent to this address. */
  redirectTo: Mailbox | undefined;
  templatesDir: string;
  /** The worker decides how long records and content are kept; other processes go by what its heartbeat stores. */
  retention: Retention;
  /** Mails in progress at a time, at first and at least. */
  concurrency: number;
  /** The most that it grows to where connections would wait for mails. */
  maxConcurrency: number;
  /** Where metrics and probes are served; no port without one, 0 lets the system choose. */
  host: string;
  port: number | undefined;
  notify: NotifySettings;
  /** Notifications by mail. */
  notifyMail: { from: Mailbox; to: Mailbox } | undefined;
}

/**
 * Reads the environment and, in development, `.env`.
 * @param machine the name of this machine
 * @throws ConfigError with every error at once
 */
export function readConfig(env: NodeJS.ProcessEnv = withEnvFile(process.env), machine = hostname()): Readonly<WorkerConfig> {
  return readEnv(env, (read) => {
    const providers = read.orFile.required(
      'SMTP_URL',
      smtpProviders,
      'Set it to your relay, such as smtps://user:password@smtp.example.com:465.',
    );
    const smtpCa = read.optional('SMTP_CA_FILE', certificateFile);
    const tokenSources = new Map<string, TokenSource>();
    for (const provider of providers ?? []) {
      if (provider.oauth === undefined) continue;
      const { source, account } = readTokenSource(read, provider, smtpCa, env['NODE_ENV'] === 'production');
      tokenSources.set(provider.name, source);
      provider.account = `${provider.account}:${account}`;
    }
    const kept = duration(retentionBounds);
    const returnPath = read.optional('MAIL_RETURN_PATH', address);
    const from = read.optional('MAIL_FROM', address);
    const notifyTo = read.optional('NOTIFY_MAIL_TO', address);
    if (notifyTo !== undefined && from === undefined) read.addIssue('NOTIFY_MAIL_TO needs MAIL_FROM, the sender of the notifications');
    const ehlo = defaultEhloName(machine, [from?.address, returnPath?.address]);
    const redirectTo = read.optional('MAIL_REDIRECT_TO', address);
    if (redirectTo !== undefined && env['NODE_ENV'] === 'production') {
      read.addIssue('MAIL_REDIRECT_TO is set although NODE_ENV is production: recipients would get no mail. Unset one of them.');
    }
    if (providers?.some(({ security }) => security === 'none') && env['NODE_ENV'] === 'production') {
      read.addIssue('SMTP_URL has tls=off although NODE_ENV is production. Remove ?tls=off.');
    }
    const concurrency = read.optional('WORKER_CONCURRENCY', positiveInteger);
    const connections = (providers ?? []).reduce((total, { pool }) => total + pool, 0);
    return {
      ...readRedisSettings(read),
      secret: read.orFile.required('POSTHOUSE_SECRET', sealKeys, 'It decrypts mail content in Redis and must be the same as the API has.'),
      providers: ehlo === undefined ? providers : providers?.map((provider) => ({ ehlo, ...provider })),
      tokenSources,
      smtpCa,
      returnPath,
      redirectTo,
      templatesDir: read.withDefault('TEMPLATES_DIR', text, './templates'),
      retention: {
        ...retention,
        sent: read.withDefault('RETENTION_SENT', kept, retention.sent),
        failed: read.withDefault('RETENTION_FAILED', kept, retention.failed),
        content: read.withDefault('CONTENT_RETENTION', kept, retention.content),
      },
      concurrency: concurrency ?? connections * limits.mailsPerConnection.min,
      maxConcurrency: concurrency ?? connections * limits.mailsPerConnection.max,
      notify: readNotifySettings(read, env['NODE_ENV'] === 'production'),
      notifyMail: from !== undefined && notifyTo !== undefined ? { from, to: notifyTo } : undefined,
      host: read.withDefault('WORKER_HOST', text, '127.0.0.1'),
      port: read.optional('WORKER_PORT', port),
      ...readLogSettings(read),
    };
  });
}
