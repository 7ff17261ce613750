import type { Attachment } from './mail-schema.ts';

/** Bytes that one mail carries: content, and attachments once their base64 is undone. */
export function contentBytes(
  content: { html?: string | undefined; text?: string | undefined } | undefined,
  attachments: readonly Attachment[] | undefined,
): number {
  let bytes = Buffer.byteLength(content?.html ?? '') + Buffer.byteLength(content?.text ?? '');
  for (const attachment of attachments ?? []) bytes += Buffer.byteLength(attachment.content, 'base64');
  return bytes;
}
