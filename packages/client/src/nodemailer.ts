/**
 * `@posthouse/client/nodemailer`: a transport for nodemailer, which makes the message. Its bytes and its envelope are handed to Posthouse, so
 * every option of `sendMail` works. Nothing of nodemailer is imported: its types are those parts of it that a transport uses.
 */
import { toBase64 } from './base64.ts';
import { Posthouse, type PosthouseError, type PosthouseOptions } from './client.ts';
import type { SendOptions } from './mails.ts';
import type { RawMail } from './wire.ts';

/** What nodemailer has no option for: `posthouse` in the options of `sendMail`, or in the defaults of `createTransport`. */
export interface PosthouseMailOptions
  extends SendOptions,
    Pick<RawMail, 'tags' | 'metadata' | 'priority' | 'scheduledAt' | 'expiresAt' | 'onUncertain'> {}

/** The result of `sendMail`, in the shape that nodemailer's own transports have. */
export interface PosthouseSentMessageInfo {
  envelope: { from: string | false; to: string[] };
  messageId: string;
  /** All recipients: whether a server takes them is known later, and stands in the mail's record. */
  accepted: string[];
  rejected: string[];
  pending: string[];
  response: string;
  /** The id of the mail: `mails.get(id)` returns it. */
  id: string;
  /** `queued` or `scheduled`. */
  state: string;
  // biome-ignore lint/suspicious/noExplicitAny: nodemailer's own type of a result has it, and ours must be assignable to that.
  [key: string]: any;
}

/** A message as nodemailer hands it to a transport. */
interface ComposedMail {
  data: { signal?: unknown; posthouse?: PosthouseMailOptions };
  message: {
    getEnvelope(): { from: string | false; to: string[] };
    messageId(): string;
    createReadStream(): AsyncIterable<unknown>;
  };
}

type Callback<T> = (error: Error | null, result?: T) => void;

/** A transport of nodemailer. */
export interface PosthouseTransport {
  name: string;
  version: string;
  supportsAbortSignal: true;
  // biome-ignore lint/suspicious/noExplicitAny: the types of nodemailer's versions differ, and what is used of them is checked above.
  send(mail: any, callback: (error: any, info: any) => void): void;
  /** Whether Posthouse can be reached and knows the key. */
  verify(callback?: Callback<true>): Promise<true> | undefined;
  isIdle(): boolean;
  close(): void;
}

/**
 * Makes the transport: `nodemailer.createTransport(posthouse({ url, key }))`.
 * @throws TypeError when URL or key is missing, or an option is invalid or unknown
 */
export function posthouse(options: PosthouseOptions = {}): PosthouseTransport {
  const client = new Posthouse(options);
  return {
    name: 'Posthouse',
    version: '0.1.0',
    supportsAbortSignal: true,
    send: (mail: ComposedMail, callback: Callback<PosthouseSentMessageInfo>) => callBack(send(client, mail), callback),
    verify(callback) {
      const verified = client.templates.list().then(() => true as const);
      if (callback === undefined) return verified;
      callBack(verified, callback);
      return undefined;
    },
    // It holds no connections and no queue: any number of mails can be handed over at a time.
    isIdle: () => true,
    close: () => undefined,
  };
}

/** What a callback throws is the caller's, and not an error of the send. */
function callBack<T>(promise: Promise<T>, callback: Callback<T>): void {
  promise.then(
    (result) => setTimeout(callback, 0, null, result),
    (error: PosthouseError) => setTimeout(callback, 0, error),
  );
}

async function send(client: Posthouse, { data, message }: ComposedMail): Promise<PosthouseSentMessageInfo> {
  const { idempotencyKey, timeoutMs, signal = data.signal as AbortSignal | undefined, ...fields } = data.posthouse ?? {};
  const { from, to } = message.getEnvelope();
  const messageId = message.messageId();
  const raw = toBase64(withCrlf(await bytesOf(message.createReadStream())));
  const mail: RawMail = { ...fields, to, ...(from && { from }), content: { raw } };
  const { id, state } = await client.mails.send(mail, { idempotencyKey, timeoutMs, signal });
  return { envelope: { from, to }, messageId, accepted: to, rejected: [], pending: [], response: `250 2.0.0 queued as ${id}`, id, state };
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : (chunk as Uint8Array));
  return joined(chunks);
}

const [lineFeed, carriageReturn] = [0x0a, 0x0d];

/** Every line break as CRLF, as nodemailer's SMTP transport sends them. */
function withCrlf(bytes: Uint8Array): Uint8Array {
  const crlf = new Uint8Array([carriageReturn, lineFeed]);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== lineFeed && byte !== carriageReturn) continue;
    if (byte === carriageReturn && bytes[at + 1] === lineFeed) {
      at += 1;
      continue;
    }
    pieces.push(bytes.subarray(from, at), crlf);
    from = at + 1;
  }
  return pieces.length === 0 ? bytes : joined([...pieces, bytes.subarray(from)]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
