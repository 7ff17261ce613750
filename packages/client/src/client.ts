/** The entry of `@posthouse/client`. */
import { optionIssue } from './arguments.ts';
import { Mails } from './mails.ts';
import { type Connection, type RequestOptions, send } from './request.ts';
import type { TemplateData, TemplateList } from './wire.ts';

export type { MailFilter, Mails, SendOptions, SendResult } from './mails.ts';
export { type Issue, PosthouseError } from './posthouse-error.ts';
export type { RequestOptions } from './request.ts';
export type {
  AcceptedMail,
  ActionResult,
  Address,
  Attachment,
  Attempt,
  Content,
  Deferral,
  KeptContent,
  ListedMail,
  LiteralMail,
  Mail,
  Mailbox,
  MailFields,
  MailRecord,
  MailState,
  Priority,
  RawMail,
  Recipient,
  TemplateData,
  TemplateList,
  TemplateMail,
} from './wire.ts';

/** Options of a client. */
export interface PosthouseOptions {
  /** URL of the API. Default: the environment variable POSTHOUSE_URL. */
  url?: string | undefined;
  /** An API key. Default: the environment variable POSTHOUSE_KEY. */
  key?: string | undefined;
  /** Default: the `fetch` of the platform. */
  fetch?: typeof fetch | undefined;
  /** How long one try may take, in ms. Default: 2 seconds, and a second more for each MiB of the request. */
  tryTimeoutMs?: number | undefined;
  /** How long all tries of a request may take together, in ms. Default: 8 seconds, and a second more for each MiB. */
  timeoutMs?: number | undefined;
}

const optionNames = ['url', 'key', 'fetch', 'timeoutMs', 'tryTimeoutMs'];
const defaultTryTimeoutMs = 2000;
const defaultTimeoutMs = 8000;

/**
 * A client of Posthouse.
 *
 * `Templates` has the type of each template's data: `npm run templates -- types` writes it, and the compiler then checks each `send`.
 */
export class Posthouse<Templates extends TemplateData = Record<string, Record<string, unknown>>> {
  readonly mails: Mails<Templates>;
  readonly templates: {
    /** The templates that the API key may send, with the schema of their data. */
    list(options?: RequestOptions): Promise<TemplateList>;
  };

  /** @throws TypeError when URL or key is missing, or an option is invalid or unknown */
  constructor(options: PosthouseOptions = {}) {
    const issue = optionIssue(options, optionNames);
    if (issue !== undefined) throw new TypeError(issue);
    const { fetch: given, tryTimeoutMs = defaultTryTimeoutMs, timeoutMs = defaultTimeoutMs } = options;
    const url = (options.url ?? environment('POSTHOUSE_URL') ?? '').replace(/\/+$/, '');
    const key = options.key ?? environment('POSTHOUSE_KEY') ?? '';
    if (!/^https?:\/\/[^\s/@]+(\/\S*)?$/.test(url) || !URL.canParse(url))
      throw new TypeError(
        'Set `url`, or POSTHOUSE_URL, to the URL of the API, without user name and password: https://posthouse.example.com',
      );
    if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('Set `key`, or POSTHOUSE_KEY, to an API key, without blanks and line breaks');
    // Called without `this`, which some platforms insist on; looked up late, so that a test can replace it.
    const connection: Connection = { url, key, fetch: given ?? ((...args) => globalThis.fetch(...args)), tryTimeoutMs, timeoutMs };
    this.mails = new Mails(connection);
    this.templates = { list: (requestOptions) => send(connection, { method: 'GET', path: '/v1/templates' }, requestOptions) };
  }
}

/** Where there is an environment, and it may be read. */
function environment(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
  } catch {
    return undefined;
  }
}
