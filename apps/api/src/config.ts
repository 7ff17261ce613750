/** The API's configuration: the one file of this app that reads the environment. */
import { parseKeyHashes } from '@posthouse/access';
import { addressDomain, type Mailbox } from '@posthouse/contract';
import { type SealKeys, sealKeys } from '@posthouse/queue';
import { address, domains, logLevel, port, readEnv, redisUrl, text, withEnvFile } from '@posthouse/runtime';

/** What the API needs to know. */
export interface ApiConfig {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  redisUrl: string;
  secret: SealKeys;
  /** Names of the holders by SHA-256 of their key. */
  keys: ReadonlyMap<string, string>;
  templatesDir: string;
  /** The sender of a mail that names none. */
  from: Mailbox;
  /** Domains that a sender may be of. */
  fromDomains: readonly string[];
  logLevel: string;
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
      port: read.withDefault('API_PORT', port, 3000),
      redisUrl: read.withDefault('REDIS_URL', redisUrl, 'redis://127.0.0.1:6379'),
      secret: read.required(
        'POSTHOUSE_SECRET',
        sealKeys,
        'It seals mail content in Redis: make one with `openssl rand -hex 32` and give API and worker the same.',
      ),
      keys: read.required('API_KEYS', parseKeyHashes, 'Make a key with `npm run keys -- <name>` and set the line that it prints.'),
      templatesDir: read.withDefault('TEMPLATES_DIR', text, './templates'),
      from,
      fromDomains: read.optional('MAIL_FROM_DOMAINS', domains) ?? (from === undefined ? [] : [addressDomain(from.address)]),
      logLevel: read.withDefault('LOG_LEVEL', logLevel, 'info'),
    };
  });
}
