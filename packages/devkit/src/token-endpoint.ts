/** A token endpoint (RFC 6749 section 3.2) over TLS with a certificate of a temporary authority. It issues tokens and fails on demand. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Service } from '@posthouse/contract';
import type { CertificateAuthority } from './certificate-authority.ts';
import { HttpsServer } from './https-server.ts';

/** What the endpoint answers in place of a token. */
export interface TokenAnswer {
  status?: number;
  type?: string;
  body: string;
  /** Number of times; without it, until `clearAnswers`. */
  times?: number;
}

/** Settings of an endpoint. */
export interface TokenEndpointOptions {
  /** Issues its certificate. */
  ca: CertificateAuthority;
  /** The client's secret; without it, every client gets a token. */
  secret?: string;
  /** The ms before it answers. */
  delayMs?: number;
}

/** Issues tokens and knows which of them are valid. */
export class TokenEndpoint implements Service {
  readonly name = 'token endpoint';
  /** The form fields of each request, in order of arrival. */
  readonly requests: Readonly<Record<string, string>>[] = [];
  /** Every token that it issued, in order. */
  readonly tokens: string[] = [];
  /** How long the next token is valid, in s. */
  lifetimeS = 3600;
  /** The client's secret; undefined for any. */
  secret: string | undefined;
  /** Takes it by HTTP Basic only, as an endpoint may (RFC 6749 section 2.3.1). */
  basicOnly = false;
  readonly #ca: CertificateAuthority;
  readonly #delayMs: number;
  /** When each token ends, ms since the epoch. */
  readonly #valid = new Map<string, number>();
  #answers: { answer: TokenAnswer | 'hang'; left: number }[] = [];
  readonly #server = new HttpsServer((request, response) => {
    this.#respond(request, response).catch((error: Error) => response.destroy(error));
  });

  constructor({ ca, secret, delayMs = 0 }: TokenEndpointOptions) {
    this.#ca = ca;
    this.secret = secret;
    this.#delayMs = delayMs;
  }

  /** The endpoint's URL. */
  get url(): string {
    return `https://localhost:${this.#server.port}/token`;
  }

  async start(): Promise<void> {
    await this.#server.start(this.#ca);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** Whether a token is one of its own and valid: what an SMTP server asks. */
  readonly accepts = (token: string): boolean => (this.#valid.get(token) ?? 0) > Date.now();

  /** Ends every token that was issued so far. @param afterMs 0 when they are revoked */
  endTokens(afterMs: number): void {
    for (const token of this.#valid.keys()) this.#valid.set(token, Date.now() + afterMs);
  }

  /** Answers with this in place of a token. */
  answerWith(answer: TokenAnswer): void {
    this.#answers.push({ answer, left: answer.times ?? Number.POSITIVE_INFINITY });
  }

  /** Does not answer until `clearAnswers`. */
  hang(): void {
    this.#answers.push({ answer: 'hang', left: Number.POSITIVE_INFINITY });
  }

  /** Issues tokens again. */
  clearAnswers(): void {
    this.#answers = [];
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fields = Object.fromEntries(new URLSearchParams(await text(request)));
    this.requests.push(fields);
    const planned = this.#answers[0];
    if (planned !== undefined) {
      planned.left -= 1;
      if (planned.left === 0) this.#answers.shift();
      if (planned.answer === 'hang') return;
      const { status = 400, type = 'application/json', body } = planned.answer;
      response.writeHead(status, { 'content-type': type }).end(body);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    const secret = this.basicOnly ? basicSecretOf(request) : fields['client_secret'];
    const isRefused = this.secret !== undefined && secret !== this.secret;
    const error_description = this.basicOnly ? 'Client authentication failed' : 'AADSTS7000215: Invalid client secret provided.';
    const answer = isRefused ? { error: 'invalid_client', error_description } : this.#issue();
    response.writeHead(isRefused ? 401 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #issue(): object {
    const token = `planted-access-token-${randomBytes(12).toString('hex')}`;
    this.tokens.push(token);
    this.#valid.set(token, Date.now() + this.lifetimeS * 1000);
    return { token_type: 'Bearer', expires_in: this.lifetimeS, access_token: token };
  }
}

/** The secret of HTTP Basic, in which it is encoded like a form. */
function basicSecretOf({ headers: { authorization = '' } }: IncomingMessage): string | undefined {
  const login = Buffer.from(/^Basic (.*)$/.exec(authorization)?.[1] ?? '', 'base64').toString();
  const [, secret] = login.split(':');
  return secret === undefined ? undefined : decodeURIComponent(secret.replaceAll('+', ' '));
}
