/** Reads one answer of a server, or its silence, by the verdict table. */
import type { RecipientOutcome, Waits } from '@posthouse/contract';
import { namedDelay } from './named-delay.ts';
import { type DeliveryStep, type VerdictRow, verdictTable } from './verdict-table.ts';

/** What went wrong, and where. */
export interface Trouble {
  step: DeliveryStep;
  /** The reply, when there was one. */
  reply?: string;
  /** Without a reply: what happened, as a code such as `ECONNREFUSED`. */
  error?: string;
  /** Whether bytes of the message had gone out. */
  messageBegan: boolean;
}

/** A recipient's outcome without the recipient, and the row that decided. */
export type Judgement = { outcome: Omit<RecipientOutcome, 'address'>; row: VerdictRow };

/** The verdict on a recipient that a server did not accept. */
export function judge(trouble: Trouble, waits: Waits['reply']): Judgement {
  const reply = trouble.reply === undefined ? undefined : readReply(trouble.reply);
  const row = verdictTable.find((candidate) => matches(candidate, trouble, reply)) as VerdictRow;
  const waitMs = namedDelay(reply?.text) ?? (row.wait === 'none' ? 0 : row.wait && waits[row.wait]);
  return {
    row,
    outcome: {
      verdict: row.verdict,
      reason: reply === undefined ? (trouble.error ?? 'no reply') : reasonOf(reply),
      ...(reply !== undefined && { code: reply.code, reply: reply.text }),
      ...(reply?.enhancedCode !== undefined && { enhancedCode: reply.enhancedCode }),
      ...(waitMs !== undefined && row.verdict !== 'FAIL' && { waitMs }),
    },
  };
}

/** The outcome of a recipient that the server accepted with its reply to the final dot. */
export function accepted(text: string): Judgement['outcome'] {
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
  enhancedCode?: string;
  text: string;
}

/** RFC 5321 section 4.2 and, for the enhanced code, RFC 2034. */
function readReply(text: string): Reply {
  const match = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3}))?/.exec(text);
  return { code: Number(match?.[1] ?? 0), ...(match?.[2] !== undefined && { enhancedCode: match[2] }), text };
}

function reasonOf(reply: Reply): string {
  return reply.enhancedCode === undefined ? String(reply.code) : `${reply.code} ${reply.enhancedCode}`;
}

function matches(row: VerdictRow, trouble: Trouble, reply: Reply | undefined): boolean {
  if (row.silence !== undefined) return reply === undefined && trouble.messageBegan === (row.silence === 'after the message began');
  if (row.error !== undefined) return reply === undefined && !trouble.messageBegan && row.error.test(trouble.error ?? '');
  if (row.steps !== undefined && !row.steps.includes(trouble.step)) return false;
  if (row.codes !== undefined && !row.codes.some((code) => code === reply?.code || code === Math.floor((reply?.code ?? 0) / 100)))
    return false;
  if (row.enhanced !== undefined && !row.enhanced.includes(reply?.enhancedCode ?? '')) return false;
  return row.text === undefined || row.text.test(reply?.text ?? '');
}
