/**
 * A mail as a caller requests it: the body of `POST /v1/mails`. Unknown fields are issues, and nothing is coerced. The API also checks
 * what a schema cannot express: either template or content, sizes, allowed senders. It is an entry of its own in the exports map,
 * because TypeBox takes 0.2 s to load and only the API needs it.
 */
import { type Static, type TSchema, Type } from 'typebox';
import { limits } from './limits.ts';
import { allowedHeaders } from './mail-headers.ts';
import { priorities, uncertainPolicies } from './mail-policy.ts';

const strict = { additionalProperties: false } as const;

const AddressSchema = Type.Union(
  [
    Type.String({
      format: 'mailbox',
      description: '`anne@example.com` or `Anne <anne@example.com>`; never several in one string.',
    }),
    Type.Object(
      {
        name: Type.Optional(Type.String({ maxLength: limits.nameLength, format: 'display-name' })),
        address: Type.String({ format: 'idn-email', description: 'One plain address: `anne@example.com`.' }),
      },
      { ...strict, title: 'Mailbox' },
    ),
  ],
  { title: 'Address' },
);

const Addresses = Type.Union([AddressSchema, Type.Array(AddressSchema, { minItems: 1, maxItems: limits.recipients })], {
  title: 'Addresses',
});

const AttachmentSchema = Type.Object(
  {
    filename: Type.String({ minLength: 1, maxLength: 255, format: 'file-name', description: 'A name without a path.' }),
    contentType: Type.Optional(
      Type.String({
        maxLength: limits.mediaTypeLength,
        format: 'media-type',
        description:
          'With its parameters: `text/csv; charset=utf-8`. An invitation is `text/calendar; method=REQUEST`. Guessed from the file name when absent.',
      }),
    ),
    content: Type.String({ format: 'base64', description: 'The bytes, in base64.' }),
    cid: Type.Optional(
      Type.String({
        maxLength: 128,
        format: 'content-id',
        description: 'Makes it an inline image that the HTML refers to as `cid:…`.',
      }),
    ),
  },
  { ...strict, title: 'Attachment' },
);

/** A file attached to the mail, or an inline image. */
export type Attachment = Static<typeof AttachmentSchema>;

const line = { maxLength: limits.headerLength, format: 'line', description: 'One line, without control characters.' } as const;

const text = { format: 'text', description: 'Any Unicode text without NUL.' } as const;

const time = { format: 'date-time', maxLength: limits.timeLength } as const;

/** The body of `POST /v1/mails`. */
export const MailSchema = Type.Object(
  {
    to: Addresses,
    cc: Type.Optional(Addresses),
    bcc: Type.Optional(Addresses),
    replyTo: Type.Optional(Addresses),
    from: Type.Optional(AddressSchema),
    template: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'A name from `GET /v1/templates`.' })),
    data: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: "Must match the template's schema." })),
    locale: Type.Optional(
      Type.Union([Type.String({ format: 'locale', maxLength: 35 }), Type.Null()], {
        description:
          'A BCP 47 tag such as `en-US`; `en_US` is the same. `null` and an empty string count as absent. If the template lacks it, a fallback is used; the answer names it.',
      }),
    ),
    content: Type.Optional(
      Type.Object(
        {
          subject: Type.Optional(Type.String({ minLength: 1, ...line })),
          html: Type.Optional(Type.String(text)),
          text: Type.Optional(Type.String(text)),
          raw: Type.Optional(
            Type.String({
              format: 'base64',
              description:
                'A whole message (RFC 5322) in base64. Then `to` has the envelope recipients, and `from`, if present, the envelope sender. Its body is sent unchanged; `Bcc` and `Posthouse-*` are removed from its header, and `Date` and `Message-ID` are added where they are missing.',
            }),
          ),
        },
        { ...strict, title: 'Content', description: 'Instead of a template: `subject` with `html`, `text` or both; or `raw` alone.' },
      ),
    ),
    attachments: Type.Optional(Type.Array(AttachmentSchema, { maxItems: limits.attachments })),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(line), {
        maxProperties: limits.headers,
        propertyNames: { format: 'header-name' },
        description: `Allowed are ${allowedHeaders}.`,
      }),
    ),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: limits.tagLength, format: 'tag' }), {
        maxItems: limits.tags,
        uniqueItems: true,
      }),
    ),
    metadata: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'Stored with the record and returned with it, never sent.' }),
    ),
    priority: Type.Optional(Type.Enum([...priorities], { title: 'Priority' })),
    expiresAt: Type.Optional(Type.String({ ...time, description: 'A mail not sent by then expires. Default: 72 hours after it is due.' })),
    onUncertain: Type.Optional(
      Type.Enum([...uncertainPolicies], {
        description: 'If delivery is unknown: `resend` with the same Message-ID, or `hold` until a user resolves it. Default: `resend`.',
      }),
    ),
    scheduledAt: Type.Optional(Type.String({ ...time, description: 'Sent at this time, at most a year ahead. A past time means now.' })),
  },
  { ...strict, title: 'Mail' },
);

/** A mail as a caller requests it. */
export type Mail = Static<typeof MailSchema>;

/** The body of `POST /v1/mails/batch`. */
export const MailBatchSchema = batchOf(MailSchema);

/** The same without the schema of its mails, which are validated one by one. */
export const BatchFrameSchema = batchOf(Type.Unknown());

function batchOf<T extends TSchema>(mail: T) {
  return Type.Object({ mails: Type.Array(mail, { minItems: 1, maxItems: limits.batchMails }) }, { ...strict, title: 'MailBatch' });
}

/** The size of a mail in bytes: its content and its decoded attachments. */
export function contentBytes(
  content: { html?: string | undefined; text?: string | undefined } | undefined,
  attachments: readonly Attachment[] | undefined,
): number {
  let bytes = Buffer.byteLength(content?.html ?? '') + Buffer.byteLength(content?.text ?? '');
  for (const attachment of attachments ?? []) bytes += Buffer.byteLength(attachment.content, 'base64');
  return bytes;
}
