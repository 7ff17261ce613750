/**
 * Texts that come in English from elsewhere: messages of contract and access, and details that the audit log has recorded. They are matched
 * with the texts of the pages, and said in the language of the page.
 */
import { pageLanguage, t, text } from './translate.ts';

/** Of `readMailFilter`. A text comes before those that its end also matches. */
const filterIssues = [
  text('may be given once'),
  text('must have at most {max} characters'),
  text('must be one of: {list}; separate several with commas'),
  text('must be one of: {list}'),
  text('must be the id of a failure group, as a list shows it; separate several with commas'),
  text('has more than {max} failure groups'),
  text('must be one address, such as anne@example.com, a domain, such as example.com, or the part before the @ with it, such as anne@'),
  text('must be a reason code: of a reply, such as 550 5.1.1, of an error, such as ECONNREFUSED, or a word such as expired'),
  text('must be true, or absent'),
  text('must be a Message-ID with its angle brackets, such as <1@example.com>'),
  text('has a blank where its offset has +, which is %2B in a URL; it must be a time, such as {example}'),
  text('has no time zone (Z, or an offset such as +09:00); it must be a time, such as {example}'),
  text('must be a time, such as {example}'),
] as const;

/** Of `RightsError`. */
const rightsIssues = [
  text('are empty; they are joined by +, such as send+read-own'),
  text('contain "{part}"; they are {list}, from=<domain>, template=<name>, rate=<mails>/<s, min or h>'),
  text('contain {list} more than once'),
  text('contain both {one} and {other}; state one of them'),
  text('contain content without read-own or read-all'),
  text('limit what is sent without containing send'),
  text('contain from= with what is not a domain, such as example.com; write an international one in its xn-- form'),
  text('contain template= with what is not the name of a template'),
  text('contain more than {max} domains or templates'),
  text('contain more than one rate'),
  text('contain a rate that is not rate=<mails>/<s, min or h>, with 1 to {max} mails'),
] as const;

/** What workers note at an attempt. */
const attemptNotes = [
  text('The worker that sent the message died before the reply came.'),
  text('Attempt {number} was the last of the schedule. {more}'),
  text('Attempt {number} was the last of the schedule.'),
] as const;

/** @param note as a record has it @returns it in the language of the page; what a server or a socket said as it is */
export function attemptNoteText(note: string): string {
  return knownText(note, attemptNotes);
}

/** @param message of an issue of `readMailFilter` */
export function filterIssueText(message: string): string {
  return knownText(message, filterIssues);
}

/** @param issues of a `RightsError` */
export function rightsIssueText(issues: readonly string[]): string {
  const listed = issues.map((issue) => knownText(issue, rightsIssues)).join('; ');
  return t('The rights {issues}', { issues: listed });
}

const roleNames: Readonly<Record<string, string>> = {
  viewer: text('viewer'),
  operator: text('operator'),
  admin: text('admin'),
  'API key': text('API key'),
};

/** @returns the name of a role in the language of the page; anything else as it is */
export function roleName(role: string): string {
  const name = roleNames[role];
  return name === undefined ? role : t(name);
}

/**
 * @param texts of which the message may be one, with values in its braces
 * @param translate says a value in the language of the page, by the name that it has in the text
 * @returns the message in the language of the page; one that is none of the texts as it is
 */
export function knownText(message: string, texts: readonly string[], translate = (_name: string, value: string) => value): string {
  if (pageLanguage() === 'en') return message;
  for (const known of texts) {
    const found = patternOf(known).exec(message);
    if (found === null) continue;
    const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, translate(name, value)]);
    return t(known, Object.fromEntries(values) as Record<string, string>);
  }
  return message;
}

function patternOf(known: string): RegExp {
  const parts = known.split(/\{(\w+)\}/);
  const source = parts.map((part, n) => (n % 2 === 1 ? `(?<${part}>.+?)` : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${source.join('')}$`, 's');
}
