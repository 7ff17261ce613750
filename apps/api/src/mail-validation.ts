/**
 * Validates a mail and fills in its defaults. Its JSON Schema was checked before; this file checks what a schema cannot express: template
 * data, allowed senders, sizes, times.
 */
import { type ApiKey, type KeyRights, senderIssue } from '@posthouse/access';
import {
  type Address,
  addJsonIssues,
  IssueList,
  limits,
  type Mail,
  type Mailbox,
  type MailContent,
  parseMailbox,
  readTimes,
  similarName,
} from '@posthouse/contract';
import { contentBytes } from '@posthouse/contract/mail-schema';
import type { NewMail } from '@posthouse/queue';
import type { Catalogue, TemplateSource } from '@posthouse/templates/catalogue';
import { attachmentIssues, headerIssues } from './message-validation.ts';
import { type RawMessage, readRaw } from './raw-message.ts';

/** How many templates a message lists. */
const maxListed = 20;

/** What a mail is validated against. */
export interface ValidationRules {
  templates: TemplateSource<Catalogue>;
  /** The sender of a mail that names none. */
  from: Mailbox;
  /** Domains that a sender may have. */
  fromDomains: readonly string[];
}

/** A valid mail, or its issues. `tooLarge`: at least one of them is about a size, which has an HTTP status of its own. */
export type ValidatedMail = { mail: NewMail } | { issues: IssueList; tooLarge: boolean };

/**
 * Validates a mail whose JSON matches the schema.
 *
 * @param apiKey that the mail was sent with
 * @param now ms since the epoch
 */
