/**
 * The states of a mail. `sent` means that a relay accepted it for at least one recipient; no server
 * tells anyone more than that. A mail is derived from its recipients: any pending → `retrying`;
 * else any accepted → `sent`; else `failed`.
 */
export const mailStates = ['queued', 'scheduled', 'sending', 'retrying', 'sent', 'failed', 'expired', 'cancelled', 'uncertain'] as const;

/** Where a mail is in its life. */
export type MailState = (typeof mailStates)[number];

/** What is known of one recipient: still to be sent to, accepted by a relay, or refused for good. */
export type RecipientState = 'pending' | 'accepted' | 'refused';

const finalStates: ReadonlySet<MailState> = new Set(['sent', 'failed', 'expired', 'cancelled', 'uncertain']);

/** True when the queue has nothing left to do for a mail in this state. */
export function isFinal(state: MailState): boolean {
  return finalStates.has(state);
}
