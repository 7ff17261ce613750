/** Options of a mail that travel in its header: `Posthouse-Tag` and others, which were removed from the message. */
import { addJsonIssues, checker, IssueList, idempotencyKeyRule, isIdempotencyKey, limits, type Mail, readTimes } from '@posthouse/contract';
import { MailSchema } from '@posthouse/contract/mail-schema';
import type { HeaderField } from '@posthouse/message';
import type { NewMail } from '@posthouse/queue';
import { Type } from 'typebox';

/** Options as a record has them. */
type RecordOptions = Pick<NewMail, 'priority' | 'tags' | 'metadata' | 'scheduledAt' | 'expiresAt' | 'onUncertain'>;

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

const idempotencyKeyField = 'posthouse-idempotency-key';

const names = [
  'Posthouse-Idempotency-Key',
  'Posthouse-Tag',
  'Posthouse-Priority',
  'Posthouse-Expires',
  'Posthouse-Scheduled',
  'Posthouse-On-Uncertain',
  'Posthouse-Metadata',
];

const check = checker(Type.Partial(Type.Pick(MailSchema, [...Object.values(optionOf)]), { additionalProperties: false }));

/**
 * Reads the options.
 * @param removed the fields that were removed from the message
 * @returns the first thing that is wrong, as a sentence without the value
 */
export function readOptions(removed: readonly HeaderField[]): MailOptions | string {
  const mail: Record<string, unknown> & Pick<Mail, Option> = {};
  let idempotencyKey: string | undefined;
  for (const { name, value } of removed) {
    const known = name.toLowerCase();
    if (!known.startsWith('posthouse-')) continue;
    const option = known === idempotencyKeyField ? undefined : (optionOf as Record<string, Option | undefined>)[known];
    if (option === undefined && known !== idempotencyKeyField)
      return `${name.slice(0, limits.tagLength)} is no option; those are ${names.join(', ')}`;
    if (option === 'tags') mail.tags = [...(mail.tags ?? []), value];
    else if (option === undefined ? idempotencyKey !== undefined : option in mail) return `${name} is there more than once`;
    else if (option === undefined) idempotencyKey = value;
    else if (option !== 'metadata') mail[option] = value as never;
    else {
      try {
        mail.metadata = JSON.parse(value);
      } catch {
        return `${name} is not JSON: write an object such as {"userId":7}`;
      }
    }
  }
  if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) return `Posthouse-Idempotency-Key must have ${idempotencyKeyRule}`;
  const issues = check(mail);
  if (issues.length === 0 && mail.metadata !== undefined) addJsonIssues(issues, '/metadata', mail.metadata, limits.metadataBytes);
  return issues.length > 0 ? describe(issues) : { idempotencyKey, at: (now) => optionsAt(mail, now) };
}

function optionsAt(mail: Pick<Mail, Option>, now: number): RecordOptions | string {
  const issues = new IssueList();
  const { scheduledAt, expiresAt } = readTimes(mail, undefined, now, issues);
  if (issues.length > 0) return describe(issues);
  const { metadata, onUncertain } = mail;
  return {
    ...{ priority: mail.priority ?? 'normal', tags: mail.tags ?? [] },
    ...(metadata !== undefined && { metadata }),
    ...(scheduledAt !== undefined && { scheduledAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(onUncertain !== undefined && { onUncertain }),
  };
}

function describe(issues: IssueList): string {
  const [issue] = issues;
  const option = issue?.pointer.split('/')[1];
  const name = names.find((known) => (optionOf as Record<string, string | undefined>)[known.toLowerCase()] === option);
  return `${name ?? 'An option'} ${issue?.message ?? 'is wrong'}`;
}
