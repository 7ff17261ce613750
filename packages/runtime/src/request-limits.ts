/**
 * Limits on what requests occupy at a time, as hooks of a Fastify app: one request at a time on a connection, and a budget of bytes for
 * the bodies of all requests. Their parameters are structural types, so this package does not depend on Fastify.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { type HttpTimings, limits } from '@posthouse/contract';

/** What the hooks need of a request and a reply of Fastify. */
interface HookRequest {
  readonly raw: IncomingMessage;
}
interface HookReply {
  readonly raw: ServerResponse;
  header(name: string, value: string): unknown;
  hijack(): unknown;
}

type PreParsing = (request: HookRequest, reply: HookReply, payload: Readable, done: (error: Error | null, body?: Readable) => void) => void;

/** The part of a Fastify instance that `addRequestLimits` needs. */
interface HookableApp {
  addHook(name: 'onRequest', hook: (request: HookRequest, reply: HookReply, done: () => void) => void): unknown;
  addHook(name: 'preParsing', hook: PreParsing): unknown;
  addHook(name: 'onSend', hook: (request: HookRequest, reply: HookReply, payload: unknown, done: () => void) => void): unknown;
}

/** The budget of a `RequestBodies`, in bytes; see `limits.bodiesInProgress`. */
type BodyBudget = typeof limits.bodiesInProgress;

const limitErrors = {
  408: 'The body of the request came too slowly',
  413: 'The body of the request is too large',
  503: 'Too many requests are in progress',
};

/** A request that was not read to its end: 503 where it can be repeated later, 408 where its body came too slowly, 413 where no body may be as long. */
export class RequestLimitError extends Error {
  override readonly name = 'RequestLimitError';
  readonly statusCode: keyof typeof limitErrors;

  constructor(statusCode: keyof typeof limitErrors) {
    super(limitErrors[statusCode]);
    this.statusCode = statusCode;
  }
}

/** Options for Fastify and the HTTP server below it: how long a client may take to send a request. */
export function httpServerOptions({ headers, request, check }: HttpTimings) {
  return { requestTimeout: request, http: { headersTimeout: headers, connectionsCheckingInterval: check } };
}

/**
 * Adds the limits to an app, before all its other hooks. A request that they end is answered by the app's error handler, which is given
 * a `RequestLimitError`.
 */
export function addRequestLimits(app: HookableApp, timings: HttpTimings, budget: BodyBudget = limits.bodiesInProgress): void {
  const bodies = new RequestBodies(timings, budget);
  app.addHook('onRequest', closePipelined);
  app.addHook('preParsing', bodies.limit);
  app.addHook('onSend', bodies.onSend);
}

/** The answer that each connection was last given to write. */
const answers = new WeakMap<Socket, ServerResponse>();

/** What Node.js reports when it cannot read a request: 400 for what is no HTTP, 408 for what comes too slowly, 431 for too long headers. */
export interface UnreadableRequest {
  status: 400 | 408 | 431;
  /** The parser's fixed text for a 400, such as `Invalid method encountered`; it never quotes the request. */
  reason: string | undefined;
}

/**
 * Fastify's option `clientErrorHandler`: answers what Node.js cannot read as a request, for which there is neither a request nor a reply,
 * and closes the connection.
 *
 * @param describe the media type and the text of the answer
 */
export function answerUnreadable(describe: (request: UnreadableRequest) => { type: string; body: string }) {
  return (error: Error & { code?: string; reason?: string }, socket: Socket): void => {
    const earlier = answers.get(socket);
    // In the middle of another answer, this one would be taken for a part of it.
    const isAnswering = earlier?.headersSent === true && !earlier.writableFinished;
    if (error.code !== 'ECONNRESET' && socket.writable && !isAnswering) {
      const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
      const { type, body } = describe({ status, reason: error.reason });
      const headers = `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${body}`);
    }
    socket.destroy();
  };
}

/**
 * Closes a connection that sends a request before the answer to the one before is written: Node.js would read and answer all of them at
 * once, and keep the answers in memory until the client takes them.
 */
function closePipelined({ raw }: HookRequest, reply: HookReply, done: () => void): void {
  const earlier = answers.get(raw.socket);
  if (earlier === undefined || earlier.writableFinished) {
    answers.set(raw.socket, reply.raw);
    done();
  } else {
    reply.hijack();
    raw.socket.destroy();
  }
}

/** The bodies of the requests to one server. */
class RequestBodies {
  readonly #timings: HttpTimings;
  readonly #budget: BodyBudget;
  #bytes = 0;
  /** Of requests that are worked on although their connection has closed: what gives their part of the budget back. */
  readonly #closed = new WeakMap<ServerResponse, () => void>();

