/** The variables for Redis: certificates are read, checked and matched when a process starts. */
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfigError, readEnv } from '../src/env-reader.ts';
import { readRedisSettings } from '../src/redis-settings.ts';

let dir: string;
let ca: CertificateAuthority;
let pem: { cert: string; key: string };

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-redis-settings-'));
  ca = await CertificateAuthority.create();
  const { certPem: cert, keyPem: key } = await ca.issue({ hosts: ['posthouse'], client: true });
  const { keyPem: other } = await ca.issue({ hosts: ['posthouse'], client: true });
  pem = { cert, key };
  const broken = ca.caPem.replace(/\n\w{9}/, '\n*********');
  const encrypted = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'planted' }).toString();
  const files = { ca: ca.caPem, cert, key, other, encrypted, broken: `${ca.caPem}${broken}`, empty: '' };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(dir, `${name}.pem`), text)));
});
afterAll(() => rm(dir, { recursive: true }));

const file = (name: string) => join(dir, `${name}.pem`);
const read = (env: Record<string, string>) => readEnv(env, readRedisSettings);

function issuesOf(env: Record<string, string>): readonly string[] {
  try {
    read(env);
    return [];
  } catch (error) {
    return (error as ConfigError).issues;
  }
}

it('are a local Redis without TLS when nothing is set', () => {
  expect(read({})).toEqual({ redisUrl: 'redis://127.0.0.1:6379', redisAccess: {} });
});

it('have a certificate authority, a client certificate and its key', () => {
  const url = 'rediss://redis.example:6380';
  expect(read({ REDIS_URL: url, REDIS_CA_FILE: file('ca') })).toEqual({ redisUrl: url, redisAccess: { ca: ca.caPem } });
  const env = { REDIS_URL: url, REDIS_CA_FILE: file('ca'), REDIS_CERT_FILE: file('cert'), REDIS_KEY_FILE: file('key') };
  expect(read(env)).toEqual({ redisUrl: url, redisAccess: { ca: ca.caPem, ...pem } });
});

it('refuse certificates without TLS', () => {
  expect(issuesOf({ REDIS_CA_FILE: file('ca') })).toEqual([
    'REDIS_CA_FILE can only be used with TLS: let REDIS_URL begin with rediss, or unset it',
  ]);
  const both = { REDIS_URL: 'redis://redis.example', REDIS_CERT_FILE: file('cert'), REDIS_KEY_FILE: file('key') };
  expect(issuesOf(both)).toEqual([
    'REDIS_CERT_FILE, REDIS_KEY_FILE can only be used with TLS: let REDIS_URL begin with rediss, or unset them',
  ]);
});

it.each<[string, string, RegExp]>([
  ['REDIS_CA_FILE', 'missing', /^REDIS_CA_FILE cannot be read: ENOENT/],
  ['REDIS_CA_FILE', 'empty', /^REDIS_CA_FILE must name a PEM file with a certificate; .*empty.pem has none$/],
  ['REDIS_CA_FILE', 'key', /^REDIS_CA_FILE must name a PEM file with a certificate/],
  ['REDIS_CA_FILE', 'broken', /^REDIS_CA_FILE must name a PEM file with certificates; .*broken.pem has one that cannot be decoded$/],
  ['REDIS_CERT_FILE', 'cert', /^REDIS_CERT_FILE needs REDIS_KEY_FILE/],
  ['REDIS_KEY_FILE', 'key', /^REDIS_KEY_FILE needs REDIS_CERT_FILE/],
])('%s naming %s.pem is an error in words', (name, pemName, message) => {
  expect(issuesOf({ REDIS_URL: 'rediss://redis.example', [name]: file(pemName) })).toEqual([expect.stringMatching(message)]);
});

it.each([
  ['other', /^REDIS_KEY_FILE is not the private key of the certificate in REDIS_CERT_FILE$/],
  ['ca', /^REDIS_KEY_FILE must name a PEM file with a private key; .*ca.pem has none$/],
  ['encrypted', /^REDIS_KEY_FILE must name a private key without a passphrase; write one with openssl pkey -in .*encrypted.pem$/],
])('a key in %s.pem is an error in words', (key, message) => {
  const env = { REDIS_URL: 'rediss://redis.example', REDIS_CERT_FILE: file('cert'), REDIS_KEY_FILE: file(key) };
  expect(issuesOf(env)).toEqual([expect.stringMatching(message)]);
});

it('has an issue for a database that is no number, besides the others', () => {
  expect(issuesOf({ REDIS_URL: 'redis://host/nope', REDIS_CERT_FILE: file('cert') })).toEqual([
    expect.stringMatching(/^REDIS_URL must end .*number of a database/),
    expect.stringContaining('REDIS_CERT_FILE needs REDIS_KEY_FILE'),
  ]);
});

it('have passwords in files, that of Sentinels apart, the name of the queue and the replicas to wait for', async () => {
  await writeFile(file('password'), 'secret\n');
  const env = {
    REDIS_URL: 'redis+sentinel://user@a,b/mail',
    REDIS_PASSWORD_FILE: file('password'),
    REDIS_SENTINEL_USER: 'watch',
    REDIS_SENTINEL_PASSWORD: 'other',
    QUEUE_PREFIX: 'news-1',
    REDIS_WAIT_REPLICAS: '2',
  };
  const redisAccess = { password: 'secret', sentinelUser: 'watch', sentinelPassword: 'other', prefix: 'news-1', waitReplicas: 2 };
  expect(read(env)).toEqual({ redisUrl: env.REDIS_URL, redisAccess });
});

it('have every error at once', () => {
  const env = {
    REDIS_URL: 'redis://:planted@host',
    REDIS_PASSWORD: 'planted',
    REDIS_SENTINEL_PASSWORD: 'planted',
    QUEUE_PREFIX: '{planted}',
    REDIS_WAIT_REPLICAS: '-1',
    REDIS_CA_FILE: file('missing'),
  };
  const issues = issuesOf(env);
  expect(issues).toEqual([
    expect.stringMatching(/^REDIS_CA_FILE can only be used with TLS/),
    expect.stringMatching(/^REDIS_CA_FILE cannot be read/),
    expect.stringMatching(/^QUEUE_PREFIX must have 1 to 32 lower-case/),
    expect.stringMatching(/^REDIS_WAIT_REPLICAS must be a number of replicas/),
    expect.stringMatching(/^REDIS_PASSWORD is set, and REDIS_URL has a password too/),
    expect.stringMatching(/^REDIS_SENTINEL_PASSWORD can only be used with Sentinel/),
  ]);
  expect(issues.join()).not.toContain('planted');
  expect(issuesOf({ REDIS_SENTINEL_USER: 'watch' })).toEqual([expect.stringMatching(/^REDIS_SENTINEL_USER needs/)]);
});
