/**
 * Says where a field belongs that callers know under another name: from the API of another service, from nodemailer, or from the template.
 * Only called for a mail that has issues.
 */
import { type Issue, type IssueList, pointerTo } from '@posthouse/contract';
import type { Catalogue } from '@posthouse/templates/catalogue';

/** Where fields of other APIs are in a mail, by their names in lower case and without - and _. */
const mailFields: Readonly<Record<string, string>> = {
  ...named('`content.subject`', 'subject title'),
  ...named('`content.html`', 'html htmlbody bodyhtml'),
  ...named('`content.text`', 'text textbody bodytext plain'),
  ...named('`content.text` or `content.html`', 'body message'),
  ...named('`template`', 'templateid templatename templatealias templatekey'),
  ...named('`data`', 'variables vars params parameters context props substitutions templatedata templatemodel templatevariables'),
  ...named('`data`', 'dynamictemplatedata mergevars mergevariables globalmergevars personalizations'),
  ...named('`from`', 'sender fromemail fromaddress mailfrom'),
  ...named('`to`', 'recipient recipients toemail toaddress email mailto'),
  ...named('`scheduledAt`', 'sendat sendtime sendon sendafter deliverat deliverytime schedule runat delay'),
  ...named('`expiresAt`', 'expires expiry validuntil deadline ttl'),
  ...named('`locale`', 'language lang'),
  ...named('`attachments`', 'files attachment'),
  ...named('`metadata`', 'meta custom customargs customvariables'),
  ...named('`tags`', 'category categories'),
  ...named('the header `Idempotency-Key`', 'idempotencykey idempotency'),
};

const attachmentFields: Readonly<Record<string, string>> = {
  ...named('`filename`', 'name'),
  ...named('`contentType`', 'type mimetype'),
  ...named('`cid`', 'contentid'),
  ...named('`content`, with the bytes of the file in base64', 'path href url data body base64 raw'),
};

/** Headers that a mail has fields for. */
const headerFields: Readonly<Record<string, string>> = {
  ...named('`to`', 'to'),
  ...named('`cc`', 'cc'),
  ...named('`bcc`', 'bcc'),
  ...named('`from`', 'from sender'),
  ...named('`replyTo`', 'replyto'),
  ...named('`content.subject`', 'subject'),
  ...named('`priority`', 'priority'),
  ...named('`attachments`, where each has a `contentType`', 'contenttype contentdisposition contenttransferencoding'),
};

const addressFields: Readonly<Record<string, string>> = named('`address`', 'email mail emailaddress');

/** Puts advice into the issues of a mail. @param mail as it was sent, of any form */
export function withAdvice(issues: IssueList, mail: unknown, catalogue: Catalogue): IssueList {
  return issues.map((issue) => {
    const field = headerField(issue);
    if (field !== undefined) return { ...issue, message: `is not set as a header; use the field ${field}` };
    const meant = issue.code === 'unknown-field' ? meantField(issue, mail, catalogue) : undefined;
    return meant === undefined ? issue : { ...issue, message: `is not a known field; did you mean ${meant}?` };
  });
}

/** The field for a header that may not be set. */
function headerField({ pointer, code }: Issue): string | undefined {
  const name = /^\/headers\/([^/]+)$/.exec(pointer)?.[1];
  return name === undefined || code !== 'wrong-format' ? undefined : headerFields[plain(name)];
}

function meantField({ pointer }: Issue, mail: unknown, catalogue: Catalogue): string | undefined {
  const tokens = pointer.split('/').slice(1);
  const [field = '', ...rest] = tokens;
  if (rest.length === 0) return dataField(pointer, mail, catalogue) ?? mailFields[plain(field)];
  const name = plain(tokens.at(-1) as string);
  if (/^\/attachments\/\d+\/[^/]+$/.test(pointer)) return attachmentFields[name];
  return /^\/(?:to|cc|bcc|replyTo|from)(?:\/\d+)?\/[^/]+$/.test(pointer) ? addressFields[name] : undefined;
}

/** A field at the top that the template has in its data. */
function dataField(pointer: string, mail: unknown, catalogue: Catalogue): string | undefined {
  const { template } = mail as { template?: unknown };
  const schema = typeof template === 'string' ? catalogue.templates.get(template)?.schema : undefined;
  const name = Object.keys(schema?.['properties'] ?? {}).find((known) => pointerTo([known]) === pointer);
  return name === undefined ? undefined : `\`data.${name}\``;
}

function named(field: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, field]));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}
