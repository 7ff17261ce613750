/** Options of a mail that travel in its header: `Posthouse-Tag` and others, which were removed from the message. */
import {
  addJsonIssues,
  checker,
  IssueList,
  idempotencyKeyRule,
  isIdempotencyKey,
  limits,
  type Mail,
  parseTraceContext,
  readTimes,
  similarName,
} from '@posthouse/contract';
import { MailSchema } from '@posthouse/contract/mail-schema';
import { decodeText, type HeaderField } from '@posthouse/message';
import type { NewMail } from '@posthouse/queue';
import { Type } from 'typebox';

/** Options as a record has them. */
type RecordOptions = Pick<NewMail, 'priority' | 'tags' | 'metadata' | 'scheduledAt' | 'expiresAt' | 'onUncertain' | 'trace'>;

/** What the fields say. */
export interface MailOptions {
  idempotencyKey: string | undefined;
  /** The options of a mail that is accepted now, ms since the epoch; or what is wrong with its times, as a sentence. */
  at: (now: number) => RecordOptions | string;
}

/** By the field's name in lower case: the option of `POST /v1/mails`. */
const optionOf = {
  'posthouse-tag': 'tags',
  'posthouse-priority': 'priority',
  'posthouse-expires': 'expiresAt',
  'posthouse-scheduled': 'scheduledAt',
  'posthouse-on-uncertain': 'onUncertain',
  'posthouse-metadata': 'metadata',
} as const;

type Option = (typeof optionOf)[keyof typeof optionOf];

/** Of what is no option of a mail. */
const requestFields = ['posthouse-idempotency-key', 'posthouse-traceparent', 'posthouse-tracestate'] as const;

type RequestField = (typeof requestFields)[number];

const prefix = 'posthouse-';

const names = [
  'Posthouse-Idempotency-Key',
  'Posthouse-Tag',
  'Posthouse-Priority',
  'Posthouse-Expires',
  'Posthouse-Scheduled',
  'Posthouse-On-Uncertain',
  'Posthouse-Metadata',
  'Posthouse-Traceparent',
  'Posthouse-Tracestate',
];

const check = checker(Type.Partial(Type.Pick(MailSchema, [...Object.values(optionOf)]), { additionalProperties: false }));

/**
 * Reads the options.
 * @param removed the fields that were removed from the message
 * @returns the first thing that is wrong, as a sentence without the value
 */
export function readOptions(removed: readonly HeaderField[]): MailOptions | string {
  const mail: Record<string, unknown> & Pick<Mail, Option> = {};
  const request: Partial<Record<RequestField, string>> = {};
  for (const { name, value: written } of removed) {
    const known = name.toLowerCase();
    if (!known.startsWith(prefix)) continue;
    // Libraries write what is not ASCII, and words that are too long for a line, as encoded words.
    const value = decodeText(written, limits.rawHeader.bytes);
    const ofRequest = requestFields.find((field) => field === known);
    const option = (optionOf as Record<string, Option | undefined>)[known];
    if (option === undefined && ofRequest === undefined) return `${name.slice(0, limits.tagLength)} is no option; ${optionAdvice(name)}`;
    if (option === 'tags') mail.tags = [...(mail.tags ?? []), value];
    else if (ofRequest === undefined ? option !== undefined && option in mail : ofRequest in request)
      return `${name} is there more than once`;
    else if (ofRequest !== undefined) request[ofRequest] = value;
    else if (option === 'metadata') {
      try {
        mail.metadata = JSON.parse(value);
      } catch {
        return `${name} is not JSON: write an object such as {"userId":7}`;
      }
    } else if (option !== undefined) mail[option] = value as never;
  }
  const idempotencyKey = request['posthouse-idempotency-key'];
  if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) return `Posthouse-Idempotency-Key must have ${idempotencyKeyRule}`;
  const issues = check(mail);
  if (issues.length === 0 && mail.metadata !== undefined) addJsonIssues(issues, '/metadata', mail.metadata, limits.metadataBytes);
  if (issues.length > 0) return describe(issues);
  // A trace that cannot be read is left out, as in a request: no mail fails by it.
  const trace = parseTraceContext(request['posthouse-traceparent'], request['posthouse-tracestate']);
  return { idempotencyKey, at: (now) => optionsAt(mail, trace, now) };
}

function optionsAt(mail: Pick<Mail, Option>, trace: NewMail['trace'], now: number): RecordOptions | string {
  const issues = new IssueList();
  const { scheduledAt, expiresAt } = readTimes(mail, undefined, now, issues);
  if (issues.length > 0) return describe(issues);
  const { metadata, onUncertain } = mail;
  return {
    priority: mail.priority ?? 'normal',
    tags: mail.tags ?? [],
    ...(metadata !== undefined && { metadata }),
    ...(scheduledAt !== undefined && { scheduledAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(onUncertain !== undefined && { onUncertain }),
    ...(trace !== undefined && { trace }),
  };
}

/** The option that is meant, or all of them. The prefix is in every name, so it says nothing about which one is meant. */
function optionAdvice(name: string): string {
  const meant = similarName(
    name.slice(prefix.length),
    names.map((known) => known.slice(prefix.length)),
  );
  return meant === undefined ? `those are ${names.join(', ')}` : `did you mean Posthouse-${meant}?`;
}

function describe(issues: IssueList): string {
  const [issue] = issues;
  const option = issue?.pointer.split('/')[1];
  const name = names.find((known) => (optionOf as Record<string, string | undefined>)[known.toLowerCase()] === option);
  return `${name ?? 'An option'} ${issue?.message ?? 'is wrong'}`;
}
