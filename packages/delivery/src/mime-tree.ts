/** The MIME tree of a message (RFC 2046): alternatives of the text, inline images beside the HTML, attachments behind both. */
import { calendarMethod, type MediaType, parseMediaType } from '@posthouse/contract';
import { detectMimeType } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';
import { encodedNameParameter, parameter } from './header-field.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { withLineEnds } from './text-encoding.ts';

/** A leaf or a branch of the tree. */
type Part =
  | { kind: 'text'; type: string; text: string }
  | { kind: 'file'; type: string; disposition?: string; cid?: string; bytes: Buffer; is7Bit?: true }
  | { kind: 'multipart'; type: string; parts: Part[] };

type Attachment = OutgoingMessage['attachments'][number];

const fallbackType = 'application/octet-stream';

/** The root node: it lacks the headers of the message, but for those of MIME. */
export function mimeTree(message: OutgoingMessage): MimeNode {
  const { attachments } = message;
  const html = message.html || undefined;
  const text = message.text || undefined;
  const isInline = ({ cid }: Attachment) => html !== undefined && cid !== undefined;
  const inline = attachments.filter(isInline).map(filePart);
  const attached = attachments.filter((attachment) => !isInline(attachment));
  const htmlPart: Part[] = html === undefined ? [] : [{ kind: 'text', type: 'text/html; charset=utf-8', text: html }];
  const alternatives: Part[] = [
    ...(text === undefined && html !== undefined ? [] : [{ kind: 'text', type: 'text/plain; charset=utf-8', text: text ?? '' } as const]),
    ...(inline.length > 0 ? [branch('multipart/related; type="text/html"', [...htmlPart, ...inline])] : htmlPart),
    ...attached.flatMap(invitationPart),
  ];
  const body = branch('multipart/alternative', alternatives);
  const root = branch('multipart/mixed', [body, ...attached.map(filePart)]);
  // The boundaries are the same on every attempt.
  return toNode(root, (type) => new MimeNode(type, { baseBoundary: message.messageId.slice(1, message.messageId.lastIndexOf('@')) }));
}

/** Several parts, or the only one. */
function branch(type: string, parts: Part[]): Part {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'multipart', type, parts };
}

function toNode(part: Part, create: (type?: string) => MimeNode): MimeNode {
  if (part.kind === 'multipart') {
    const node = create(part.type);
    for (const child of part.parts) toNode(child, (type) => node.createChild(type));
    return node;
  }
  if (part.kind === 'text') {
    return create(part.type).setContent(withLineEnds(part.text));
  }
  const node = create();
  // `prepared`: nodemailer would take the value apart and fold it within file names.
  node.setHeader('Content-Type', { prepared: true, value: part.type });
  node.setHeader('Content-Transfer-Encoding', part.is7Bit ? '7bit' : 'base64');
  if (part.disposition !== undefined) node.setHeader('Content-Disposition', { prepared: true, value: part.disposition });
  if (part.cid !== undefined) node.setHeader('Content-ID', { prepared: true, value: `<${part.cid}>` });
  return node.setContent(part.bytes);
}

/**
 * An attachment as a part of its own. An invitation is `application/ics` there, as Gmail and Outlook send it: the calendar is shown from
 * the alternative, not twice.
 */
function filePart(attachment: Attachment): Part {
  const { filename, cid } = attachment;
  const bytes = Buffer.from(attachment.content, 'base64');
  const declared = mediaTypeOf(attachment);
  const isMessage = declared.type.startsWith('message/');
  const message = isMessage ? sevenBit(bytes) : undefined;
  const isInvitation = calendarMethod(declared) !== undefined;
  const type = isInvitation ? 'application/ics' : isMessage && message === undefined ? fallbackType : declared.type;
  const parameters = type === declared.type ? [...declared.parameters].filter(([name]) => name !== 'name') : [];
  return {
    kind: 'file',
    type: `${type}${parameters.map(([name, value]) => parameter(name, value)).join('')}${encodedNameParameter(filename)}`,
    disposition: `${cid !== undefined || message !== undefined ? 'inline' : 'attachment'}${parameter('filename', filename)}`,
    ...(cid !== undefined && { cid }),
    bytes: message ?? bytes,
    ...(message !== undefined && { is7Bit: true }),
  };
}

/** An invitation as an alternative of the text (RFC 6047 section 2.4), from which mail clients offer to accept it. */
function invitationPart(attachment: Attachment): Part[] {
  const declared = mediaTypeOf(attachment);
  const method = calendarMethod(declared);
  if (method === undefined) return [];
  const charset = declared.parameters.get('charset') ?? 'utf-8';
  const type = `text/calendar${parameter('charset', charset)}${parameter('method', method)}`;
  return [{ kind: 'file', type, bytes: Buffer.from(attachment.content, 'base64') }];
}

/** The declared media type, or the one that the file name suggests. The list of extensions has `multipart/x-gzip`, which is no multipart. */
function mediaTypeOf({ contentType, filename }: Attachment): MediaType {
  const mediaType = parseMediaType(contentType ?? detectMimeType(filename));
  return mediaType === undefined || mediaType.type.startsWith('multipart/') ? { type: fallbackType, parameters: new Map() } : mediaType;
}

/** A message inside the message may not be encoded (RFC 2046 section 5.2.1). @returns undefined where it would have to be */
function sevenBit(bytes: Buffer): Buffer | undefined {
  const text = bytes.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
  const isClean = !/[\0\u0080-\u00ff]/.test(text) && text.split('\r\n').every((line) => line.length <= 998);
  return isClean ? Buffer.from(text, 'latin1') : undefined;
}
