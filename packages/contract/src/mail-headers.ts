/** The headers that a caller may add to a mail, and what their values may be. */

/** One or more Message-IDs (RFC 5322 section 3.6.4), each short enough for a line. */
const messageIds = /^<[!-;=?A-~]{1,480}@[!-;=?A-~]{1,480}>(?: +<[!-;=?A-~]{1,480}@[!-;=?A-~]{1,480}>)*$/;

interface ValueRule {
  valid: RegExp;
  /** Completes "the value …". */
  message: string;
}

const messageIdRule: ValueRule = {
  valid: messageIds,
  message: 'must be Message-IDs in angle brackets, such as <1@example.com>, separated by blanks',
};

/** By name in lower case; without a rule where no RFC restricts the value. */
const namedHeaders = new Map<string, ValueRule | undefined>([
  ['in-reply-to', messageIdRule],
  ['references', messageIdRule],
  ['feedback-id', undefined],
  ['organization', undefined],
  ['importance', { valid: /^(?:low|normal|high)$/i, message: 'must be low, normal or high' }],
  [
    'auto-submitted',
    {
      valid: /^(?:no|(?:auto-generated|auto-replied|auto-notified)(?: *; *[A-Za-z0-9-]+=(?:[A-Za-z0-9.@_-]+|"[^"\\]*"))*)$/i,
      message: 'must be auto-generated, auto-replied or auto-notified (RFC 3834), or no, which leaves the header out',
    },
  ],
]);

/** The allowed headers, for descriptions and messages. */
export const allowedHeaders = '`X-*`, `List-*`, `In-Reply-To`, `References`, `Feedback-ID`, `Importance`, `Organization`, `Auto-Submitted`';

/** True for a header that a caller may set, however its letters are cased. */
export function isAllowedHeader(name: string): boolean {
  return name.length <= 65 && (namedHeaders.has(name.toLowerCase()) || /^(?:x|list)-[a-z0-9-]{1,60}$/i.test(name));
}

/** What is wrong with the value of an allowed header, as a clause about it; undefined when it is valid. */
export function headerValueIssue(name: string, value: string): string | undefined {
  const rule = namedHeaders.get(name.toLowerCase());
  return rule === undefined || rule.valid.test(value) ? undefined : rule.message;
}
