/** Notifications by mail: sent at once and past the queue, through the first provider whose circuit is closed. */
import { randomUUID } from 'node:crypto';
import { addressDomain, type Mailbox } from '@posthouse/contract';
import type { MessageDelivery } from '@posthouse/delivery';
import { incidentText, isQuiet, type NotifyTarget, type QuietHours } from '@posthouse/runtime';

/** @param timeoutMs within which a connection must be there */
export function mailTarget(
  delivery: MessageDelivery,
  { from, to }: { from: Mailbox; to: Mailbox },
  quiet: QuietHours | undefined,
  timeoutMs: number,
): NotifyTarget {
  return {
    name: 'mail',
    isQuiet: (now) => isQuiet(quiet, now),
    send: async (message) => {
      const outgoing = {
        messageId: `<${randomUUID()}@${addressDomain(from.address)}>`,
        date: new Date(),
        from,
        to: [to],
        cc: [],
        replyTo: [],
        attachments: [],
        subject: `[Posthouse] ${message.event === 'began' ? message.severity : 'ended'}: ${message.summary}`,
        text: `${incidentText(message)}\n`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      };
      const gate = async () => ({ kind: 'open' as const });
      const attempt = await delivery.deliver(outgoing, [to.address], gate, AbortSignal.timeout(timeoutMs));
      if (attempt.receipt === undefined) throw new Error(`the mail was not accepted: ${attempt.outcomes[0]?.reason}`);
    },
  };
}
