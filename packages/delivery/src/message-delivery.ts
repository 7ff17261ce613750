/**
 * Delivers a message: composes it once, hands it to the first provider that takes it, and reads the transcript
 * into an outcome for each recipient.
 */
import { type Mailbox, MailFailure, type Receipt, type RecipientOutcome, type Step } from '@posthouse/contract';
import { composeMessage } from './compose.ts';
import { accepted, judge } from './judge.ts';
import { type OutgoingMessage, redirected } from './outgoing-message.ts';
import type { SmtpPool } from './smtp-pool.ts';
import { SessionFault, type Transaction } from './smtp-session.ts';

/** What a delivery came to. */
export interface Delivered {
  at: number;
  durationMs: number;
  provider: string;
  steps: Step[];
  /** Why no transaction was possible, in words. */
  detail?: string;
  /** One for each recipient asked for, in that order. */
  outcomes: RecipientOutcome[];
  /** Present when a server accepted the message for anyone. */
  receipt?: Receipt;
}

/** Sends messages through providers, in order of preference. */
export class MessageDelivery {
  readonly #pools: readonly SmtpPool[];
  readonly #options: { returnPath?: string; redirectTo?: Mailbox };

  /**
   * @param options.returnPath the envelope's sender, where bounces go; default: the From address
   * @param options.redirectTo outside production, the one address that every mail goes to
   */
  constructor(pools: readonly SmtpPool[], options: { returnPath?: string; redirectTo?: Mailbox } = {}) {
    this.#pools = pools;
    this.#options = options;
  }

  /**
   * @param recipients the envelope recipients that are still to be sent to
   * @throws MailFailure when the message cannot be composed; never for what a server says
   */
  async deliver(message: OutgoingMessage, recipients: readonly string[]): Promise<Delivered> {
    const { redirectTo, returnPath } = this.#options;
    const outgoing = redirectTo === undefined ? message : redirected(message, recipients, redirectTo);
    const bytes = await composeMessage(outgoing).catch((error: Error) => {
      throw new MailFailure('FAIL', 'compose', `the message cannot be composed: ${error.message}`, { cause: error });
    });
    const envelope = { from: returnPath ?? message.from.address, to: redirectTo === undefined ? [...recipients] : [redirectTo.address] };

    let delivered: Delivered | undefined;
    for (const pool of this.#pools) {
      delivered = await through(pool, envelope, bytes);
      if (delivered.outcomes.some(({ verdict }) => verdict !== 'DEFER')) break;
    }
    if (delivered === undefined) throw new Error('MessageDelivery needs at least one provider');
    return redirectTo === undefined ? delivered : asIfUndirected(delivered, recipients);
  }
}

async function through(pool: SmtpPool, envelope: { from: string; to: string[] }, bytes: Buffer): Promise<Delivered> {
  const at = Date.now();
  const provider = pool.provider.name;
  try {
    const transaction = await pool.transact(envelope, bytes);
    const outcomes = envelope.to.map((address) => outcomeOf(transaction, address));
    const taken = outcomes.filter(({ verdict }) => verdict === 'ACCEPT').map(({ address }) => address);
    const response = transaction.transcript.reply('.') ?? '';
    return {
      at,
      durationMs: Date.now() - at,
      provider,
      steps: transaction.transcript.steps,
      outcomes,
      ...(taken.length > 0 && { receipt: { at: Date.now(), provider, response, accepted: taken } }),
    };
  } catch (error) {
    if (!(error instanceof SessionFault)) throw error;
    const judgement = judge({
      step: error.step,
      error: error.code,
      messageBegan: false,
      ...(error.reply !== undefined && { reply: error.reply }),
    });
    const outcomes = envelope.to.map((address) => ({ address, ...judgement }));
    return { at, durationMs: Date.now() - at, provider, steps: [], detail: error.message, outcomes };
  }
}

/** The first refusal on a recipient's way decides: of the sender, of the recipient, of the message. */
function outcomeOf({ transcript, messageBegan, error }: Transaction, address: string): RecipientOutcome {
  const answers = [
    { step: 'MAIL', reply: transcript.reply('MAIL'), good: '2' },
    { step: 'RCPT', reply: transcript.reply(`RCPT ${address}`), good: '2' },
    { step: 'DATA', reply: transcript.reply('DATA'), good: '23' },
    { step: 'DOT', reply: transcript.reply('.'), good: '2' },
  ] as const;
  for (const { step, reply, good } of answers) {
    if (reply === undefined) return { address, ...judge({ step, messageBegan, error: error ?? 'ECONNECTION' }) };
    if (!good.includes(reply.charAt(0))) return { address, ...judge({ step, reply, messageBegan }) };
  }
  return { address, ...accepted(transcript.reply('.') as string) };
}

/** The one outcome of a redirected message stands for each recipient it was meant for. */
function asIfUndirected(delivered: Delivered, recipients: readonly string[]): Delivered {
  const [outcome] = delivered.outcomes as [RecipientOutcome];
  const outcomes = recipients.map((address) => ({ ...outcome, address }));
  return { ...delivered, outcomes, ...(delivered.receipt && { receipt: { ...delivered.receipt, accepted: [...recipients] } }) };
}
