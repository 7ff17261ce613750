/**
 * Requests to servers of others: with the certificate authorities of the configuration, without redirects, and bounded in size and time.
 * OAuth libraries take such a function in place of `fetch`, which has none of this.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';

/** The bounds of each request. */
export interface FetchBounds {
  /** PEM of certificate authorities to trust besides the public ones. */
  ca: string | undefined;
  /** ms until the whole answer must be there. */
  timeoutMs: number;
  /** Of the answer. */
  maxBytes: number;
}

/** A Response of such a status is made without a body, whatever a server has sent (Fetch standard, "null body status"). */
const withoutBody: readonly number[] = [204, 205, 304];

/** An answer that is too long, or not one that HTTP has. */
export class InvalidAnswer extends Error {
  override readonly name = 'InvalidAnswer';
}

/**
 * @returns a function like `fetch`. It rejects with `InvalidAnswer`, with an error named `AbortError` after the deadline, or with the
 *   connection's error and its `code`. Of the answer's headers it returns the content type
 */
export function boundedFetch({ ca, timeoutMs, maxBytes }: FetchBounds) {
  return (url: string, { method, headers, body }: { method: string; headers: Record<string, string>; body?: unknown }): Promise<Response> =>
    new Promise((resolve, reject) => {
      const content = body === undefined || body === null ? undefined : String(body);
      const options = {
        method,
        headers: { ...headers, ...(content !== undefined && { 'content-length': Buffer.byteLength(content) }) },
        signal: AbortSignal.timeout(timeoutMs),
        agent: false,
        minVersion: 'TLSv1.2' as const,
        rejectUnauthorized: true,
        ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
      };
      const onResponse = (message: IncomingMessage) => {
        const chunks: Buffer[] = [];
        let length = 0;
        message.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > maxBytes) message.destroy(new InvalidAnswer(`the answer is longer than ${maxBytes} bytes`));
          else chunks.push(chunk);
        });
        message.on('error', reject);
        message.on('end', () => {
          const { statusCode: status = 0, headers: received } = message;
          const type = received['content-type'] ?? '';
          // A Response has no other status.
          if (status < 200 || status > 599) reject(new InvalidAnswer(`the answer has the status ${status}`));
          else {
            const body = withoutBody.includes(status) ? null : Buffer.concat(chunks);
            resolve(new Response(body, { status, headers: { 'content-type': type } }));
          }
        });
      };
      const request = url.startsWith('https:') ? httpsRequest(url, options, onResponse) : httpRequest(url, options, onResponse);
      request.on('error', reject).end(content);
    });
}
