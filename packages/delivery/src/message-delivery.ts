/** Delivers a message: composes it once and sends it to the first provider that can take it. */
import { type DeliveryAttempt, type Gate, type Mailbox, MailFailure, type RecipientOutcome } from '@posthouse/contract';
import { composeMessage } from './compose.ts';
import { firstTry, type MailHistory } from './mail-history.ts';
import { type OutgoingMessage, redirected, releaseTexts } from './outgoing-message.ts';
import type { Provider } from './provider.ts';
import type { ProviderClient } from './provider-client.ts';
import { deliverWithoutUtf8 } from './utf8-recipients.ts';

/** How busy a provider's connections are, as one delivery over them ends. */
export interface ConnectionLoad {
  /** How many may be used at the moment. */
  limit: number;
  /** How many are in use. */
  used: number;
  /** Mails that wait for one, or for their slot in the sending rate. */
  waiting: number;
}

/** Called with one provider's part of a delivery. */
export type OnTransaction = (attempt: DeliveryAttempt, provider: Provider) => void;

/** Sends messages through providers, in order of preference; slow ones come last. */
export class MessageDelivery {
  /** Called after each delivery. */
  onDelivered: (load: ConnectionLoad) => void = () => undefined;
  /** Deliveries in progress. */
  readonly #active = new Map<ProviderClient, number>();
  readonly #clients: readonly ProviderClient[];
  readonly #options: { returnPath?: string; redirectTo?: Mailbox };

  /**
   * @param options.returnPath the envelope's sender, which receives bounces; default: the From address
   * @param options.redirectTo outside production: every mail is sent to this address instead of its recipients
   */
  constructor(clients: readonly ProviderClient[], options: { returnPath?: string; redirectTo?: Mailbox } = {}) {
    this.#clients = clients;
    this.#options = options;
    for (const client of clients) {
      client.pool.pace.onSlow = () => {
        if (clients.some((other) => other !== client && !other.isOpen && !other.mustWait)) client.sendWaitingElsewhere();
      };
    }
  }

  /** A mail is about to be delivered. @returns to be called once: when it is delivered, or is not going to be. See {@link SmtpPool.expectMail} */
  expectMail(): () => void {
    const client = this.#clients.find(({ isOpen, mustWait }) => !isOpen && !mustWait);
    return client?.pool.expectMail() ?? (() => undefined);
  }

  /**
   * @param message is used up: its texts are let go once it is composed
   * @param recipients the envelope recipients that are still to be sent to
   * @param gate asked just before the message is sent
   * @param leaseLost ends the wait for a connection or a sending slot, and the transaction up to the gate
   * @param history distinguishes a failure of a provider from one of this mail
   * @param onTransaction called with what each provider made of it: the result is that of the one that said most
   * @throws MailFailure when the message cannot be composed; never for what a server replies
   */
  async deliver(
    message: OutgoingMessage,
    recipients: readonly string[],
    gate: Gate,
    leaseLost?: AbortSignal,
    history: MailHistory = firstTry,
    onTransaction: OnTransaction = () => undefined,
  ): Promise<DeliveryAttempt> {
    return await deliverWithoutUtf8(message, recipients, (...sent) => this.#deliver(...sent, gate, leaseLost, history, onTransaction));
  }

  async #deliver(
    message: OutgoingMessage,
    recipients: readonly string[],
    gate: Gate,
    leaseLost: AbortSignal | undefined,
    history: MailHistory,
    onTransaction: OnTransaction,
  ): Promise<DeliveryAttempt> {
    const { redirectTo, returnPath } = this.#options;
    const outgoing = redirectTo === undefined ? message : redirected(message, recipients, redirectTo);
    let bytes: Promise<Buffer> | undefined;
    const composeOnce = async () => {
      try {
        return await composeMessage(outgoing);
      } catch (error) {
        throw new MailFailure('FAIL', 'compose', `the message cannot be composed: ${(error as Error).message}`, { cause: error });
      } finally {
        for (const composed of [message, outgoing]) releaseTexts(composed);
      }
    };
    const compose = () => {
      bytes ??= composeOnce();
      return bytes;
    };
    const envelope = {
      from: returnPath ?? message.returnPath ?? message.from.address,
      to: redirectTo === undefined ? [...recipients] : [redirectTo.address],
    };

    let attempt: DeliveryAttempt | undefined;
    const skipped = new Map<string, string>();
    // A mail waits for a provider that pauses or is slow only where no other can take it.
    const clients = [...this.#clients].sort((one, other) => Number(one.mustWait) - Number(other.mustWait));
    for (const client of clients) {
      const next = await this.#counted(client, () => client.deliver(envelope, compose, gate, leaseLost, history));
      onTransaction(next, client.provider);
      if (attempt === undefined || saysMore(next, attempt)) attempt = next;
      if (!mayTryNextProvider(next) || leaseLost?.aborted) break;
      skipped.set(client.provider.name, `${client.provider.name} (${next.outcomes[0]?.reason})`);
    }
    if (attempt === undefined) throw new Error('MessageDelivery needs at least one provider');
    skipped.delete(attempt.provider ?? '');
    if (skipped.size > 0) attempt.detail = [`Skipped: ${[...skipped.values()].join(', ')}.`, attempt.detail].filter(Boolean).join(' ');
    return redirectTo === undefined ? attempt : withoutRedirect(attempt, recipients);
  }

  async #counted<T>(client: ProviderClient, deliver: () => Promise<T>): Promise<T> {
    const count = (change: number) => {
      const active = (this.#active.get(client) ?? 0) + change;
      this.#active.set(client, active);
      return active;
    };
    count(1);
    try {
      return await deliver();
    } finally {
      const { limit, used } = client.pool;
      this.onDelivered({ limit, used, waiting: Math.max(count(-1) - used, 0) });
    }
  }
}

/**
 * Of several providers that did not take the message, one that was asked says more than one with an open circuit. One that lacks what the
 * message needs decides only when all do: the mail waits while another may take it later.
 */
function saysMore(next: DeliveryAttempt, attempt: DeliveryAttempt): boolean {
  const weight = ({ kind }: DeliveryAttempt) => (kind === 'unsupported' ? 0 : kind === 'circuit-open' ? 1 : 2);
  return weight(next) === 2 || weight(next) > weight(attempt);
}

/** Only a failure of the provider, before any reply about a recipient, is worth asking the next one. */
function mayTryNextProvider({ kind, outcomes }: DeliveryAttempt): boolean {
  switch (kind) {
    case 'connection-failed':
    case 'circuit-open':
    case 'provider-slow':
    case 'rate-limited':
    case 'unsupported':
      return true;
    case 'attempted':
      return outcomes.every(({ verdict }) => verdict === 'DEFER' || verdict === 'OPEN');
    default:
      return false;
  }
}

/** The one outcome of a redirected message counts for each recipient that it replaced. */
function withoutRedirect(attempt: DeliveryAttempt, recipients: readonly string[]): DeliveryAttempt {
  const [outcome] = attempt.outcomes as [RecipientOutcome];
  const outcomes = recipients.map((address) => ({ ...outcome, address }));
  return { ...attempt, outcomes, ...(attempt.receipt && { receipt: { ...attempt.receipt, accepted: [...recipients] } }) };
}