export function validateMail(mail: Mail, { name: apiKey, rights }: ApiKey, rules: ValidationRules, now: number): ValidatedMail {
  const issues = new IssueList();
  const catalogue = rules.templates.current;
  const tooLarge = addSizeIssues(mail, issues);
  const raw = mail.content?.raw === undefined || tooLarge.length > 0 ? undefined : readRaw(mail, mail.content.raw, issues);
  for (const { field, address } of raw?.senders ?? []) {
    const advice = senderIssue(address, rules.fromDomains, rights);
    if (advice !== undefined) issues.add('/content/raw', `has a sender in ${field} that ${advice}`, 'not-allowed');
  }
  const envelope = {
    from: raw === undefined ? senderOf(mail, rules, rights, issues) : raw.from,
    to: mailboxes(mail.to, '/to', issues),
    cc: mailboxes(mail.cc, '/cc', issues),
    bcc: mailboxes(mail.bcc, '/bcc', issues),
    replyTo: mailboxes(mail.replyTo, '/replyTo', issues),
    ...(raw !== undefined && mail.from !== undefined && { returnPath: senderOf(mail, rules, rights, issues)?.address ?? '' }),
  };
  const recipients = envelope.to.length + envelope.cc.length + envelope.bcc.length;
  if (recipients > limits.recipients)
    issues.add('/to', `has ${recipients} recipients together with cc and bcc; at most ${limits.recipients} are allowed`, 'out-of-range');
  const content = contentOf(mail, raw, catalogue, rights, issues, tooLarge.includes('/data'));
  issues.addAll(attachmentIssues(mail.attachments ?? []));
  issues.addAll(headerIssues(mail.headers ?? {}));
  const template = mail.template === undefined ? undefined : catalogue.templates.get(mail.template);
  const { scheduledAt, expiresAt } = readTimes(mail, template?.expiresInMs, now, issues);

  if (issues.length > 0 || content === undefined || envelope.from === undefined) return { issues, tooLarge: tooLarge.length > 0 };
  const onUncertain = mail.onUncertain ?? template?.onUncertain;
  return {
    mail: {
      apiKey,
      envelope: { ...envelope, from: envelope.from },
      content,
      ...(content.template !== undefined && { templatesHash: catalogue.hash }),
      ...(raw?.messageId !== undefined && { messageId: raw.messageId }),
      priority: mail.priority ?? template?.priority ?? 'normal',
      tags: mail.tags ?? [],
      ...(mail.metadata !== undefined && { metadata: mail.metadata }),
      ...(scheduledAt !== undefined && { scheduledAt }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(onUncertain !== undefined && { onUncertain }),
    },
  };
}

function contentOf(
  mail: Mail,
  raw: RawMessage | undefined,
  catalogue: Catalogue,
  rights: KeyRights,
  issues: IssueList,
  isDataTooLarge: boolean,
): MailContent | undefined {
  const rest = { attachments: mail.attachments ?? [], headers: mail.headers ?? {} };
  if (mail.template !== undefined && mail.content !== undefined) {
    issues.add('', 'has both `template` and `content`; send one of them: a template has a subject and a text of its own', 'conflict');
    return undefined;
  }
  if (mail.template === undefined && mail.content === undefined) {
    issues.add('', 'has neither `template` with `data` nor `content` with `subject` and `html` or `text`; send one of them', 'missing');
    return undefined;
  }
  const allowed = [...catalogue.templates.keys()].filter((known) => rights.templates?.includes(known) ?? true);
  if (mail.content !== undefined) {
    for (const [field, value] of [
      ['data', mail.data],
      ['locale', localeOf(mail)],
    ]) {
      if (value !== undefined) issues.add(`/${field}`, 'cannot be combined with `content`; use it with `template`', 'conflict');
    }
    if (rights.templates !== undefined)
      issues.add('/content', `is not allowed with this API key, which ${templateAdvice(allowed)}`, 'not-allowed');
    const { subject, raw: encoded, ...bodies } = mail.content;
    if (encoded !== undefined) return raw && { raw: raw.content, ...rest };
    if (subject === undefined) issues.add('/content/subject', 'is missing', 'missing');
    if (!bodies.html && !bodies.text) issues.add('/content', 'needs `html`, `text` or both', 'missing');
    return { literal: { subject: subject ?? '', ...bodies }, ...rest };
  }
  const name = mail.template as string;
  if (!allowed.includes(name)) {
    const what = rights.templates === undefined ? 'a template' : 'allowed with this API key';
    const similar = similarName(name, allowed);
    const advice = `${similar === undefined ? 'the key' : `did you mean \`${similar}\`? The key`} ${templateAdvice(allowed)}`;
    issues.add('/template', `is not ${what}; ${advice}`, 'not-allowed');
    return undefined;
  }
  const data = mail.data ?? {};
  if (!isDataTooLarge) issues.addAll(catalogue.check(name, data), '/data');
  return { template: { name, locale: catalogue.resolveLocale(name, localeOf(mail)), data }, ...rest };
}

/** Completes "the API key …". @param allowed the templates that it may send and that exist */
function templateAdvice(allowed: readonly string[]): string {
  return allowed.length > 0
    ? `may send the templates: ${allowed.slice(0, maxListed).join(', ')}${allowed.length > maxListed ? ` and others: see GET /v1/templates` : ''}`
    : 'may send no template that exists; ask an administrator of Posthouse to change its limits `template=…` or to add the template';
}

/** The requested locale as a BCP 47 tag: many systems write `en_US`. */
export function localeOf({ locale }: Pick<Mail, 'locale'>): string | undefined {
  return locale?.replaceAll('_', '-') || undefined;
}

function senderOf(mail: Mail, rules: ValidationRules, rights: KeyRights, issues: IssueList): Mailbox | undefined {
  const { templates } = rules.templates.current;
  const from = mail.from ?? (mail.template === undefined ? undefined : templates.get(mail.template)?.from) ?? rules.from;
  const sender = parseMailbox(from);
  if (sender === undefined) issues.add('/from', 'must be one address, such as anne@example.com', 'wrong-format');
  const advice = sender && senderIssue(sender.address, rules.fromDomains, rights);
  if (advice !== undefined) issues.add('/from', advice, 'not-allowed');
  return sender;
}

function mailboxes(addresses: Mail['to'] | undefined, pointer: string, issues: IssueList): Mailbox[] {
  if (addresses === undefined) return [];
  const isList = Array.isArray(addresses);
  return (isList ? addresses : [addresses]).flatMap((address: Address, index) => {
    const mailbox = parseMailbox(address);
    if (mailbox !== undefined) return [mailbox];
    issues.add(
      isList ? `${pointer}/${index}` : pointer,
      'must be an address that mail can be sent to, such as anne@example.com',
      'wrong-format',
    );
    return [];
  });
}

/** Issues of size, which are looked for first: what is too large is not checked further. @returns pointers to what is too large */
function addSizeIssues(mail: Mail, issues: IssueList): string[] {
  const tooLarge: string[] = [];
  const check = (pointer: string, bytes: number, max: number) => {
    if (bytes <= max) return;
    tooLarge.push(pointer);
    issues.add(pointer, `has ${bytes} bytes; at most ${max} are allowed`, 'too-large');
  };
  for (const [pointer, value, max] of [
    ['/data', mail.data, limits.dataBytes],
    ['/metadata', mail.metadata, limits.metadataBytes],
  ] as const) {
    if (value !== undefined && addJsonIssues(issues, pointer, value, max)) tooLarge.push(pointer);
  }
  check('/content', contentBytes(mail.content, undefined), limits.contentBytes);
  if (mail.content?.raw !== undefined) check('/content/raw', Buffer.byteLength(mail.content.raw, 'base64'), limits.messageBytes);
  check('/attachments', contentBytes(mail.content, mail.attachments), limits.messageBytes);
  return tooLarge;
}
