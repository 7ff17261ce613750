/** A mail as the API and the command line return it: times in ISO 8601, content only where it was read, sensitive template data masked. */
import type { KeptContent, MailContent, MailRecord } from '@posthouse/contract';
import type { MailSummary } from './mail-summary.ts';

/** Masks what a template calls sensitive: `Catalogue.masked`. */
type Mask = (template: string, data: Record<string, unknown>) => Record<string, unknown>;

/** @param copies the ids of its copies that the caller may see @param mask for template data */
export function viewMail(record: MailRecord, copies: string[], mask: Mask) {
  const { v: _version, actions: _operators, envelope, content, keptContent, contentUntil, ...rest } = record;
  const { expiresAt, lastDeferral, receipt, ...common } = rest;
  return {
    ...viewCommon(common),
    ...(copies.length > 0 && { copies }),
    expiresAt: toIso(expiresAt),
    from: envelope.from,
    attempts: record.attempts.map((attempt) => ({ ...attempt, at: toIso(attempt.at) })),
    ...(lastDeferral !== undefined && { lastDeferral: { ...lastDeferral, at: toIso(lastDeferral.at) } }),
    ...(receipt !== undefined && { receipt: { ...receipt, at: toIso(receipt.at) } }),
    ...(contentUntil !== undefined && { contentUntil: toIso(contentUntil) }),
    ...(content !== undefined && { content: viewContent(content, mask) }),
    ...(keptContent !== undefined && { content: viewKept(keptContent, mask) }),
  };
}

/** A mail as a list shows it, also where its record cannot be read. */
export function viewListed({ error, ...mail }: MailSummary) {
  return { ...viewCommon(mail), ...(error !== undefined && { issue: error }) };
}

/** Converts the times that a mail and an entry of the list have in common; the other fields stay. */
function viewCommon<T extends Pick<MailRecord, 'createdAt' | 'dueAt' | 'nextAttemptAt' | 'endedAt' | 'recipients'>>(mail: T) {
  const { createdAt, dueAt, nextAttemptAt, endedAt, recipients, ...rest } = mail;
  return {
    ...rest,
    createdAt: toIso(createdAt),
    dueAt: toIso(dueAt),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: toIso(nextAttemptAt) }),
    ...(endedAt !== undefined && { endedAt: toIso(endedAt) }),
    recipients: recipients.map(({ at, ...recipient }) => ({ ...recipient, ...(at !== undefined && { at: toIso(at) }) })),
  };
}

function viewContent(content: MailContent, mask: Mask) {
  const attachments = content.attachments.map(({ filename, contentType, content: base64 }) => ({
    filename,
    ...(contentType !== undefined && { contentType }),
    bytes: Buffer.byteLength(base64, 'base64'),
  }));
  return viewKept({ ...content, attachments }, mask);
}

function viewKept<T extends Pick<KeptContent, 'attachments' | 'headers'> & Pick<MailContent, 'template'>>(content: T, mask: Mask) {
  const { template } = content;
  return { ...content, ...(template !== undefined && { template: { ...template, data: mask(template.name, template.data) } }) };
}

/** @param ms since the epoch */
export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
