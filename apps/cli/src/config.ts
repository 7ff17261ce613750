/** The configuration of commands. No other file of this app reads the environment. */
import { addressDomain } from '@posthouse/contract';
import type { SealKeys } from '@posthouse/queue';
import { address, domains, type RedisSettings, readEnv, readRedisSettings, text, withEnvFile } from '@posthouse/runtime';

/** Where the queue is, and the secret that its records are sealed with. */
export interface QueueConfig extends RedisSettings {
  secret: SealKeys;
}

/** Reads where Redis is from the environment alone: for `init`, before there is an `.env`. @throws ConfigError with every error at once */
export function readRedisConfig(env: NodeJS.ProcessEnv = process.env): Readonly<RedisSettings> {
  return readEnv(env, readRedisSettings);
}

/** Reads where the templates are from the environment and, in development, `.env`. */
export function readTemplatesDir(env: NodeJS.ProcessEnv = withEnvFile(process.env)): string {
  return readEnv(env, (read) => ({ dir: read.withDefault('TEMPLATES_DIR', text, './templates') })).dir;
}

/**
 * Reads which sender domains the API allows, as far as the environment and, in development, `.env` have its settings.
 * @returns undefined where they have not
 */
export function readFromDomains(env: NodeJS.ProcessEnv = withEnvFile(process.env)): readonly string[] | undefined {
  return readEnv(env, (read) => {
    const from = read.optional('MAIL_FROM', address);
    return { allowed: read.optional('MAIL_FROM_DOMAINS', domains) ?? (from && [addressDomain(from.address)]) };
  }).allowed;
}

/**
 * Reads the environment and, in development, `.env`.
 * @throws ConfigError with every error at once
 */
export async function readConfig(env: NodeJS.ProcessEnv = withEnvFile(process.env)): Promise<Readonly<QueueConfig>> {
  // Imported here because loading the queue takes long, and other commands do not need it.
  const { sealKeys } = await import('@posthouse/queue');
  return readEnv(env, (read) => ({
    ...readRedisSettings(read),
    secret: read.orFile.required(
      'POSTHOUSE_SECRET',
      sealKeys,
      'Set it to the value that the API has: records in Redis are sealed with it.',
    ),
  }));
}
