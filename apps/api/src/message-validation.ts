/** Checks of a mail's attachments and headers that a schema cannot express. */
import {
  type Attachment,
  calendarMethod,
  calendarMethods,
  headerValueIssue,
  type IssueCode,
  IssueList,
  parseMediaType,
} from '@posthouse/contract';

/** Types that cannot be attached, invitations that calendars would ignore. */
export function attachmentIssues(attachments: readonly Attachment[]): IssueList {
  const issues = new IssueList();
  let invitations = 0;
  for (const [index, { contentType = '', content }] of attachments.entries()) {
    const issue = (message: string, code: IssueCode) => issues.add(`/attachments/${index}/contentType`, message, code);
    const mediaType = parseMediaType(contentType);
    if (mediaType === undefined) continue;
    if (mediaType.type.startsWith('multipart/'))
      issue('cannot be attached, because it consists of parts; attach each part, or a whole message as message/rfc822', 'not-allowed');
    const method = calendarMethod(mediaType);
    if (method === undefined) continue;
    invitations += 1;
    if (!calendarMethods.some((known) => known === method))
      issue(`has a method that is not one of: ${calendarMethods.join(', ')}`, 'not-allowed');
    else if (invitations > 1) issue('makes this a second invitation; a mail has at most one attachment with a `method`', 'conflict');
    else if (methodOf(content) !== method)
      issue(`has another method than the calendar, which needs the line METHOD:${method} (RFC 6047 section 2.4)`, 'conflict');
  }
  return issues;
}

/** Values that an RFC restricts, and headers that differ only in the case of their letters. */
export function headerIssues(headers: Readonly<Record<string, string>>): IssueList {
  const issues = new IssueList();
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const issue = (message: string, code: IssueCode) => issues.add(`/headers/${name}`, message, code);
    if (seen.has(name.toLowerCase())) issue('is given twice; header names are compared without case', 'duplicate');
    seen.add(name.toLowerCase());
    const message = headerValueIssue(name, value);
    if (message !== undefined) issue(message, 'wrong-format');
  }
  issues.addAll(oneClickIssues(headers));
  return issues;
}

/**
 * One-click unsubscription (RFC 8058 section 3.1): mail clients offer it where both headers are as it says, and ignore anything else.
 */
function oneClickIssues(headers: Readonly<Record<string, string>>): IssueList {
  const issues = new IssueList();
  const find = (name: string) => Object.entries(headers).find(([known]) => known.toLowerCase() === name);
  const [postName, post] = find('list-unsubscribe-post') ?? [];
  if (postName === undefined) return issues;
  if (post !== 'List-Unsubscribe=One-Click')
    issues.add(`/headers/${postName}`, 'must be List-Unsubscribe=One-Click (RFC 8058)', 'wrong-format');
  const [listName, list = ''] = find('list-unsubscribe') ?? [];
  if (listName === undefined)
    issues.add('/headers/List-Unsubscribe', 'is missing: List-Unsubscribe-Post needs it, with an https URL (RFC 8058)', 'missing');
  else if ([...list.matchAll(/<https?:[^<>]*>/gi)].length !== 1 || !/<https:\/\/[^<>\s]+>/i.test(list))
    issues.add(
      `/headers/${listName}`,
      'must have one https URL in angle brackets, as List-Unsubscribe-Post needs it (RFC 8058)',
      'conflict',
    );
  return issues;
}

/** The METHOD property of a calendar (RFC 5545 section 3.7.2). */
function methodOf(base64: string): string | undefined {
  return /^METHOD:(\S+)[ \t]*$/im.exec(Buffer.from(base64, 'base64').toString())?.[1]?.toUpperCase();
}
