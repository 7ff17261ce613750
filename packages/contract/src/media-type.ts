/** Media types (RFC 2045): what an attachment is, with parameters such as `charset`, and `method` of a calendar invitation. */

/** A media type taken apart. */
export interface MediaType {
  /** `text/calendar`, in lower case. */
  type: string;
  /** By name in lower case; values without quotes. */
  parameters: ReadonlyMap<string, string>;
}

/** What an invitation asks for (RFC 5546): the values of `method` in `text/calendar; method=REQUEST`. */
export const calendarMethods = ['PUBLISH', 'REQUEST', 'REPLY', 'ADD', 'CANCEL', 'REFRESH', 'COUNTER', 'DECLINECOUNTER'] as const;

/** RFC 6838 section 4.2. */
const name = '[A-Za-z0-9!#$&^_.+-]+';
const typeExpression = new RegExp(`^(${name}/${name}) *(?:;|$)`);

/** `; charset=utf-8`, `; name="a b"`. */
const parameterExpression = /; *([A-Za-z0-9!#$%&'*+.^_`|~{}-]+)=(?:([A-Za-z0-9!#$%&'*+.^_`|~{}-]+)|"((?:[^"\\]|\\.)*)") */y;

/**
 * Takes a media type apart.
 * @returns undefined when it is none, or has a parameter twice
 */
export function parseMediaType(written: string): MediaType | undefined {
  const type = typeExpression.exec(written)?.[1];
  if (type === undefined || /[^\x20-\x7e]/.test(written)) return undefined;
  const rest = written.slice(type.length).trimStart();
  const parameters = new Map<string, string>();
  parameterExpression.lastIndex = 0;
  while (parameterExpression.lastIndex < rest.length) {
    const [, key, token, quoted] = parameterExpression.exec(rest) ?? [];
    if (key === undefined || parameters.has(key.toLowerCase())) return undefined;
    parameters.set(key.toLowerCase(), token ?? quoted?.replace(/\\(.)/g, '$1') ?? '');
  }
  return { type: type.toLowerCase(), parameters };
}

/** The method of an invitation, in upper case; undefined for any other attachment. */
export function calendarMethod({ type, parameters }: MediaType): string | undefined {
  return type === 'text/calendar' ? parameters.get('method')?.toUpperCase() : undefined;
}
