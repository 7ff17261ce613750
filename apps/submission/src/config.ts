/** The configuration of SMTP submission. No other file of this app reads the environment. */
import { type ApiKey, parseApiKeys } from '@posthouse/access';
import { defaultPorts } from '@posthouse/contract';
import { type SealKeys, sealKeys } from '@posthouse/queue';
import {
  address,
  certificateFile,
  choice,
  type LogSettings,
  type Parser,
  port,
  privateKeyFile,
  type RedisSettings,
  readEnv,
  readLogSettings,
  readRedisSettings,
  readSenderDomains,
  text,
  withEnvFile,
} from '@posthouse/runtime';

/** The settings of a process. */
export interface SubmissionConfig extends RedisSettings, LogSettings {
  host: string;
  /** TLS from the first byte. 0 lets the system choose. */
  tlsPort: number;
  /** TLS after STARTTLS. 0 lets the system choose. */
  startTlsPort: number;
  /** PEM files, which are read again when they change. */
  certificateFile: string;
  keyFile: string;
  /** Where metrics and probes are served; no port without one, 0 lets the system choose. */
  httpHost: string;
  httpPort: number | undefined;
  secret: SealKeys;
  /** API keys beside those in Redis, by the keys' SHA-256 in hex. */
  keys: ReadonlyMap<string, ApiKey>;
  /** Domains that a sender may have. */
  fromDomains: readonly string[];
  /** Whether mails are found by local parts and metadata: each has an index for these then. */
  searchKeys: boolean;
}

/**
 * Reads the environment and, in development, `.env`.
 * @throws ConfigError with every error at once
 */
export function readConfig(env: NodeJS.ProcessEnv = withEnvFile(process.env)): Readonly<SubmissionConfig> {
  return readEnv(env, (read) => {
    const from = read.optional('MAIL_FROM', address);
    const fromDomains = readSenderDomains(read, from);
    if (fromDomains.length === 0 && !env['MAIL_FROM'] && !env['MAIL_FROM_DOMAINS'])
      read.addIssue('MAIL_FROM_DOMAINS is not set, nor MAIL_FROM. Set the same as for the API: a sender must have one of these domains.');
    return {
      host: read.withDefault('SUBMISSION_HOST', text, '127.0.0.1'),
      tlsPort: read.withDefault('SUBMISSION_TLS_PORT', port, defaultPorts.submission.tls),
      startTlsPort: read.withDefault('SUBMISSION_STARTTLS_PORT', port, defaultPorts.submission.startTls),
      certificateFile: read.required(
        'SUBMISSION_CERT_FILE',
        file(certificateFile),
        'Set it to a PEM file with the certificate of this server.',
      ),
      keyFile: read.required('SUBMISSION_KEY_FILE', file(privateKeyFile), 'Set it to a PEM file with the private key of that certificate.'),
      httpHost: read.withDefault('SUBMISSION_HTTP_HOST', text, '127.0.0.1'),
      httpPort: read.optional('SUBMISSION_HTTP_PORT', port),
      ...readRedisSettings(read),
      secret: read.orFile.required(
        'POSTHOUSE_SECRET',
        sealKeys,
        'Mail content in Redis is sealed with it: set the same as for API and worker.',
      ),
      keys: read.orFile.optional('API_KEYS', parseApiKeys) ?? new Map(),
      fromDomains,
      searchKeys: read.withDefault('SEARCH_KEYS', choice('on', 'off'), 'on') === 'on',
      ...readLogSettings(read),
    };
  });
}

/** The path of a file whose content is checked. */
function file(content: Parser<string>): Parser<string> {
  return (path) => {
    content(path);
    return path;
  };
}
