/** How a process reaches Redis: the variables that all of them read. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseRedisUrl, type RedisAccess } from '@posthouse/contract';
import type { EnvReader } from './env-reader.ts';
import { certificateFile, privateKeyFile, queuePrefix, redisUrl, replicaCount, text } from './env-values.ts';

/** Where Redis is, and how to get there. */
export interface RedisSettings {
  redisUrl: string;
  redisAccess: RedisAccess;
}

/** The variables of TLS to Redis; each names a PEM file. */
const tlsVariables = ['REDIS_CA_FILE', 'REDIS_CERT_FILE', 'REDIS_KEY_FILE'] as const;

/** The variables that belong to REDIS_URL: a process that starts others hands them on. */
export const redisAccessVariables = [
  ...tlsVariables,
  'REDIS_PASSWORD',
  'REDIS_PASSWORD_FILE',
  'REDIS_SENTINEL_USER',
  'REDIS_SENTINEL_PASSWORD',
  'REDIS_SENTINEL_PASSWORD_FILE',
  'QUEUE_PREFIX',
  'REDIS_WAIT_REPLICAS',
] as const;

/** Reads REDIS_URL and the variables that belong to it. */
export function readRedisSettings(read: EnvReader): RedisSettings {
  const url = read.orFile.withDefault('REDIS_URL', redisUrl, 'redis://127.0.0.1:6379');
  const parsed = url === undefined ? undefined : parseRedisUrl(url);
  const access = {
    ...readTls(read, parsed?.tls),
    password: read.orFile.optional('REDIS_PASSWORD', text),
    sentinelUser: read.optional('REDIS_SENTINEL_USER', text),
    sentinelPassword: read.orFile.optional('REDIS_SENTINEL_PASSWORD', text),
    prefix: read.optional('QUEUE_PREFIX', queuePrefix),
    waitReplicas: read.optional('REDIS_WAIT_REPLICAS', replicaCount),
  };
  if (access.password !== undefined && parsed?.password !== undefined) {
    read.addIssue('REDIS_PASSWORD is set, and REDIS_URL has a password too; remove one of them');
  }
  if (access.sentinelUser !== undefined && access.sentinelPassword === undefined) {
    read.addIssue('REDIS_SENTINEL_USER needs REDIS_SENTINEL_PASSWORD or REDIS_SENTINEL_PASSWORD_FILE');
  }
  if (access.sentinelPassword !== undefined && parsed !== undefined && parsed.kind !== 'sentinel') {
    read.addIssue('REDIS_SENTINEL_PASSWORD can only be used with Sentinel: let REDIS_URL begin with redis+sentinel://, or unset it');
  }
  return {
    redisUrl: url,
    redisAccess: Object.fromEntries(Object.entries(access).filter(([, value]) => value !== undefined)),
  };
}

/** @param hasTls whether the URL asks for it; undefined where the URL is invalid */
function readTls(read: EnvReader, hasTls: boolean | undefined): Pick<RedisAccess, 'ca' | 'cert' | 'key'> {
  const set = tlsVariables.filter((name) => read.optional(name, text) !== undefined);
  if (set.length > 0 && hasTls === false) {
    read.addIssue(
      `${set.join(', ')} can only be used with TLS: let REDIS_URL begin with rediss, or unset ${set.length === 1 ? 'it' : 'them'}`,
    );
  }
  const [hasCert, hasKey] = [set.includes('REDIS_CERT_FILE'), set.includes('REDIS_KEY_FILE')];
  if (hasCert && !hasKey) read.addIssue('REDIS_CERT_FILE needs REDIS_KEY_FILE, the private key of that certificate');
  if (hasKey && !hasCert) read.addIssue('REDIS_KEY_FILE needs REDIS_CERT_FILE, the certificate of that private key');
  const ca = read.optional('REDIS_CA_FILE', certificateFile);
  const cert = read.optional('REDIS_CERT_FILE', certificateFile);
  const key = read.optional('REDIS_KEY_FILE', privateKeyFile);
  if (cert !== undefined && key !== undefined && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    read.addIssue('REDIS_KEY_FILE is not the private key of the certificate in REDIS_CERT_FILE');
  }
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}
