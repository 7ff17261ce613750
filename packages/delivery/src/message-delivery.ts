/** Delivers a message: composes it once, and hands it to the first provider that takes it. */
import { type Gate, type Mailbox, MailFailure, type RecipientOutcome } from '@posthouse/contract';
import { composeMessage } from './compose.ts';
import { type OutgoingMessage, redirected } from './outgoing-message.ts';
import type { Delivered, ProviderClient } from './provider-client.ts';

/** Sends messages through providers, in order of preference. */
export class MessageDelivery {
  readonly #clients: readonly ProviderClient[];
  readonly #options: { returnPath?: string; redirectTo?: Mailbox };

  /**
   * @param options.returnPath the envelope's sender, where bounces go; default: the From address
   * @param options.redirectTo outside production, the one address that every mail goes to
   */
  constructor(clients: readonly ProviderClient[], options: { returnPath?: string; redirectTo?: Mailbox } = {}) {
    this.#clients = clients;
    this.#options = options;
  }

  /**
   * @param recipients the envelope recipients that are still to be sent to
   * @param gate asked at the last moment before the message goes out
   * @param lost aborts when the mail is no longer ours
   * @throws MailFailure when the message cannot be composed; never for what a server says
   */
  async deliver(message: OutgoingMessage, recipients: readonly string[], gate: Gate, leaseLost?: AbortSignal): Promise<Delivered> {
    const { redirectTo, returnPath } = this.#options;
    const outgoing = redirectTo === undefined ? message : redirected(message, recipients, redirectTo);
    let bytes: Promise<Buffer> | undefined;
    const compose = () => {
      bytes ??= composeMessage(outgoing).catch((error: Error) => {
        throw new MailFailure('FAIL', 'compose', `the message cannot be composed: ${error.message}`, { cause: error });
      });
      return bytes;
    };
    const envelope = { from: returnPath ?? message.from.address, to: redirectTo === undefined ? [...recipients] : [redirectTo.address] };

    let delivered: Delivered | undefined;
    const passedOver: string[] = [];
    for (const client of this.#clients) {
      const tried = await client.deliver(envelope, compose, gate, leaseLost);
      // Of several providers in trouble, the one that was really tried has the better story.
      if (delivered === undefined || tried.outcomes[0]?.reason !== 'circuit-open') delivered = tried;
      if (!isProvidersTrouble(tried) || leaseLost?.aborted) break;
      passedOver.push(`${client.name}: ${tried.outcomes[0]?.reason}`);
    }
    if (delivered === undefined) throw new Error('MessageDelivery needs at least one provider');
    if (passedOver.length > 0 && this.#clients.length > 1) {
      delivered.detail = [`Passed over: ${passedOver.join(', ')}.`, delivered.detail].filter(Boolean).join(' ');
    }
    return redirectTo === undefined ? delivered : asIfUndirected(delivered, recipients);
  }
}

/** Only what no recipient's reply decided is worth asking the next provider. A shut gate is nobody's trouble. */
function isProvidersTrouble({ outcomes }: Delivered): boolean {
  return outcomes.every(({ verdict, reason }) => (verdict === 'DEFER' || verdict === 'OPEN') && reason !== 'EGATEDENIED');
}

/** The one outcome of a redirected message stands for each recipient it was meant for. */
function asIfUndirected(delivered: Delivered, recipients: readonly string[]): Delivered {
  const [outcome] = delivered.outcomes as [RecipientOutcome];
  const outcomes = recipients.map((address) => ({ ...outcome, address }));
  return { ...delivered, outcomes, ...(delivered.receipt && { receipt: { ...delivered.receipt, accepted: [...recipients] } }) };
}
