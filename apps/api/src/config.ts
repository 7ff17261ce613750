/** The configuration of the API. No other file of this app reads the environment. */
import { type ApiKey, parseApiKeys } from '@posthouse/access';
import { defaultPorts, type Mailbox } from '@posthouse/contract';
import { type SealKeys, sealKeys } from '@posthouse/queue';
import {
  address,
  choice,
  type LogSettings,
  type NotifySettings,
  networks,
  port,
  type RedisSettings,
  readEnv,
  readLogSettings,
  readNotifySettings,
  readRedisSettings,
  readSenderDomains,
  text,
  withEnvFile,
} from '@posthouse/runtime';

/** The settings of an API process. */
export interface ApiConfig extends RedisSettings, LogSettings {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Addresses and networks of the proxies whose X-Forwarded headers are believed. */
  trustedProxies: readonly string[];
  secret: SealKeys;
  /** API keys beside those in Redis, by the keys' SHA-256 in hex. */
  keys: ReadonlyMap<string, ApiKey>;
  templatesDir: string;
  /** The sender of a mail that names none. */
  from: Mailbox;
  /** Domains that a sender may have. */
  fromDomains: readonly string[];
  /** Whether mails are found by local parts and metadata: each has an index for these then. */
  searchKeys: boolean;
  notify: NotifySettings;
}

/**
 * Reads the environment and, in development, `.env`.
 * @throws ConfigError with every error at once
 */
export function readConfig(env: NodeJS.ProcessEnv = withEnvFile(process.env)): Readonly<ApiConfig> {
  return readEnv(env, (read) => {
    const from = read.required('MAIL_FROM', address, 'Set it to the sender of your mails, such as "Posthouse <hello@example.com>".');
    return {
      host: read.withDefault('API_HOST', text, '127.0.0.1'),
      port: read.withDefault('API_PORT', port, defaultPorts.api),
      trustedProxies: read.optional('API_TRUSTED_PROXY', networks) ?? [],
      ...readRedisSettings(read),
      secret: read.orFile.required(
        'POSTHOUSE_SECRET',
        sealKeys,
        'Mail content in Redis is sealed with it: create one with `openssl rand -hex 32` and set the same for API, worker and dashboard.',
      ),
      keys: read.orFile.optional('API_KEYS', parseApiKeys) ?? new Map(),
      templatesDir: read.withDefault('TEMPLATES_DIR', text, './templates'),
      from,
      fromDomains: readSenderDomains(read, from),
      searchKeys: read.withDefault('SEARCH_KEYS', choice('on', 'off'), 'on') === 'on',
      notify: readNotifySettings(read, env['NODE_ENV'] === 'production'),
      ...readLogSettings(read),
    };
  });
}
