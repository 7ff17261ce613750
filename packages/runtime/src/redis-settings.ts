/** How a process reaches Redis: the variables that all of them read. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { EnvReader } from './env-reader.ts';
import { certificateFile, privateKeyFile, redisUrl, text } from './env-values.ts';

/** Where Redis is, and what TLS to it needs. */
export interface RedisSettings {
  redisUrl: string;
  /** All PEM; empty where the public authorities suffice and Redis asks for no certificate. */
  redisTls: {
    /** Certificates of authorities to trust besides the public ones. */
    readonly ca?: string;
    /** This process's certificate, which Redis verifies, and its private key. */
    readonly cert?: string;
    readonly key?: string;
  };
}

/** The variables of TLS to Redis; each names a PEM file. */
export const redisTlsVariables = ['REDIS_CA_FILE', 'REDIS_CERT_FILE', 'REDIS_KEY_FILE'] as const;

/** Reads REDIS_URL and, for `rediss://`, REDIS_CA_FILE, REDIS_CERT_FILE and REDIS_KEY_FILE. */
export function readRedisSettings(read: EnvReader): RedisSettings {
  const url = read.orFile.withDefault('REDIS_URL', redisUrl, 'redis://127.0.0.1:6379');
  const set = redisTlsVariables.filter((name) => read.optional(name, text) !== undefined);
  if (set.length > 0 && url !== undefined && new URL(url).protocol !== 'rediss:') {
    read.addIssue(
      `${set.join(', ')} can only be used with TLS: let REDIS_URL begin with rediss://, or unset ${set.length === 1 ? 'it' : 'them'}`,
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
  return {
    redisUrl: url,
    redisTls: { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) },
  };
}
