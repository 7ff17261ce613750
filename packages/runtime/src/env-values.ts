/**
 * Parsers for the values of environment variables. The message of what a parser throws completes a sentence that starts with the
 * variable's name: "API_PORT must be a port from 0 to 65535".
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { durationMs, durationPattern, durationText, type Mailbox, parseMailbox, parseRedisUrl } from '@posthouse/contract';

/** Turns a variable's text into its value, or throws saying what it must be. */
export type Parser<T> = (raw: string) => T;

/** Any text. */
export const text: Parser<string> = (raw) => raw;

/** A TCP port; 0 lets the system choose. */
export const port: Parser<number> = (raw) => {
  const value = Number(raw);
  if (!/^\d+$/.test(raw) || value > 65535) throw new Error('must be a port from 0 to 65535');
  return value;
};

/** A whole number from 1 up. */
export const positiveInteger: Parser<number> = (raw) => {
  if (!/^[1-9]\d{0,8}$/.test(raw)) throw new Error('must be a whole number from 1 up');
  return Number(raw);
};

/** A duration such as `12h` or `7d`, in ms. */
export const duration =
  ({ min, max }: { min: number; max: number }): Parser<number> =>
  (raw) => {
    const ms = new RegExp(durationPattern).test(raw) ? durationMs(raw) : undefined;
    if (ms === undefined || ms < min || ms > max) {
      throw new Error(`must be a duration from ${durationText(min)} to ${durationText(max)}, such as 12h or 7d`);
    }
    return ms;
  };

/** One of some fixed values. */
export const choice =
  <const T extends string>(...choices: readonly T[]): Parser<T> =>
  (raw) => {
    const chosen = choices.find((candidate) => candidate === raw);
    if (chosen === undefined) throw new Error(`must be one of: ${choices.join(', ')}`);
    return chosen;
  };

/** A pino level, or `silent`. */
export const logLevel = choice('trace', 'debug', 'info', 'warn', 'error', 'silent');

/** LOG_FORMAT: JSON for a program that reads logs, or lines for a person. */
export const logFormat = choice('json', 'pretty');
export type LogFormat = ReturnType<typeof logFormat>;

/** Comma-separated values. */
export const list =
  <T>(item: Parser<T>): Parser<T[]> =>
  (raw) =>
    raw
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(item);

/** `anne@example.com` or `Anne <anne@example.com>`. */
export const address: Parser<Mailbox> = (raw) => {
  const mailbox = parseMailbox(raw);
  if (mailbox === undefined) throw new Error('must be an address such as hello@example.com or "Posthouse <hello@example.com>"');
  return mailbox;
};

/** Comma-separated domains, lower-cased. */
export const domains: Parser<string[]> = list((raw) => {
  const mailbox = parseMailbox(`postmaster@${raw}`);
  if (mailbox === undefined) throw new Error('must be domains such as example.com,example.org');
  return mailbox.address.slice('postmaster@'.length);
});

/** Comma-separated IP addresses and networks in CIDR notation. */
export const networks: Parser<string[]> = list((raw) => {
  const [address = '', bits, ...more] = raw.split('/');
  const family = isIP(address);
  const isNetwork = bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
  if (family === 0 || !isNetwork || more.length > 0) throw new Error('must be IP addresses or networks such as 10.0.0.5,192.168.7.0/24');
  return raw;
});

/** A URL of Redis; see `parseRedisUrl`. */
export const redisUrl: Parser<string> = (raw) => {
  parseRedisUrl(raw);
  return raw;
};

/** What the keys of one of several queues in the same Redis begin with. */
export const queuePrefix: Parser<string> = (raw) => {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(raw))
    throw new Error('must have 1 to 32 lower-case letters, digits and hyphens, such as newsletter');
  return raw;
};

/** How many replicas; 0 for none. */
export const replicaCount: Parser<number> = (raw) => {
  if (!/^\d{1,2}$/.test(raw)) throw new Error('must be a number of replicas from 0 to 99');
  return Number(raw);
};

/** A PEM file with certificates. @returns its contents */
export const certificateFile: Parser<string> = (path) => {
  const pem = readText(path);
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (certificates === null) throw new Error(`must name a PEM file with a certificate; ${path} has none`);
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new Error(`must name a PEM file with certificates; ${path} has one that cannot be decoded`);
    }
  }
  return pem;
};

/** A PEM file with a private key that needs no passphrase. @returns its contents */
export const privateKeyFile: Parser<string> = (path) => {
  const pem = readText(path);
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) throw new Error(`must name a PEM file with a private key; ${path} has none`);
  if (pem.includes('ENCRYPTED')) throw new Error(`must name a private key without a passphrase; write one with openssl pkey -in ${path}`);
  try {
    createPrivateKey(pem);
  } catch {
    throw new Error(`must name a PEM file with a private key; the one in ${path} cannot be decoded`);
  }
  return pem;
};

/**
 * A secret's file, without the line break at its end.
 * @throws with a message that completes the sentence "<variable> …"
 */
export function readSecret(path: string): string {
  const secret = readText(path).replace(/\r?\n$/, '');
  if (secret.trim() === '') throw new Error(`names an empty file: ${path}`);
  return secret;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot be read: ${(error as Error).message}`);
  }
}
