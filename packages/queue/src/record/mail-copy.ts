/** What a copy of a mail is made of: the whole content of its original, for the same recipients or for corrected ones. */
import type { Envelope, Mailbox, MailContent, MailRecord } from '@posthouse/contract';
import { withoutFields } from '@posthouse/message';
import type { NewMail } from './new-record.ts';
import { keptState } from './sealed-values.ts';

/** Claims the copies of users, of the dashboard and of the command line alike. No API key has this name. */
export const copyClaimant = 'copies of the dashboard';

/** How a copy differs from its original, and who has it sent. */
export interface CopyRequest extends Pick<NonNullable<NewMail['copy']>, 'by'> {
  /** Who gets it instead of the recipients of the original. */
  recipients?: Pick<Envelope, 'to' | 'cc' | 'bcc'> | undefined;
  /** Whether a content has values that its template declares sensitive. */
  hasSensitive: (content: MailContent) => boolean;
}

/** Why there is no copy: the content is not kept completely, or has sensitive values and would go to somebody else. */
export type CopyRefusal = 'content-incomplete' | 'sensitive-content';

/**
 * A new mail with the content of another one. It has as much time until it expires as the original had, beginning now.
 *
 * @param original with its content
 * @param now ms since the epoch
 */
export function newCopy(original: MailRecord, { recipients, by, hasSensitive }: CopyRequest, now: number): NewMail | CopyRefusal {
  const whole = wholeContent(original);
  const content = whole && { ...whole };
  if (content === undefined) return 'content-incomplete';
  if (content.raw !== undefined) content.raw = withoutMessageId(content.raw);
  const known = new Set(original.recipients.map(({ address }) => address.toLowerCase()));
  const { to, cc, bcc } = recipients ?? original.envelope;
  const isElsewhere = [...to, ...cc, ...bcc].some(({ address }) => !known.has(address.toLowerCase()));
  if (isElsewhere && hasSensitive(content)) return 'sensitive-content';
  const { id, apiKey, envelope, templatesHash, priority, tags, metadata, onUncertain, expiresAt, dueAt } = original;
  return {
    apiKey,
    envelope: { ...envelope, to, cc, bcc },
    content,
    ...(templatesHash !== undefined && { templatesHash }),
    priority,
    tags,
    ...(metadata !== undefined && { metadata }),
    expiresAt: now + expiresAt - dueAt,
    onUncertain,
    copy: { of: id, by },
  };
}

/** The content as it was accepted; undefined where some of it is not stored any more. */
function wholeContent({ content, keptContent }: MailRecord): MailContent | undefined {
  if (content !== undefined || keptContent === undefined || keptState(keptContent) !== 'complete') return content;
  const { template, literal, raw, headers } = keptContent;
  return {
    ...(template !== undefined && { template: { name: template.name, locale: template.locale, data: template.data } }),
    ...(literal !== undefined && { literal }),
    ...(raw?.message !== undefined && { raw: { subject: raw.subject, message: raw.message } }),
    attachments: [],
    headers,
  };
}

/** A copy is another message: it gets a Message-ID of its own. */
function withoutMessageId({ subject, message }: NonNullable<MailContent['raw']>): NonNullable<MailContent['raw']> {
  const copied = withoutFields(Buffer.from(message, 'base64'), (name) => name === 'message-id');
  return { subject, message: copied.message.toString('base64') };
}

/**
 * A corrected address is in the header field that the wrong one was in. One that has no counterpart is in `To`, or in none where the
 * original has recipients that the others must not see.
 */
export function likeRecipients({ envelope, recipients }: MailRecord, mailboxes: readonly Mailbox[]): Pick<Envelope, 'to' | 'cc' | 'bcc'> {
  const like: Pick<Envelope, 'to' | 'cc' | 'bcc'> = { to: [], cc: [], bcc: [] };
  const named = [...envelope.to, ...envelope.cc, ...envelope.bcc];
  for (const [n, mailbox] of mailboxes.entries()) {
    const isSame = ({ address }: { address: string }) => address.toLowerCase() === mailbox.address.toLowerCase();
    const corrected = mailboxes.length === recipients.length ? recipients[n] : undefined;
    const kind = (recipients.find(isSame) ?? corrected)?.kind ?? (envelope.bcc.length > 0 ? 'bcc' : 'to');
    like[kind].push(mailbox.name === undefined ? (named.find(isSame) ?? mailbox) : mailbox);
  }
  return like;
}