  constructor(timings: HttpTimings, budget: BodyBudget) {
    this.#timings = timings;
    this.#budget = budget;
  }

  /**
   * Runs when a request is authenticated and before its body is read. A body that does not fit into the budget is refused by its
   * Content-Length, or when as much of it has come; one that comes too slowly ends.
   */
  readonly limit: PreParsing = ({ raw }, reply, payload, done) => {
    const length = Number(raw.headers['content-length'] ?? 0);
    if (length === 0 && raw.headers['transfer-encoding'] === undefined) return done(null, payload);
    if (length > 0 && payload.readableLength === length)
      return done(this.#takeArrived(length, reply.raw) ? null : new RequestLimitError(503), payload);
    const body = new Body((more, total) => this.#take(more, total));
    reply.raw.once('close', () => this.#onClose(reply.raw, payload, body));
    // Fastify would close the connection: many clients would not get to read why.
    if (length > limits.requestBytes) return done(new RequestLimitError(413));
    if (!body.expect(length)) return done(new RequestLimitError(503));
    body.watch(this.#timings.bodyProgress, () => {
      reply.header('connection', 'close');
      body.destroy(new RequestLimitError(408));
    });
    // When a connection breaks off, nothing else ends the body.
    payload.once('error', (error) => body.destroy(error));
    done(null, payload.pipe(body));
  };

  readonly onSend = (_request: HookRequest, { raw }: HookReply, _payload: unknown, done: () => void): void => {
    this.#closed.get(raw)?.();
    done();
  };

  /**
   * Of a body that came together with its headers, as small ones do: it can be neither slow nor larger than it says.
   * @returns false when the budget is used up
   */
  #takeArrived(bytes: number, answer: ServerResponse): boolean {
    if (!this.#take(bytes, bytes)) return false;
    let taken = bytes;
    answer.once('close', () =>
      this.#releaseAfter(answer, () => {
        this.#bytes -= taken;
        taken = 0;
      }),
    );
    return true;
  }

  #onClose(answer: ServerResponse, payload: Readable, body: Body): void {
    body.stop();
    // The rest, which nobody reads, may come for a while: many clients read the answer only after they have sent it.
    if (!payload.readableEnded) {
      payload.unpipe(body).resume();
      const timer = setTimeout(() => payload.destroy(), this.#timings.bodyProgress);
      payload.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
    }
    const release = () => {
      this.#bytes -= body.taken;
      body.taken = 0;
    };
    if (body.readableEnded) this.#releaseAfter(answer, release);
    else release();
  }

  /** @param release may be called twice */
  #releaseAfter(answer: ServerResponse, release: () => void): void {
    if (answer.writableEnded) release();
    else {
      this.#closed.set(answer, release);
      // In case that the app never answers.
      setTimeout(release, this.#timings.request).unref();
    }
  }

  /** @param total of this body, with `more` @returns false when the budget is used up */
  #take(more: number, total: number): boolean {
    const { bytes, reserve, small } = this.#budget;
    if (this.#bytes + more > (total > small ? bytes - reserve : bytes)) return false;
    this.#bytes += more;
    return true;
  }
}

/** A body on its way from the socket to its parser. */
class Body extends Transform {
  /** Bytes of the budget that it has. */
  taken = 0;
  /** For Fastify, which compares it with Content-Length and with its own limit. */
  receivedEncodedLength = 0;
  readonly #take: (more: number, total: number) => boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(take: (more: number, total: number) => boolean) {
    super();
    this.#take = take;
    // After an answer nobody else listens.
    this.on('error', () => undefined).once('end', () => this.stop());
  }

  /** Takes bytes of the budget before they arrive. @returns false when the budget is used up */
  expect(total: number): boolean {
    const more = total - this.taken;
    if (more <= 0) return true;
    if (!this.#take(more, total)) return false;
    this.taken = total;
    return true;
  }

  /** @param onSlow called when too little has arrived within `progressMs` */
  watch(progressMs: number, onSlow: () => void): void {
    let before = 0;
    this.#timer = setInterval(() => {
      if (this.receivedEncodedLength - before < limits.bodyProgressBytes) {
        this.stop();
        onSlow();
      }
      before = this.receivedEncodedLength;
    }, progressMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.receivedEncodedLength += chunk.length;
    if (this.expect(this.receivedEncodedLength)) done(null, chunk);
    else done(new RequestLimitError(503));
  }
}
