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
  return issues;
}

/** The METHOD property of a calendar (RFC 5545 section 3.7.2). */
function methodOf(base64: string): string | undefined {
  return /^METHOD:(\S+)[ \t]*$/im.exec(Buffer.from(base64, 'base64').toString())?.[1]?.toUpperCase();
}
