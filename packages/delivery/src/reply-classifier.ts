/** Classifies one reply of a server, or the lack of one, by the known account refusals and the verdict table. */
import type { DeliveryStep, Reason, RecipientOutcome, Timings } from '@posthouse/contract';
import { type AccountRefusal, accountRefusals } from './account-refusals.ts';
import type { ConnectionError } from './connection-error.ts';
import { parseRetryAfter } from './retry-after.ts';
import { parseReply, replyReason, type SmtpReply } from './smtp-reply.ts';
import type { Transaction } from './smtp-session.ts';
import type { VerdictRow } from './verdict-row.ts';
import { verdictTable } from './verdict-table.ts';

/** What a server did not accept, and where. */
export interface SmtpFailure {
  step: DeliveryStep;
  /** The reply, when there was one. */
  reply?: string;
  /** Without a reply: what happened instead. */
  error?: Reason;
  /** Whether bytes of the message had been sent. */
  messageStarted: boolean;
  /** The connection had been opened before this transaction. */
  reused?: true;
  /** The server accepted the message for another recipient. */
  othersAccepted?: true;
}

/** What is known about the mail beyond this transaction. */
export interface MailContext {
  /** How often it was put back without using an attempt. */
  deferralCount: number;
  /** The provider has accepted another mail since this one was last tried. */
  othersAccepted: boolean;
}

/** A recipient's outcome without the recipient, and the row that decided; an acceptance needs none. */
export interface Classification<Row = VerdictRow> {
  outcome: Omit<RecipientOutcome, 'address'>;
  row: Row;
  /** The row may speak of the provider, but the cause is this mail: see {@link VerdictRow.ownVerdict}. */
  isOwn?: true;
  /** The delay that the server asks for, in ms. */
  retryAfterMs?: number;
}

const firstTry: MailContext = { deferralCount: 0, othersAccepted: false };

