/**
 * The message of a mail, rendered again with this process's templates. Sensitive data is masked, so that no user of the dashboard gets a
 * link that was meant for the recipient only.
 */
import { type Attachment, type KeptContent, type MailContent, MailFailure, type MailRecord, type MailState } from '@posthouse/contract';
import { composeMessage, type OutgoingMessage, outgoingMessage } from '@posthouse/delivery';
import { type MessageDocument, messageDocument, type ViewedHeader, viewMessage } from '@posthouse/mailview';
import type { Renderer } from '@posthouse/templates/render';
import { t, text } from '../ui/translate.ts';

/** What can be shown of a mail's message. */
export type MailMessage =
  | {
      kind: 'message';
      message: OutgoingMessage;
      /** JSON pointers to the data that is masked here. */
      masked: readonly string[];
      /** Of a sent mail: the masked values are not stored any more. */
      isKept: boolean;
      /** Of a sent mail: what its attachments were. They are not in the message. */
      attachments: KeptContent['attachments'];
      /** Masked. */
      data?: Record<string, unknown>;
    }
  /** The content was deleted `at` that time, in ms since the epoch. `reason` and `hint` are sentences without their ends. */
  | { kind: 'deleted'; at?: number; reason: string; hint?: string }
  /** No message can be rendered now. `reason` has none of the data, and `data` is masked. Of a sent mail the subject is kept. */
  | { kind: 'error'; reason: string; subject?: string; data?: Record<string, unknown> };

/** Of a raw message so many bytes are parsed: its text comes before its attachments, and parsing 25 MB takes seconds. */
const maxParsedBytes = 1024 * 1024;

/** The message with its text, where it is a raw one. @param record with its content */
export async function readableMessageOf(record: MailRecord, renderer: Renderer): Promise<MailMessage> {
  const shown = messageOf(record, renderer);
  if (shown.kind !== 'message' || shown.message.raw === undefined) return shown;
  const { html, text: plain } = await viewBytes(shown.message.raw.subarray(0, maxParsedBytes));
  return { ...shown, message: { ...shown.message, ...(html !== undefined && { html }), ...(plain !== undefined && { text: plain }) } };
}

async function viewBytes(bytes: Buffer): Promise<Parameters<typeof messageDocument>[0]> {
  return await viewMessage(bytes).catch(() => ({ ...unparsable, text: t(unparsable.text ?? '') }));
}

/** @param record with its content */
function messageOf(record: MailRecord, renderer: Renderer): MailMessage {
  const { content, keptContent } = record;
  const source = content ?? keptContent;
  if (source === undefined) return deletedMessage(record);
  const data = maskedData(source, renderer);
  if (source.raw !== undefined && source.raw.message === undefined)
    return { kind: 'error', reason: t('Only the subject of a message of this size is kept.'), subject: source.raw.subject };
  const { subject, omitted } = keptContent?.template ?? {};
  try {
    const rendered = renderer.preview(source, keptContent && { notKept: omitted ?? [] });
    const isKept = keptContent !== undefined;
    const message = outgoingMessage(
      { ...record, content: content ?? withoutAttachments(source) },
      { ...rendered, ...(subject !== undefined && { subject }) },
    );
    const masked = [...new Set([...sensitivePointers(source, renderer), ...(omitted ?? [])])];
    return { kind: 'message', message, masked, isKept, attachments: keptContent?.attachments ?? [], ...data };
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error;
    return { kind: 'error', reason: error.message, ...(subject !== undefined && { subject }), ...data };
  }
}

/** Content as it is, or as it is kept. */
type ShownContent = Pick<MailContent, 'template' | 'literal' | 'headers'> & Pick<KeptContent, 'raw'>;

function withoutAttachments({ headers, raw }: ShownContent): MailContent {
  const attachments: Attachment[] = [];
  const { subject, message } = raw ?? {};
  return { attachments, headers, ...(subject !== undefined && message !== undefined && { raw: { subject, message } }) };
}

function deletedMessage({ state, template, endedAt, contentUntil }: MailRecord): MailMessage {
  if (state === 'sent' && contentUntil !== undefined)
    return { kind: 'deleted', reason: t('The content was deleted when its retention ended'), at: contentUntil };
  const reason = t(deletionReasons[state] ?? text('The record has no content'));
  const hint = state !== 'sent' ? undefined : template === undefined ? t(literalHint) : t(templateHint);
  return { kind: 'deleted', reason, ...(hint !== undefined && { hint }), ...(endedAt !== undefined && { at: endedAt }) };
}

const templateHint = text('It is kept where the template states which data is sensitive, and does not say otherwise');
const literalHint = text('Custom content is kept while CONTENT_RETENTION says so');

const deletionReasons: Partial<Record<MailState, string>> = {
  sent: text('The content was deleted after sending'),
  cancelled: text('The content was deleted when the mail was cancelled'),
  expired: text('The content was deleted when the mail expired'),
};

/** Shown instead of a message that cannot be parsed. */
const unparsable: Parameters<typeof messageDocument>[0] = {
  text: text('This message cannot be displayed. See its source, or download it.'),
  attachments: [],
  content: () => undefined,
};

/** The HTML document of a message. Attachments that it does not embed are left out: composing and parsing 25 MB takes seconds. */
export async function documentOf(message: OutgoingMessage, options: { remoteImages: boolean }): Promise<MessageDocument> {
  const attachments = message.attachments.filter(({ cid }) => cid !== undefined);
  const bytes = await composeMessage({ ...message, attachments });
  return messageDocument(await viewBytes(message.raw === undefined ? bytes : bytes.subarray(0, maxParsedBytes)), options);
}

/** The headers of a composed message. */
export async function headersOf(bytes: Buffer): Promise<ViewedHeader[]> {
  return (await viewMessage(bytes.subarray(0, bytes.indexOf('\r\n\r\n')))).headers;
}

/** A notice when the mail was sent, or accepted, with another template set than this process has; undefined when it is the same. */
export function templateSetNotice(record: MailRecord, { hash }: Renderer): string | undefined {
  const { state, template, templatesHash, renderedHash, contentState } = record;
  const before = renderedHash ?? templatesHash;
  if (template === undefined || before === undefined || before === hash) return undefined;
  if (state === 'sent' && contentState === 'deleted')
    return t('Sent with template version {before}; the present version is {hash}.', { before, hash });
  const versions = { before, hash };
  if (state === 'sent') return t('Shown with the present template version {hash}; sent with version {before}.', versions);
  return renderedHash === undefined
    ? t('Shown with the present template version {hash}; accepted with version {before}.', versions)
    : t('Shown with the present template version {hash}; last attempt with version {before}.', versions);
}

function maskedData({ template }: ShownContent, { catalogue }: Renderer): { data?: Record<string, unknown> } {
  return template === undefined ? {} : { data: catalogue.masked(template.name, template.data) };
}

function sensitivePointers({ template }: ShownContent, { catalogue }: Renderer): readonly string[] {
  return (template && catalogue.templates.get(template.name)?.sensitive) ?? [];
}
