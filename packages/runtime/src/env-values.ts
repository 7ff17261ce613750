/**
 * Parsers for the values of environment variables. The message of what a parser throws completes a sentence that starts with the
 * variable's name: "API_PORT must be a port from 0 to 65535".
 */
import { type Mailbox, parseMailbox } from '@posthouse/contract';

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

/** `redis://` or, with TLS, `rediss://`. */
export const redisUrl: Parser<string> = (raw) => {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new Error('must be a URL such as redis://127.0.0.1:6379 or rediss://user:password@host:6379/0');
  }
  return raw;
};
