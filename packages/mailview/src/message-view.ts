/**
 * A raw message (RFC 5322) taken apart for people to look at. Whatever stands in it was written by
 * somebody else: every string here is text to be escaped, and `html` is only ever shown through
 * `messageDocument`.
 */
import PostalMime, { type Address, type Attachment, decodeWords } from 'postal-mime';

/** An address as a header shows it. */
export interface ViewedAddress {
  name?: string;
  address: string;
}

/** One header, decoded for reading. */
export interface ViewedHeader {
  name: string;
  value: string;
}

/** What is attached, or shown inside the HTML. */
export interface ViewedAttachment {
  /** As the sender named it; never to be used as a path. `attachment-1` and so on where it has no name. */
  filename: string;
  /** As the sender declared it, such as `application/pdf`. */
  contentType: string;
  bytes: number;
  /** Content-ID without its angle brackets, by which HTML refers to it (RFC 2392). */
  cid?: string;
}

/** A message to look at. As JSON it has everything but the attachments' content. */
export interface MessageView {
  /** Empty when there is none. */
  subject: string;
  from?: ViewedAddress;
  to: ViewedAddress[];
  cc: ViewedAddress[];
  replyTo: ViewedAddress[];
  /** ISO 8601, or as the header has it when it is no date. */
  date?: string;
  /** With its angle brackets. */
  messageId?: string;
  /** All of them, in their order. */
  headers: ViewedHeader[];
  text?: string;
  /** As it came. Show it only through `messageDocument`. */
  html?: string;
  attachments: ViewedAttachment[];
  /** The raw message as text. */
  source: string;
  /** The bytes of the attachment at that index. */
  content(index: number): Uint8Array | undefined;
}

/**
 * Takes a raw message apart. A malformed one yields what can be made of it.
 *
 * @throws when its parts are nested deeper than 256 levels, or its headers are larger than 2 MB: no mail is like that
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
    attachments: email.attachments.map(viewed),
    source: new TextDecoder().decode(raw),
    content: (index) => contents[index],
  };
}

/** Groups are shown by their members. */
function addresses(written: Address[] | undefined): ViewedAddress[] {
  return (written ?? [])
    .flatMap((entry) => entry.group ?? [entry])
    .map(({ name, address }) => (name === '' ? { address } : { name, address }));
}

function viewed({ filename, mimeType, contentId, content }: Attachment, index: number): ViewedAttachment {
  return {
    filename: filename ?? `attachment-${index + 1}`,
    contentType: mimeType,
    bytes: bytesOf(content).byteLength,
    ...(contentId !== undefined && { cid: contentId.replace(/^<|>$/g, '') }),
  };
}

/** postal-mime leaves content binary unless it is told otherwise; a string is what its type also allows. */
function bytesOf(content: ArrayBuffer | Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
}
