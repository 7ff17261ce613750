/** Sends one mail of the preview to a person: through the relay, or through the API of a sandbox, whose inbox then has it. */
import type { Mailbox, Timings } from '@posthouse/contract';
import { MessageDelivery, type Provider, ProviderClient, SmtpPool } from '@posthouse/delivery';
import type { RenderedMail } from '@posthouse/templates/render';
import type { SendingConfig } from '../config.ts';

/** What a person is sent. */
type SentMail = RenderedMail & { from: Mailbox; to: Mailbox };

/** Sends mails. */
export interface PreviewSender {
  /** Completes the sentence "Sent through …". */
  readonly name: string;
  /** @returns what the server replied @throws Error with the reason */
  send(mail: SentMail): Promise<string>;
}

/** @returns undefined where nothing is configured */
export function previewSender({ providers, smtpCa, redirectTo, api }: SendingConfig, timings: Timings): PreviewSender | undefined {
  const provider = providers?.find(({ oauth }) => oauth === undefined);
  if (provider !== undefined) return relaySender(provider, smtpCa, redirectTo, timings);
  return api && apiSender(api);
}

function relaySender(provider: Provider, ca: string | undefined, redirectTo: Mailbox | undefined, timings: Timings): PreviewSender {
  const ignored = async () => undefined;
  // One mail at a time, for a person who waits: no other worker, and nothing to count.
  const circuit = { isOpen: false, fail: ignored, succeed: ignored };
  return {
    name: redirectTo === undefined ? provider.name : `${provider.name}, and MAIL_REDIRECT_TO: to ${redirectTo.address}`,
    async send({ from, to, ...rendered }) {
      const pool = new SmtpPool({ ...provider, pool: 1 }, ca === undefined ? {} : { ca }, timings.smtp);
      const delivery = new MessageDelivery(
        [new ProviderClient(pool, circuit, undefined, timings, () => undefined)],
        redirectTo && { redirectTo },
      );
      const messageId = `<preview-${crypto.randomUUID()}@${from.address.split('@').at(-1)}>`;
      const message = { messageId, date: new Date(), from, to: [to], cc: [], replyTo: [], ...rendered, attachments: [], headers: {} };
      await pool.start();
      try {
        const { receipt, outcomes, detail } = await delivery.deliver(message, [to.address], async () => ({ kind: 'open' }));
        if (receipt !== undefined) return `${provider.name} accepted it: ${receipt.response}`;
        throw new Error([outcomes[0]?.reply ?? outcomes[0]?.reason, detail].filter(Boolean).join(' '));
      } finally {
        await pool.stop();
      }
    },
  };
}

function apiSender({ url, key }: { url: string; key: string }): PreviewSender {
  return {
    name: `the API at ${url}, as literal content`,
    async send({ to, subject, html, text }) {
      const { Posthouse } = await import('@posthouse/client');
      const { id } = await new Posthouse({ url, key }).mails.send({ to: to.address, content: { subject, html, text } });
      return `The API accepted it as ${id}. A sandbox shows it in its inbox.`;
    },
  };
}
