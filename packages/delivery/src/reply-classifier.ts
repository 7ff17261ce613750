/** Classifies one reply of a server, or the lack of one, by the verdict table. */
import type { Reason, RecipientOutcome, Timings } from '@posthouse/contract';
import { parseReply, parseRetryAfter, replyReason, type SmtpReply } from './smtp-reply.ts';
import type { Transaction } from './smtp-session.ts';
import { type DeliveryStep, type VerdictRow, verdictTable } from './verdict-table.ts';

/** What a server did not accept, and where. */
export interface SmtpFailure {
  step: DeliveryStep;
  /** The reply, when there was one. */
  reply?: string;
  /** Without a reply: what happened instead. */
  error?: Reason;
  /** Whether bytes of the message had been sent. */
  messageStarted: boolean;
}

/** A recipient's outcome without the recipient, and the row that decided; an acceptance needs none. */
export interface Classification<Row = VerdictRow> {
  outcome: Omit<RecipientOutcome, 'address'>;
  row: Row;
}

/** The outcome of a failure, by the first row of the table that matches. */
export function classify(failure: SmtpFailure, timings: Timings['reply']): Classification {
  const reply = failure.reply === undefined ? undefined : parseReply(failure.reply);
  const row = verdictTable.find((candidate) => matches(candidate, failure, reply)) as VerdictRow;
  const retryAfter = reply === undefined ? undefined : parseRetryAfter(reply.text, timings.retryAfterMax);
  const waitMs = retryAfter ?? (row.wait === 'none' ? 0 : row.wait && timings[row.wait]);
  return {
    row,
    outcome: {
      verdict: row.verdict,
      reason: reply === undefined ? (failure.error ?? 'no-reply') : replyReason(reply),
      ...(reply !== undefined && { code: reply.code, reply: reply.text }),
      ...(reply?.enhancedCode !== undefined && { enhancedCode: reply.enhancedCode }),
      ...(waitMs !== undefined && row.verdict !== 'FAIL' && { waitMs }),
    },
  };
}

/** The outcome of a transaction for one of its recipients: the first failure decides, of the sender, the recipient or the message. */
export function classifyRecipient(
  { transcript, messageStarted, error }: Transaction,
  address: string,
  timings: Timings['reply'],
): Classification<VerdictRow | undefined> {
  const replies = [
    { step: 'MAIL', reply: transcript.reply('MAIL'), accepted: '2' },
    { step: 'RCPT', reply: transcript.reply(`RCPT ${address}`), accepted: '2' },
    { step: 'DATA', reply: transcript.reply('DATA'), accepted: '23' },
    { step: 'DOT', reply: transcript.reply('.'), accepted: '2' },
  ] as const;
  for (const { step, reply, accepted } of replies) {
    if (reply === undefined) return classify({ step, messageStarted, error: error ?? 'ECONNECTION' }, timings);
    if (!accepted.includes(reply.charAt(0))) return classify({ step, reply, messageStarted }, timings);
  }
  return { row: undefined, outcome: acceptance(transcript.reply('.') as string) };
}

/** The outcome of a recipient whose message the server accepted with its reply to the final dot. */
export function acceptance(text: string): Classification['outcome'] {
  const reply = parseReply(text);
  return {
    verdict: 'ACCEPT',
    reason: replyReason(reply),
    code: reply.code,
    reply: text,
    ...(reply.enhancedCode !== undefined && { enhancedCode: reply.enhancedCode }),
  };
}

function matches(row: VerdictRow, failure: SmtpFailure, reply: SmtpReply | undefined): boolean {
  if (row.noReply !== undefined) return reply === undefined && failure.messageStarted === (row.noReply === 'after the message started');
  if (row.error !== undefined) return reply === undefined && !failure.messageStarted && row.error.test(failure.error ?? '');
  if (row.steps !== undefined && !row.steps.includes(failure.step)) return false;
  if (row.codes !== undefined && !row.codes.some((code) => code === reply?.code || code === Math.floor((reply?.code ?? 0) / 100)))
    return false;
  if (row.enhanced !== undefined && !row.enhanced.includes(reply?.enhancedCode ?? '')) return false;
  return row.text === undefined || row.text.test(reply?.text ?? '');
}
