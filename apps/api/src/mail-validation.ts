/**
 * From a mail as the caller wrote it to one whose every field is checked and filled in. The schema has been
 * checked before; here is what a schema cannot say.
 */
import {
  type Address,
  addressDomain,
  contentBytes,
  type Issue,
  limits,
  type Mail,
  type Mailbox,
  type MailContent,
  parseMailbox,
} from '@posthouse/contract';
import type { NewMail } from '@posthouse/queue';
import type { Catalogue } from '@posthouse/templates/catalogue';

/** What the intake checks against. */
export interface ValidationRules {
  catalogue: Catalogue;
  from: Mailbox;
  fromDomains: readonly string[];
}

/** A checked mail, or why there is none. Sizes are told apart, because they have a status of their own. */
export type ValidatedMail = { mail: NewMail } | { issues: Issue[]; tooLarge: boolean };

/** @param now ms since the epoch */
export function validateMail(mail: Mail, apiKey: string, rules: ValidationRules, now: number): ValidatedMail {
  const issues: Issue[] = [];
  const sizes = sizeIssues(mail);
  const envelope = {
    from: senderOf(mail, rules, issues),
    to: mailboxes(mail.to, '/to', issues),
    cc: mailboxes(mail.cc, '/cc', issues),
    bcc: mailboxes(mail.bcc, '/bcc', issues),
    replyTo: mailboxes(mail.replyTo, '/replyTo', issues),
  };
  const recipients = envelope.to.length + envelope.cc.length + envelope.bcc.length;
  if (recipients > limits.recipients)
    issues.push({ pointer: '/to', message: `with cc and bcc there are ${recipients} recipients; ${limits.recipients} is the most` });
  const content = contentOf(mail, rules.catalogue, issues);
  const template = mail.template === undefined ? undefined : rules.catalogue.templates.get(mail.template);
  const { scheduledAt, expiresAt } = timesOf(mail, template?.expiresInMs, now, issues);

  if (sizes.length > 0 || issues.length > 0 || content === undefined || envelope.from === undefined) {
    return { issues: [...sizes, ...issues], tooLarge: sizes.length > 0 };
  }
  const onUncertain = mail.onUncertain ?? template?.onUncertain;
  return {
    mail: {
      apiKey,
      envelope: { ...envelope, from: envelope.from },
      content,
      ...(content.template !== undefined && { templatesHash: rules.catalogue.hash }),
      priority: mail.priority ?? template?.priority ?? 'normal',
      tags: mail.tags ?? [],
      ...(mail.metadata !== undefined && { metadata: mail.metadata }),
      ...(scheduledAt !== undefined && { scheduledAt }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(onUncertain !== undefined && { onUncertain }),
    },
  };
}

function contentOf(mail: Mail, catalogue: Catalogue, issues: Issue[]): MailContent | undefined {
  const rest = { attachments: mail.attachments ?? [], headers: mail.headers ?? {} };
  if ((mail.template === undefined) === (mail.content === undefined)) {
    issues.push({ pointer: '', message: 'needs either `template` with `data`, or `content`' });
    return undefined;
  }
  if (mail.content !== undefined) {
    for (const field of ['data', 'locale'] as const) {
      if (mail[field] !== undefined) issues.push({ pointer: `/${field}`, message: 'goes with `template`, not with `content`' });
    }
    if (!mail.content.html && !mail.content.text) issues.push({ pointer: '/content', message: 'needs `html`, `text` or both' });
    return { literal: mail.content, ...rest };
  }
  const name = mail.template as string;
  if (!catalogue.templates.has(name)) {
    const known = [...catalogue.templates.keys()].join(', ');
    issues.push({ pointer: '/template', message: `is not a known template; known are: ${known}` });
    return undefined;
  }
  const data = mail.data ?? {};
  for (const issue of catalogue.check(name, data)) issues.push({ pointer: `/data${issue.pointer}`, message: issue.message });
  return { template: { name, locale: catalogue.resolveLocale(name, mail.locale), data }, ...rest };
}

function senderOf(mail: Mail, rules: ValidationRules, issues: Issue[]): Mailbox | undefined {
  const templates = rules.catalogue.templates;
  const written = mail.from ?? (mail.template === undefined ? undefined : templates.get(mail.template)?.from) ?? rules.from;
  const sender = parseMailbox(written);
  if (sender === undefined) issues.push({ pointer: '/from', message: 'must be one plain address' });
  else if (!rules.fromDomains.includes(addressDomain(sender.address))) {
    issues.push({ pointer: '/from', message: `must be of an allowed domain: ${rules.fromDomains.join(', ')} (MAIL_FROM_DOMAINS)` });
  }
  return sender;
}

function mailboxes(written: Mail['to'] | undefined, pointer: string, issues: Issue[]): Mailbox[] {
  if (written === undefined) return [];
  const many = Array.isArray(written);
  return (many ? written : [written]).flatMap((one: Address, index) => {
    const mailbox = parseMailbox(one);
    if (mailbox !== undefined) return [mailbox];
    issues.push({ pointer: many ? `${pointer}/${index}` : pointer, message: 'is not an address that mail can be sent to' });
    return [];
  });
}

function sizeIssues(mail: Mail): Issue[] {
  const issues: Issue[] = [];
  const check = (pointer: string, bytes: number, max: number) => {
    if (bytes > max) issues.push({ pointer, message: `has ${bytes} bytes; ${max} is the most` });
  };
  for (const [pointer, value, max] of [
    ['/data', mail.data, limits.dataBytes],
    ['/metadata', mail.metadata, limits.metadataBytes],
  ] as const) {
    if (value === undefined) continue;
    if (isDeeper(value, limits.nesting)) issues.push({ pointer, message: `is nested deeper than ${limits.nesting} levels` });
    else check(pointer, Buffer.byteLength(JSON.stringify(value)), max);
  }
  check('/content', contentBytes(mail.content, undefined), limits.contentBytes);
  check('/attachments', contentBytes(mail.content, mail.attachments), limits.messageBytes);
  return issues;
}

/** Goes level by level: what calls itself for each level has a stack that a caller could exhaust. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return true;
}

function timesOf(
  mail: Mail,
  expiresInMs: number | undefined,
  now: number,
  issues: Issue[],
): { scheduledAt: number | undefined; expiresAt: number | undefined } {
  const scheduledAt = mail.scheduledAt === undefined ? undefined : Date.parse(mail.scheduledAt);
  const expiresAt = mail.expiresAt === undefined ? undefined : Date.parse(mail.expiresAt);
  // RFC 3339 knows leap seconds, JavaScript does not.
  for (const [pointer, at] of [
    ['/scheduledAt', scheduledAt],
    ['/expiresAt', expiresAt],
  ] as const) {
    if (Number.isNaN(at)) issues.push({ pointer, message: 'is not a time that there is' });
  }
  if (scheduledAt !== undefined && scheduledAt - now > limits.scheduleAheadMs)
    issues.push({ pointer: '/scheduledAt', message: 'is more than a year ahead' });
  if (expiresAt !== undefined && expiresAt <= Math.max(now, scheduledAt ?? now)) {
    issues.push({ pointer: '/expiresAt', message: 'is not after the time at which the mail is due' });
  }
  const worthUntil = expiresInMs === undefined ? undefined : Math.max(now, scheduledAt ?? now) + expiresInMs;
  return { scheduledAt, expiresAt: expiresAt ?? worthUntil };
}
