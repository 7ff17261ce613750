/** What a server offers in its reply to EHLO (RFC 5321 section 4.1.1.1), and what a message needs of it. */
import { isAscii } from 'node:buffer';
import type { ReasonCode } from '@posthouse/contract';

/** What a server offers. */
export interface SmtpCapabilities {
  /** SASL mechanisms (RFC 4954), in upper case. */
  mechanisms: readonly string[];
  /** Largest message in bytes (RFC 1870); undefined where it names no limit. */
  maxSize: number | undefined;
  smtpUtf8: boolean;
  eightBitMime: boolean;
}

/** What a message needs of a server. */
export interface MessageNeeds {
  /** Size in bytes. */
  size: number;
  /** RFC 6531: an address or a header is not ASCII. */
  smtpUtf8: boolean;
  /** RFC 6152: some bytes are not ASCII. */
  eightBitMime: boolean;
}

/** The server knows no extension, or was not asked. */
export const noCapabilities: SmtpCapabilities = { mechanisms: [], maxSize: undefined, smtpUtf8: false, eightBitMime: false };

/** Reads a 250 reply to EHLO. Keywords may be in any case, and AUTH may be followed by `=`, as before RFC 2554. */
export function parseCapabilities(reply: string): SmtpCapabilities {
  const [, ...lines] = reply.split(/\r?\n/).map((line) => line.slice(4).trim().toUpperCase());
  const mechanisms = lines
    .filter((line) => /^AUTH[ =]/.test(line))
    .flatMap((line) => line.slice(5).split(/[\s=]+/))
    .filter((mechanism) => /^[A-Z0-9_-]{1,20}$/.test(mechanism));
  const size = lines.map((line) => /^SIZE (\d{1,15})$/.exec(line)?.[1]).find((found) => found !== undefined);
  return {
    mechanisms: [...new Set(mechanisms)],
    // RFC 1870 section 4: 0 means that there is no fixed limit.
    maxSize: Number(size ?? 0) || undefined,
    smtpUtf8: lines.includes('SMTPUTF8'),
    eightBitMime: lines.includes('8BITMIME'),
  };
}

/** What a message needs, by its bytes and its envelope. */
export function messageNeeds(bytes: Buffer, addresses: readonly string[]): MessageNeeds {
  return {
    size: bytes.length,
    smtpUtf8: !addresses.every((address) => isAscii(Buffer.from(address))) || !isAscii(headerBlock(bytes)),
    eightBitMime: !isAscii(bytes),
  };
}

/** The header of a message: where it is not ASCII, an address is not. Everything else is encoded. */
function headerBlock(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n\r\n');
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/** Why a server cannot take a message; undefined when it can. */
export function missingCapability(offered: SmtpCapabilities, needs: MessageNeeds): { reason: ReasonCode; detail: string } | undefined {
  const { maxSize } = offered;
  if (maxSize !== undefined && needs.size > maxSize)
    return { reason: 'too-large-for-provider', detail: `the message has ${needs.size} bytes, and the server accepts ${maxSize}` };
  if (needs.smtpUtf8 && !offered.smtpUtf8)
    return { reason: 'smtputf8-not-offered', detail: 'an address is not ASCII, and the server does not offer SMTPUTF8' };
  if (needs.eightBitMime && !offered.eightBitMime)
    return {
      reason: 'eightbitmime-not-offered',
      detail: 'the message has bytes that are not ASCII, and the server does not offer 8BITMIME',
    };
  return undefined;
}
