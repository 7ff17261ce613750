/** Renders a mail for the preview: with the renderer of the worker and the composer of its messages, so that the bytes are the same. */
import { type Issue, type Mailbox, MailFailure } from '@posthouse/contract';
import { composeMessage } from '@posthouse/delivery';
import { viewMessage } from '@posthouse/mailview';
import type { LazyTemplate } from '@posthouse/templates/lazy';
import type { RenderedMail, TemplateIssue } from '@posthouse/templates/render';

/** A mail that renders. */
export interface PreviewMail extends RenderedMail {
  /** The message (RFC 5322). */
  readonly raw: Buffer;
  readonly headers: readonly { name: string; value: string }[];
}

/** What came of rendering a mail: the mail, or why it cannot be sent. */
export type PreviewResult =
  | { kind: 'mail'; mail: PreviewMail }
  /** The API would refuse the data. */
  | { kind: 'data'; issues: readonly Issue[] }
  /** The worker would refuse the template. */
  | { kind: 'template'; issues: readonly TemplateIssue[] }
  /** The worker could not render the mail. */
  | { kind: 'failure'; message: string };

/** From and To of the message. */
export interface Correspondents {
  from: Mailbox;
  to: Mailbox;
}

/**
 * Renders a mail.
 * @param locale one of the template's
 */
export async function renderMail(
  { name, renderer, issues }: LazyTemplate,
  data: Record<string, unknown>,
  locale: string,
  { from, to }: Correspondents,
): Promise<PreviewResult> {
  if (renderer === undefined) return { kind: 'template', issues };
  const dataIssues = [...renderer.catalogue.check(name, data)];
  if (dataIssues.length > 0) return { kind: 'data', issues: dataIssues.map((issue) => ({ ...issue, pointer: `/data${issue.pointer}` })) };
  try {
    const rendered = renderer.render(name, data, locale);
    const messageId = '<preview@posthouse.invalid>';
    const message = { messageId, date: new Date(), from, to: [to], cc: [], replyTo: [], ...rendered, attachments: [], headers: {} };
    const raw = await composeMessage(message);
    const { headers } = await viewMessage(raw);
    return { kind: 'mail', mail: { ...rendered, raw, headers } };
  } catch (error) {
    if (error instanceof MailFailure) return { kind: 'failure', message: error.message };
    throw error;
  }
}
