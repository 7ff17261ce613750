/** The requests and answers of the API, as docs/openapi.json describes them; a test compares the two. */

/** An address with a name. */
export interface Mailbox {
  name?: string;
  /** One plain address: `anne@example.com`. */
  address: string;
}

/** `anne@example.com`, `Anne <anne@example.com>`, or name and address apart. */
export type Address = string | Mailbox;

/** A file attached to the mail, or an inline image. */
export interface Attachment {
  /** A name without a path. */
  filename: string;
  /** With its parameters. Guessed from the file name when absent. */
  contentType?: string;
  /** The bytes, or their base64. */
  content: string | Uint8Array;
  /** Makes it an inline image that the HTML refers to as `cid:…`. */
  cid?: string;
}

/** The text of a mail that has no template: `html`, `text` or both. */
export interface Content {
  subject: string;
  html?: string;
  text?: string;
}

export type Priority = 'high' | 'normal' | 'low';

/** What any mail may have. */
export interface MailFields {
  to: Address | Address[];
  cc?: Address | Address[];
  bcc?: Address | Address[];
  replyTo?: Address | Address[];
  /** Default: `MAIL_FROM` of the API. */
  from?: Address;
  attachments?: Attachment[];
  headers?: Record<string, string>;
  tags?: string[];
  /** Stored with the record and returned with it, never sent. */
  metadata?: Record<string, unknown>;
  priority?: Priority;
  /** A mail not sent by then expires (RFC 3339). Default: 72 hours after it is due. */
  expiresAt?: string | Date;
  /** If delivery is unknown: `resend` with the same Message-ID, or `hold` until a user resolves it. Default: `resend`. */
  onUncertain?: 'resend' | 'hold';
  /** Sent at this time (RFC 3339), at most a year ahead. A past time means now. */
  scheduledAt?: string | Date;
}

/** A mail with text of its own. */
export type LiteralMail = MailFields & { content: Content; template?: never; data?: never; locale?: never };

/** A whole message (RFC 5322) in base64. `to` has the envelope recipients, and `from`, if present, the envelope sender. */
export type RawMail = Omit<MailFields, 'cc' | 'bcc' | 'replyTo' | 'attachments' | 'headers'> & {
  content: { raw: string };
  template?: never;
  data?: never;
  locale?: never;
};

/** The data of each template, by its name; `npm run templates -- types` writes such an interface. */
export type TemplateData = object;

/** A mail of a template. */
export type TemplateMail<Templates extends TemplateData> = {
  [Name in keyof Templates & string]: MailFields & {
    /** A name from `templates.list`. */
    template: Name;
    /** Must match the template's schema. */
    data: Templates[Name];
    /** A BCP 47 tag such as `en-US`. */
    locale?: string | null;
    content?: never;
  };
}[keyof Templates & string];

/** A mail to send. */
export type Mail<Templates extends TemplateData = Record<string, Record<string, unknown>>> =
  | TemplateMail<Templates>
  | LiteralMail
  | RawMail;

/** An accepted mail: it is stored and will be sent. */
export interface AcceptedMail {
  id: string;
  /** `queued` or `scheduled`. */
  state: string;
  /** The locale that the template is rendered in. */
  locale?: string;
  /** The locale of the request, where the template lacks it and `locale` is the fallback. */
  localeRequested?: string;
}

/** A mail after an action. */
export interface ActionResult {
  id: string;
  state: string;
}

/** `sent` means accepted by the relay. */
export type MailState = 'queued' | 'scheduled' | 'sending' | 'retrying' | 'sent' | 'failed' | 'expired' | 'cancelled' | 'uncertain';

/** One recipient of a mail, with the outcome so far. */
export interface Recipient {
  address: string;
  /** `to`, `cc` or `bcc`. */
  kind: string;
  /** `pending`, `accepted` or `rejected`. */
  state: string;
  /** When `state` last changed. */
  at?: string;
  provider?: string;
  reason?: string;
  /** Pending, and it is unknown whether the message was delivered. */
  uncertain?: boolean;
  /** Accepted because a user confirmed the delivery. */
  resolved?: boolean;
  code?: number;
  enhancedCode?: string;
}

/** A mail as a list has it. */
export interface ListedMail {
  id: string;
  state: MailState;
  /** Sent, but some recipients were rejected. */
  partial: boolean;
  template?: string;
  locale?: string;
  priority: Priority;
  tags: string[];
  createdAt: string;
  dueAt: string;
  nextAttemptAt?: string;
  endedAt?: string;
  recipients: Recipient[];
  attemptCount: number;
  deferralCount: number;
  /** Of the latest delivery attempt, like `verdict` and `reason`. */
  provider?: string;
  verdict?: string;
  reason?: string;
  /** The failure group of a failing mail. */
  group?: string;
  /** Why the record cannot be read. */
  issue?: string;
}

/** A delivery attempt that ended without a verdict on the mail, because the provider could take none: it is not counted. */
export interface Deferral {
  /** When it began. */
  at: string;
  durationMs: number;
  provider?: string;
  reason: string;
  detail?: string;
  /** `atMs`: since the transaction began. */
  steps: { atMs: number; command: string; reply: string }[];
}

/** A delivery attempt that ended with a verdict on the mail: it is counted. */
export interface Attempt extends Deferral {
  number: number;
  verdict: string;
  outcomes: { address: string; verdict: string; reason: string; code?: number; enhancedCode?: string; reply?: string }[];
}

/** A mail with its recipients, attempts and receipt. Of one whose record cannot be read there is only what a list has. */
export interface MailRecord extends ListedMail {
  messageId?: string;
  apiKey?: string;
  copyOf?: string;
  copies?: string[];
  templatesHash?: string;
  renderedHash?: string;
  metadata?: Record<string, unknown>;
  expiresAt?: string;
  onUncertain?: 'resend' | 'hold';
  from?: Mailbox;
  attempts?: Attempt[];
  lastDeferral?: Deferral;
  receipt?: { at: string; provider: string; response: string; accepted: string[] };
  contentState?: 'complete' | 'reduced' | 'deleted';
  contentUntil?: string;
  content?: KeptContent;
}

/** What is left of a mail's content. */
export interface KeptContent {
  template?: { name: string; locale: string; data: Record<string, unknown>; subject?: string; omitted?: string[] };
  literal?: Content;
  /** Of a sent mail without the message where that is large. */
  raw?: { subject: string; message?: string };
  attachments: { filename: string; contentType?: string; bytes: number }[];
  headers: Record<string, string>;
}

/** The templates that the API key may send. */
export interface TemplateList {
  hash: string;
  /** `schema` is the JSON Schema of the data. */
  templates: { name: string; subject: string; locales: string[]; schema: unknown; samples: Record<string, unknown> }[];
}
