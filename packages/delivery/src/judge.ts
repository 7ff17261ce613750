/** Reads one answer of a server, or its silence, by the verdict table. */
import type { RecipientOutcome } from '@posthouse/contract';
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

/** A recipient's outcome without the recipient. */
export type Judgement = Omit<RecipientOutcome, 'address'>;

/** The verdict on a recipient that a server did not accept. */
export function judge(trouble: Trouble): Judgement {
  const reply = trouble.reply === undefined ? undefined : readReply(trouble.reply);
  const row = verdictTable.find((candidate) => matches(candidate, trouble, reply)) as VerdictRow;
  return {
    verdict: row.verdict,
    reason: reply === undefined ? (trouble.error ?? 'no reply') : reasonOf(reply),
    ...(reply !== undefined && { code: reply.code, reply: reply.text }),
    ...(reply?.enhancedCode !== undefined && { enhancedCode: reply.enhancedCode }),
    ...(row.waitMs !== undefined && { waitMs: row.waitMs }),
  };
}

/** The judgement on a recipient that the server accepted with its reply to the final dot. */
export function accepted(text: string): Judgement {
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
  if (row.errors !== undefined) return reply === undefined && row.errors.includes(trouble.error ?? '');
  if (row.silence !== undefined) return reply === undefined && trouble.messageBegan === (row.silence === 'after the message began');
  if (row.steps !== undefined && !row.steps.includes(trouble.step)) return false;
  if (row.codes !== undefined && !row.codes.some((code) => code === reply?.code || code === Math.floor((reply?.code ?? 0) / 100)))
    return false;
  if (row.enhanced !== undefined && !row.enhanced.some((code) => reply?.enhancedCode?.startsWith(code))) return false;
  return row.text === undefined || row.text.test(reply?.text ?? '');
}
