/** What one SMTP reply says: its code, its enhanced status code, and a delay that the server asks for. */
import type { EnhancedCode, ReplyReason } from '@posthouse/contract';

/** A reply, parsed. */
export interface SmtpReply {
  /** RFC 5321 section 4.2; 0 where the reply does not begin with a code. */
  code: number;
  /** RFC 3463. */
  enhancedCode?: EnhancedCode;
  /** The whole reply, as the server wrote it. */
  text: string;
}

/** Parses a reply by RFC 5321 section 4.2 and, for the enhanced code, RFC 2034. */
export function parseReply(text: string): SmtpReply {
  const match = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3}))?/.exec(text);
  return { code: Number(match?.[1] ?? 0), ...(match?.[2] !== undefined && { enhancedCode: match[2] as EnhancedCode }), text };
}

/** A reply as a reason code, free of the reply's text: `550 5.1.1`. */
export function replyReason({ code, enhancedCode }: SmtpReply): ReplyReason {
  return enhancedCode === undefined ? `${code}` : `${code} ${enhancedCode}`;
}

const unitsInMs: Record<string, number> = { s: 1000, m: 60 * 1000, h: 60 * 60 * 1000 };

/**
 * The delay that a server asks for in a 4yz reply: "try again in 300 seconds", "retry after 5 minutes", "please retry in 00:05:00".
 * @param maxMs the longest delay that is honoured
 * @returns ms, or undefined when the reply names no delay
 */
export function parseRetryAfter(reply: string, maxMs: number): number | undefined {
  if (!reply.startsWith('4')) return undefined;
  const clock = /\b(?:in|after|for)\s+(\d{1,2}):(\d{2}):(\d{2})\b/i.exec(reply);
  if (clock) return Math.min((Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1000, maxMs);
  const phrase = /\b(?:in|after|for|wait|delay(?:ed)?)\D{0,12}?(\d{1,6})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)\b/i.exec(
    reply,
  );
  const unit = phrase?.[2]?.charAt(0).toLowerCase();
  return unit === undefined ? undefined : Math.min(Number(phrase?.[1]) * (unitsInMs[unit] as number), maxMs);
}
