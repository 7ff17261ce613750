/**
 * The states of a mail. A mail's state follows from its recipients: any pending → `retrying`; else any accepted → `sent`; else
 * `failed`. Every change of state is one Lua script in packages/queue that names the states it accepts.
 */

/** In the order of a mail's life: waiting, in progress, ended. */
export const mailStates = ['queued', 'scheduled', 'sending', 'retrying', 'sent', 'failed', 'expired', 'cancelled', 'uncertain'] as const;

/**
 * Where a mail is in its life.
 *
 * - `queued`: accepted and due. A worker sends it as soon as one is free: first by priority, then in order of acceptance. A mail that a
 *   user retries or sends now is queued again. It becomes `sending` when a worker takes it; it can be cancelled.
 * - `scheduled`: accepted with a `scheduledAt` in the future. Its job is delayed until then. It can be cancelled or sent now.
 * - `sending`: a worker holds the lease on it. Until the gate opens it can still be cancelled; after that only the reply, or its
 *   absence, decides. When its worker dies, another takes it over once the lease has run out.
 * - `retrying`: at least one recipient is pending after a temporary failure, or the provider could not take the mail. It is tried again
 *   at `nextAttemptAt`, for the pending recipients only; recipients that were accepted are never sent to again.
 * - `sent`: final. A relay accepted the message for at least one recipient; no server says more than that. With `partial`, other
 *   recipients were rejected, and the content stays. Otherwise it is deleted, or replaced by `KeptContent`.
 * - `failed`: final. Every recipient was rejected: by a permanent failure, or because the schedule of retries ended. The content is
 *   kept until its retention ends, because a user may fix the cause and retry.
 * - `expired`: final. `expiresAt` passed before the mail was sent. The content is deleted; the application must request it again.
 * - `cancelled`: final. A caller or user cancelled it before it was sent. The content is deleted.
 * - `uncertain`: final until a user decides. The message was sent and no reply came, and `onUncertain` is `hold` or the schedule has
 *   ended. Resolve settles it as delivered, or queues it again for the recipients whose outcome is unknown.
 */
export type MailState = (typeof mailStates)[number];

/** What is known of one recipient: still to be sent to, accepted by a relay, or permanently rejected. */
export type RecipientState = 'pending' | 'accepted' | 'rejected';

const finalStates: ReadonlySet<MailState> = new Set(['sent', 'failed', 'expired', 'cancelled', 'uncertain']);

/** True when the queue has nothing left to do for a mail in this state. */
export function isFinal(state: MailState): boolean {
  return finalStates.has(state);
}
