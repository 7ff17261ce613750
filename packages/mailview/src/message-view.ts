/**
 * Parses a raw message (RFC 5322) for display. All of it comes from a third party: every string has to be escaped, and `html` may
 * only be shown through `messageDocument`.
 */
import PostalMime, { type Address, type Attachment, decodeWords } from 'postal-mime';

/** An address of a header. */
export interface ViewedAddress {
  name?: string;
  address: string;
}

/** A header, decoded. */
export interface ViewedHeader {
  name: string;
  value: string;
}

/** An attachment, or an image that the HTML shows. */
export interface ViewedAttachment {
  /** Chosen by the sender, so never a path to write to. `attachment-1` and so on if it has no name. */
  filename: string;
  /** Declared by the sender, such as `application/pdf`. */
  contentType: string;
  bytes: number;
  /** Content-ID without angle brackets, with which HTML refers to it (RFC 2392). */
  cid?: string;
}

/** A parsed message. As JSON it lacks only the content of attachments. */
export interface MessageView {
  /** Empty when there is none. */
  subject: string;
  from?: ViewedAddress;
  to: ViewedAddress[];
  cc: ViewedAddress[];
  replyTo: ViewedAddress[];
  /** ISO 8601, or the raw header if it is not a date. */
  date?: string;
  /** With angle brackets. */
  messageId?: string;
  /** All headers in their order. */
  headers: ViewedHeader[];
  text?: string;
  /** Unchanged. Show it only through `messageDocument`. */
  html?: string;
  attachments: ViewedAttachment[];
  /** The raw message as text. */
  source: string;
  /** The bytes of the attachment at that index. */
  content(index: number): Uint8Array | undefined;
}

/**
 * Parses a raw message. From a malformed one it takes what can be parsed.
 *
 * @throws Error when parts are nested deeper than 256 levels or headers are larger than 2 MB
 */
export async function viewMessage(raw: Uint8Array): Promise<MessageView> {
  const email = await PostalMime.parse(raw);
  const [from] = addresses(email.from && [email.from]);
  const contents = email.attachments.map(({ content }) => bytesOf(content));
  return {
    subject: email.subject ?? '',
    ...(from && { from }),
    to: addresses(email.to),
    cc: addresses(email.cc),
    replyTo: addresses(email.replyTo),
    ...(email.date && { date: email.date }),
    ...(email.messageId && { messageId: email.messageId }),
    headers: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value: decodeWords(value) })),
    ...(email.text && { text: email.text }),
    ...(email.html && { html: email.html }),
    attachments: email.attachments.map(viewAttachment),
    source: new TextDecoder().decode(raw),
    content: (index) => contents[index],
  };
}

/** A group is replaced by its members. */
function addresses(parsed: Address[] | undefined): ViewedAddress[] {
  return (parsed ?? [])
    .flatMap((entry) => entry.group ?? [entry])
    .map(({ name, address }) => (name === '' ? { address } : { name, address }));
}

function viewAttachment({ filename, mimeType, contentId, content }: Attachment, index: number): ViewedAttachment {
  return {
    filename: filename ?? `attachment-${index + 1}`,
    contentType: mimeType,
    bytes: bytesOf(content).byteLength,
    ...(contentId !== undefined && { cid: contentId.replace(/^<|>$/g, '') }),
  };
}

/** postal-mime returns binary content by default; its type also allows a string. */
function bytesOf(content: ArrayBuffer | Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
}

/** `Anne <anne@example.com>, bo@example.com`; empty for no addresses. */
export function addressText(list: readonly ViewedAddress[] = []): string {
  return list.map(({ name, address }) => (name === undefined ? address : `${name} <${address}>`)).join(', ');
}

/** `receipt.pdf (application/pdf, 12 KB)` */
export function attachmentText({ filename, contentType, bytes }: Pick<ViewedAttachment, 'filename' | 'contentType' | 'bytes'>): string {
  return `${filename} (${contentType}, ${bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} KB`})`;
}