/** The outcome of a failure, by the first row that matches. */
export function classify(failure: SmtpFailure, timings: Timings['reply'], mail: MailContext = firstTry): Classification {
  const reply = failure.reply === undefined ? undefined : parseReply(failure.reply);
  const row = accountRefusal(failure, reply) ?? (verdictTable.find((candidate) => matches(candidate, failure, reply)) as VerdictRow);
  const isOwn = row.ownVerdict !== undefined && mail.othersAccepted;
  const verdict = isOwn ? ownVerdict(row, reply) : row.verdict;
  const retryAfterMs = retryAfter(row, reply, timings);
  const waitMs = retryAfterMs ?? (isOwn ? undefined : waitOf(row, timings, mail));
  return {
    row,
    ...(isOwn && { isOwn }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    outcome: {
      verdict,
      reason: reply === undefined ? (failure.error ?? 'no-reply') : replyReason(reply),
      step: failure.step,
      ...(reply !== undefined && { code: reply.code, reply: reply.text }),
      ...(reply?.enhancedCode !== undefined && { enhancedCode: reply.enhancedCode }),
      ...(waitMs !== undefined && verdict !== 'FAIL' && { waitMs }),
    },
  };
}

/** The outcome of a transaction for one of its recipients: the first failure decides, of the sender, the recipient or the message. */
export function classifyRecipient(
  transaction: Transaction,
  address: string,
  timings: Timings['reply'],
  mail: MailContext = firstTry,
): Classification<VerdictRow | undefined> {
  const failure = failureOf(transaction, address);
  if (failure !== undefined) return classify(failure, timings, mail);
  return { row: undefined, outcome: acceptance(transaction.transcript.reply('.') as string) };
}

/**
 * True when the server ended the connection before the message was sent, with a 421, with words of a connection's limit or without a reply:
 * nothing was said about the mail or the account, and the mail may be sent over another connection.
 */
export function connectionEnded(transaction: Transaction, recipients: readonly string[]): boolean {
  if (transaction.messageStarted || transaction.denied !== undefined) return false;
  return recipients.some((address) => {
    const failure = failureOf(transaction, address);
    if (failure === undefined) return false;
    // Without a reply, other codes of ours say why the message was not offered.
    if (failure.reply === undefined) return failure.error === 'out-of-step' || !/^(EMESSAGE|EENVELOPE|[a-z].*)$/.test(failure.error ?? '');
    const kind = accountRefusal({ step: failure.step, messageStarted: false }, parseReply(failure.reply))?.kind;
    if (kind === 'connection-limit') return true;
    return failure.reply.startsWith('421') && (kind === undefined || kind === 'busy');
  });
}

/**
 * True when a server that has other connections of ours may refuse this one because of their number. A server may refuse it before TLS, in
 * clear, as if it had no TLS.
 */
export function wantsFewerConnections({ step, code, reply }: ConnectionError): boolean {
  if (reply === undefined) return code === 'wrong-scheme';
  const refusal = accountRefusal({ step, reply, messageStarted: false }, parseReply(reply));
  return refusal === undefined ? reply.startsWith('421') : refusal.kind === 'busy' || refusal.kind === 'connection-rate';
}

/** The outcome of a recipient whose message the server accepted with its reply to the final dot. */
export function acceptance(text: string): Classification['outcome'] {
  const reply = parseReply(text);
  return {
    verdict: 'ACCEPT',
    reason: replyReason(reply),
    code: reply.code,
    reply: reply.text,
    ...(reply.enhancedCode !== undefined && { enhancedCode: reply.enhancedCode }),
  };
}

function failureOf({ transcript, messageStarted, error, reused }: Transaction, address: string): SmtpFailure | undefined {
  // Which reply belongs to which recipient is unknown then.
  if (error === 'out-of-step') return { step: messageStarted ? 'DOT' : 'DATA', error, messageStarted, ...(reused && { reused }) };
  const replies = [
    { step: 'MAIL', reply: transcript.reply('MAIL'), accepted: '2' },
    { step: 'RCPT', reply: transcript.reply(`RCPT ${address}`), accepted: '2' },
    { step: 'DATA', reply: transcript.reply('DATA'), accepted: '23' },
    { step: 'DOT', reply: transcript.reply('.'), accepted: '2' },
  ] as const;
  // Without an accepted recipient no message is sent.
  const othersAccepted = messageStarted && transcript.reply('.')?.startsWith('2') === true;
  const facts = { messageStarted, ...(reused && { reused }), ...(othersAccepted && { othersAccepted }) };
  for (const { step, reply, accepted } of replies) {
    if (reply === undefined) return { step, error: error ?? 'ECONNECTION', ...facts };
    if (!accepted.includes(reply.charAt(0))) return { step, reply, ...facts };
  }
  return undefined;
}

function accountRefusal(failure: SmtpFailure, reply: SmtpReply | undefined): AccountRefusal | undefined {
  if (reply === undefined || reply.code < 400) return undefined;
  const refusal = accountRefusals.find((candidate) => matches(candidate, failure, reply));
  return refusal?.kind === 'connection-limit' && failure.reused ? undefined : refusal;
}

function matches(row: VerdictRow, failure: SmtpFailure, reply: SmtpReply | undefined): boolean {
  if (row.noReply !== undefined && (reply !== undefined || failure.messageStarted !== (row.noReply === 'after the message started')))
    return false;
  if (row.error !== undefined && (reply !== undefined || failure.messageStarted || !row.error.test(failure.error ?? ''))) return false;
  if (row.reused !== undefined && !failure.reused) return false;
  if (row.othersAccepted !== undefined && !failure.othersAccepted) return false;
  if (row.steps !== undefined && !row.steps.includes(failure.step)) return false;
  if (row.codes !== undefined && !row.codes.some((code) => code === reply?.code || code === Math.floor((reply?.code ?? 0) / 100)))
    return false;
  if (row.enhanced !== undefined && !row.enhanced.includes(reply?.enhancedCode ?? '')) return false;
  return row.text === undefined || row.text.test(reply?.words ?? '');
}

/** A temporary refusal is never final. */
function ownVerdict({ ownVerdict = 'RETRY' }: VerdictRow, reply: SmtpReply | undefined): 'RETRY' | 'FAIL' {
  return reply === undefined || reply.code < 500 ? 'RETRY' : ownVerdict;
}

/** A time in a 5yz reply counts where the reply is known to be about the account: `554 … will be enabled in 341 seconds`. */
function retryAfter(row: VerdictRow, reply: SmtpReply | undefined, { retryAfterMax }: Timings['reply']): number | undefined {
  if (reply === undefined || (reply.code >= 500 && row.failure === undefined)) return undefined;
  return parseRetryAfter(reply.words, retryAfterMax, Date.now());
}

function waitOf({ wait }: VerdictRow, timings: Timings['reply'], { deferralCount }: MailContext): number | undefined {
  if (wait === undefined) return undefined;
  if (wait === 'none') return 0;
  const timing = timings[wait];
  return typeof timing === 'number' ? timing : Math.min(timing.initial * 2 ** Math.min(deferralCount, 20), timing.max);
}
