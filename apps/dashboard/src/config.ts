/** The dashboard's configuration: the one file of this app that reads the environment. */
import { defaultPorts } from '@posthouse/contract';
import { type SealKeys, sealKeys } from '@posthouse/queue';
import {
  type LogSettings,
  networks,
  port,
  type RedisSettings,
  readEnv,
  readLogSettings,
  readRedisSettings,
  text,
  withEnvFile,
} from '@posthouse/runtime';
import { type OidcSettings, readOidcSettings } from './sign-in/oidc-settings.ts';
import { type Users, users } from './sign-in/users.ts';

/** Frozen once it is read. */
export interface DashboardConfig extends RedisSettings, LogSettings {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Addresses and networks of the proxies whose X-Forwarded headers are believed. */
  trustedProxies: readonly string[];
  secret: SealKeys;
  /** Those beside the users in Redis. */
  users: Users;
  /** Single sign-on; undefined where it is not configured. */
  oidc: OidcSettings | undefined;
  templatesDir: string;
}

/**
 * Reads the environment and, in development, `.env`.
 * @throws ConfigError with every error at once
 */
export function readConfig(env: NodeJS.ProcessEnv = withEnvFile(process.env)): Readonly<DashboardConfig> {
  return readEnv(env, (read) => ({
    host: read.withDefault('DASHBOARD_HOST', text, '127.0.0.1'),
    port: read.withDefault('DASHBOARD_PORT', port, defaultPorts.dashboard),
    trustedProxies: read.optional('DASHBOARD_TRUSTED_PROXY', networks) ?? [],
    ...readRedisSettings(read),
    secret: read.orFile.required(
      'POSTHOUSE_SECRET',
      sealKeys,
      'Set it to the value that API and worker have; it decrypts what they stored in Redis.',
    ),
    users: read.orFile.optional('DASHBOARD_USERS', users) ?? new Map(),
    oidc: readOidcSettings(read),
    templatesDir: read.withDefault('TEMPLATES_DIR', text, './templates'),
    ...readLogSettings(read),
  }));
}
