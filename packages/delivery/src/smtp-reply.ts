/** What one SMTP reply says: its code, its enhanced status code, and its words. */
import { type EnhancedCode, limits, type ReplyReason } from '@posthouse/contract';

/** A reply, parsed. */
export interface SmtpReply {
  /** RFC 5321 section 4.2; 0 where the reply does not begin with a code. */
  code: number;
  /** RFC 3463. */
  enhancedCode?: EnhancedCode;
  /** The reply as the server wrote it, cut to `limits.replyLength`. */
  text: string;
  /** The text of all lines without their codes, on one line. Servers break sentences anywhere. */
  words: string;
}

const lineCodes = /^(\d{3})(?:[ -](?: {0,2}(\d\.\d{1,3}\.\d{1,3})(?![\d.]))?)?/;

/**
 * Parses a reply by RFC 5321 section 4.2 and, for the enhanced code, RFC 2034. Lines may lack the enhanced code, and some servers send one
 * of another class than the reply code: the first one of the same class counts, else the first one.
 */
export function parseReply(reply: string): SmtpReply {
  const lines = reply
    .slice(0, limits.replyReadLength)
    .split('\n')
    .map((line) => ({ line, codes: lineCodes.exec(line) }));
  const code = Number(lines[0]?.codes?.[1] ?? 0);
  const enhancedCodes = lines.flatMap(({ codes }) => (codes?.[2] === undefined ? [] : [codes[2] as EnhancedCode]));
  const enhancedCode = enhancedCodes.find((candidate) => candidate.startsWith(String(code).charAt(0))) ?? enhancedCodes[0];
  const words = lines.map(({ line, codes }) => line.slice(codes?.[0].length ?? 0)).join(' ');
  return {
    code,
    ...(enhancedCode !== undefined && { enhancedCode }),
    text: reply.slice(0, limits.replyLength),
    words: words.replace(/\s+/g, ' ').trim(),
  };
}

/** A reply as a reason code, free of the reply's text: `550 5.1.1`. */
export function replyReason({ code, enhancedCode }: SmtpReply): ReplyReason {
  return enhancedCode === undefined ? `${code}` : `${code} ${enhancedCode}`;
}

/** What is read of a reply, as a string of its own: a part of a string keeps the whole one in memory. */
export function readablePart(reply: string): string {
  return reply.length <= limits.replyReadLength ? reply : Buffer.from(reply.slice(0, limits.replyReadLength)).toString();
}
