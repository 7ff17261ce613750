/**
 * The message of a mail as it looks now: rendered by this process's templates with what is sensitive in disguise, so that nobody
 * gets a link out of the dashboard that was meant for one reader alone. Or, honestly, why there is none to see.
 */
import { type MailContent, MailFailure, type MailRecord, type MailState } from '@posthouse/contract';
import { composeMessage, type OutgoingMessage, outgoingMessage } from '@posthouse/delivery';
import { type MessageDocument, messageDocument, type ViewedHeader, viewMessage } from '@posthouse/mailview';
import type { Renderer } from '@posthouse/templates/render';

/** What there is to see of a mail. */
export type MailMessage =
  /** `disguised`: JSON pointers to data that has a sample's values here. */
  | { seen: 'message'; message: OutgoingMessage; redacted: readonly string[]; data?: Record<string, unknown> }
  /** What it said is kept no longer: since when, in ms since the epoch, and why. */
  | { seen: 'wiped'; at?: number; why: string }
  /** No message can be made of it now. `why` is free of its data, and `data` is masked. */
  | { seen: 'fault'; why: string; data?: Record<string, unknown> };

/** @param record with its content */
export function messageOf(record: MailRecord, renderer: Renderer): MailMessage {
  const { content } = record;
  if (content === undefined)
    return { seen: 'wiped', why: wipedBecause[record.state] ?? 'Its record does not hold it any more', ...endOf(record) };
  const data = maskedData(content, renderer);
  try {
    const message = outgoingMessage(record, renderer.renderContent(content, { redacted: true }));
    return { seen: 'message', message, redacted: sensitiveIn(content, renderer), ...data };
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error;
    return { seen: 'fault', why: error.message, ...data };
  }
}

/** Instead of a message that cannot be taken apart. */
const tooStrange: Parameters<typeof messageDocument>[0] = {
  text: 'This message is too strange to be taken apart. Its source can be looked at, and downloaded.',
  attachments: [],
  content: () => undefined,
};

/** The document that shows a message. What is only attached is left out: to write 25 MB and take them apart takes seconds. */
export async function documentOf(message: OutgoingMessage, options: { remoteImages: boolean }): Promise<MessageDocument> {
  const attachments = message.attachments.filter(({ cid }) => cid !== undefined);
  const bytes = await composeMessage({ ...message, attachments });
  return messageDocument(await viewMessage(bytes).catch(() => tooStrange), options);
}

/** The headers of a message as it goes out. */
export async function headersOf(bytes: Buffer): Promise<ViewedHeader[]> {
  return (await viewMessage(bytes.subarray(0, bytes.indexOf('\r\n\r\n')))).headers;
}

const wipedBecause: Partial<Record<MailState, string>> = {
  sent: 'It was wiped when the relay had accepted it',
  cancelled: 'It was wiped when it was cancelled',
  expired: 'It was wiped when it had expired',
};

/** What to tell of the set of templates that a mail was last rendered with, or checked with, where it is another one than the one here. */
export function templateSetNotice({ state, template, templatesHash, renderedHash }: MailRecord, { hash }: Renderer): string | undefined {
  const before = renderedHash ?? templatesHash;
  if (template === undefined || before === undefined || before === hash) return undefined;
  if (state === 'sent') return `It was sent with template set ${before}; the one here is ${hash}.`;
  return `Rendered now with template set ${hash}; ${renderedHash === undefined ? 'accepted' : 'last tried'} with set ${before}.`;
}

function endOf({ endedAt }: MailRecord): { at?: number } {
  return endedAt === undefined ? {} : { at: endedAt };
}

function maskedData({ template }: MailContent, { catalogue }: Renderer): { data?: Record<string, unknown> } {
  return template === undefined ? {} : { data: catalogue.masked(template.name, template.data) };
}

function sensitiveIn({ template }: MailContent, { catalogue }: Renderer): readonly string[] {
  return (template && catalogue.templates.get(template.name)?.sensitive) ?? [];
}
