/** Reads one answer of a server, or its silence, by the verdict table. */
import type { EnhancedCode, Reason, RecipientOutcome, ReplyReason, Timings } from '@posthouse/contract';
import { parseRetryAfter } from './retry-after.ts';
import { type DeliveryStep, type VerdictRow, verdictTable } from './verdict-table.ts';

/** What went wrong, and where. */
export interface SmtpFailure {
  step: DeliveryStep;
  /** The reply, when there was one. */
  reply?: string;
  /** Without a reply: what happened, as a code such as `ECONNREFUSED`. */
  error?: Reason;
  /** Whether bytes of the message had gone out. */
  messageStarted: boolean;
}

/** A recipient's outcome without the recipient, and the row that decided. */
export type Classification = { outcome: Omit<RecipientOutcome, 'address' | 'reason'> & { reason: Reason }; row: VerdictRow };

/** The verdict on a recipient that a server did not accept. */
export function classify(failure: SmtpFailure, timings: Timings['reply']): Classification {
  const reply = failure.reply === undefined ? undefined : readReply(failure.reply);
  const row = verdictTable.find((candidate) => matches(candidate, failure, reply)) as VerdictRow;
  const waitMs = parseRetryAfter(reply?.text) ?? (row.wait === 'none' ? 0 : row.wait && timings[row.wait]);
  return {
    row,
    outcome: {
      verdict: row.verdict,
      reason: reply === undefined ? (failure.error ?? 'no-reply') : reasonOf(reply),
      ...(reply !== undefined && { code: reply.code, reply: reply.text }),
      ...(reply?.enhancedCode !== undefined && { enhancedCode: reply.enhancedCode }),
      ...(waitMs !== undefined && row.verdict !== 'FAIL' && { waitMs }),
    },
  };
}

/** The outcome of a recipient that the server accepted with its reply to the final dot. */
export function accepted(text: string): Classification['outcome'] {
  const reply = readReply(text);
  return {
    verdict: 'ACCEPT',
    reason: reasonOf(reply),
    code: reply.code,
    reply: text,
    ...(reply.enhancedCode !== undefined && { enhancedCode: reply.enhancedCode }),
  };
}

interface Reply {
  code: number;
  enhancedCode?: EnhancedCode;
  text: string;
}

/** RFC 5321 section 4.2 and, for the enhanced code, RFC 2034. */
function readReply(text: string): Reply {
  const match = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3}))?/.exec(text);
  return { code: Number(match?.[1] ?? 0), ...(match?.[2] !== undefined && { enhancedCode: match[2] as EnhancedCode }), text };
}

function reasonOf({ code, enhancedCode }: Reply): ReplyReason {
  return enhancedCode === undefined ? `${code}` : `${code} ${enhancedCode}`;
}

function matches(row: VerdictRow, failure: SmtpFailure, reply: Reply | undefined): boolean {
  if (row.silence !== undefined) return reply === undefined && failure.messageStarted === (row.silence === 'after the message began');
  if (row.error !== undefined) return reply === undefined && !failure.messageStarted && row.error.test(failure.error ?? '');
  if (row.steps !== undefined && !row.steps.includes(failure.step)) return false;
  if (row.codes !== undefined && !row.codes.some((code) => code === reply?.code || code === Math.floor((reply?.code ?? 0) / 100)))
    return false;
  if (row.enhanced !== undefined && !row.enhanced.includes(reply?.enhancedCode ?? '')) return false;
  return row.text === undefined || row.text.test(reply?.text ?? '');
}
