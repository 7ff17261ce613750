/** Addresses that only SMTPUTF8 can write, where no provider offers it: these recipients fail, and the others get the message without them. */
import type { DeliveryAttempt, RecipientOutcome } from '@posthouse/contract';
import type { OutgoingMessage } from './outgoing-message.ts';

/**
 * @param message is used up by the first delivery
 * @param deliver sends a message to recipients; called again, for the other recipients, when no provider offers SMTPUTF8
 * @returns an outcome for each recipient
 */
export async function deliverWithoutUtf8(
  message: OutgoingMessage,
  recipients: readonly string[],
  deliver: (message: OutgoingMessage, recipients: readonly string[]) => Promise<DeliveryAttempt>,
): Promise<DeliveryAttempt> {
  const others = recipients.filter(isAscii);
  // Made before the message is used up, and for hardly any.
  const withoutThem = needsUtf8(message, recipients) && canLeaveOutRecipients(message) ? withoutUtf8Recipients(message) : undefined;
  const attempt = await deliver(message, recipients);
  if (others.length === 0 || withoutThem === undefined || !attempt.outcomes.every(isNotOffered)) return attempt;
  const rest = await deliver(withoutThem, others);
  const outcomes = new Map([...attempt.outcomes, ...rest.outcomes].map((outcome) => [outcome.address, outcome]));
  const [first] = rest.outcomes;
  // A deferral uses no attempt: nothing is decided for anybody.
  const isDeferral = rest.outcomes.every(({ verdict }) => verdict === 'DEFER' || verdict === 'OPEN');
  const outcomeOf = (address: string) => (isDeferral ? { ...first, address } : outcomes.get(address)) as RecipientOutcome;
  return { ...rest, outcomes: recipients.map(outcomeOf) };
}

function isAscii(address: string): boolean {
  return /^\p{ASCII}*$/u.test(address);
}

function needsUtf8({ to, cc }: OutgoingMessage, recipients: readonly string[]): boolean {
  return ![...recipients, ...[...to, ...cc].map(({ address }) => address)].every(isAscii);
}

function isNotOffered({ reason }: RecipientOutcome): boolean {
  return reason === 'smtputf8-not-offered';
}

/** The sender and the addresses for replies are part of the message. */
function canLeaveOutRecipients({ from, replyTo }: OutgoingMessage): boolean {
  return [from, ...replyTo].every(({ address }) => isAscii(address));
}

function withoutUtf8Recipients(message: OutgoingMessage): OutgoingMessage {
  const ascii = (list: OutgoingMessage['to']) => list.filter(({ address }) => isAscii(address));
  // The header of a message that the caller made stays; where it is not ASCII, no recipient gets it.
  return { ...message, to: ascii(message.to), cc: ascii(message.cc) };
}
