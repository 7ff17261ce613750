/**
 * The message of a mail, rendered again with this process's templates. Sensitive data is replaced by sample values, so that no user of the
 * dashboard gets a link that was meant for the recipient only.
 */
import { type MailContent, MailFailure, type MailRecord, type MailState } from '@posthouse/contract';
import { composeMessage, type OutgoingMessage, outgoingMessage } from '@posthouse/delivery';
import { type MessageDocument, messageDocument, type ViewedHeader, viewMessage } from '@posthouse/mailview';
import type { Renderer } from '@posthouse/templates/render';

/** What can be shown of a mail's message. */
export type MailMessage =
  /** `redacted`: JSON pointers to the data that has sample values here. `data` is masked. */
  | { kind: 'message'; message: OutgoingMessage; redacted: readonly string[]; data?: Record<string, unknown> }
  /** The content was deleted `at` that time, in ms since the epoch. `reason` is a sentence without its end. */
  | { kind: 'deleted'; at?: number; reason: string }
  /** No message can be rendered now. `reason` has none of the data, and `data` is masked. */
  | { kind: 'error'; reason: string; data?: Record<string, unknown> };

/** @param record with its content */
export function messageOf(record: MailRecord, renderer: Renderer): MailMessage {
  const { content, state, endedAt } = record;
  if (content === undefined) {
    return {
      kind: 'deleted',
      reason: deletionReasons[state] ?? 'The record has no content',
      ...(endedAt !== undefined && { at: endedAt }),
    };
  }
  const data = maskedData(content, renderer);
  try {
    const message = outgoingMessage(record, renderer.renderContent(content, { redacted: true }));
    return { kind: 'message', message, redacted: sensitivePointers(content, renderer), ...data };
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error;
    return { kind: 'error', reason: error.message, ...data };
  }
}

const deletionReasons: Partial<Record<MailState, string>> = {
  sent: 'The content was deleted after sending',
  cancelled: 'The content was deleted when the mail was cancelled',
  expired: 'The content was deleted when the mail expired',
};

/** Shown instead of a message that cannot be parsed. */
const unparsable: Parameters<typeof messageDocument>[0] = {
  text: 'This message cannot be displayed. See its source, or download it.',
  attachments: [],
  content: () => undefined,
};

/** The HTML document of a message. Attachments that it does not embed are left out: composing and parsing 25 MB takes seconds. */
export async function documentOf(message: OutgoingMessage, options: { remoteImages: boolean }): Promise<MessageDocument> {
  const attachments = message.attachments.filter(({ cid }) => cid !== undefined);
  const bytes = await composeMessage({ ...message, attachments });
  return messageDocument(await viewMessage(bytes).catch(() => unparsable), options);
}

/** The headers of a composed message. */
export async function headersOf(bytes: Buffer): Promise<ViewedHeader[]> {
  return (await viewMessage(bytes.subarray(0, bytes.indexOf('\r\n\r\n')))).headers;
}

/** A notice when the mail was sent, or accepted, with another template set than this process has; undefined when it is the same. */
export function templateSetNotice({ state, template, templatesHash, renderedHash }: MailRecord, { hash }: Renderer): string | undefined {
  const before = renderedHash ?? templatesHash;
  if (template === undefined || before === undefined || before === hash) return undefined;
  if (state === 'sent') return `Sent with template version ${before}; the present version is ${hash}.`;
  return `Shown with the present template version ${hash}; ${renderedHash === undefined ? 'accepted' : 'last attempt'} with version ${before}.`;
}

function maskedData({ template }: MailContent, { catalogue }: Renderer): { data?: Record<string, unknown> } {
  return template === undefined ? {} : { data: catalogue.masked(template.name, template.data) };
}

function sensitivePointers({ template }: MailContent, { catalogue }: Renderer): readonly string[] {
  return (template && catalogue.templates.get(template.name)?.sensitive) ?? [];
}
