/** What a caller passes: refused before a request when no request can succeed with it. */
import { PosthouseError } from './posthouse-error.ts';

/** 24 days: longer waits overflow the timers of JavaScript. */
const maxTimeoutMs = 24 * 24 * 60 * 60 * 1000;
const timeoutRule = `a number of milliseconds above 0 and at most ${maxTimeoutMs} (24 days)`;

/** A request that is not sent. */
export function invalidRequest(detail: string, cause?: unknown): PosthouseError {
  return new PosthouseError({ code: 'invalid-request', title: 'Invalid request', detail, cause });
}

/** What is wrong with options, as a sentence. @param names those that exist @returns undefined when nothing is */
export function optionIssue(options: object, names: readonly string[]): string | undefined {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!names.includes(name)) {
      const meant = similar(name, names);
      return `\`${name}\` is not an option: ${meant === undefined ? `there are ${names.join(', ')}.` : `did you mean \`${meant}\`?`}`;
    }
    if (/timeoutMs$/i.test(name) && !isBetween(value, Number.MIN_VALUE, maxTimeoutMs)) return wrongNumber(name, value, timeoutRule);
  }
  return undefined;
}

/** Whether it is a number in these bounds. */
export function isBetween(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}

/** @param rule completes "it must be …" */
export function wrongNumber(name: string, value: unknown, rule: string): string {
  return `\`${name}\` is ${typeof value === 'string' ? `the string ${JSON.stringify(value)}` : value}: it must be ${rule}.`;
}

/** @param name where it is @throws PosthouseError for a Date without a time, which JSON would write as null */
export function checkDate(name: string, value: unknown): void {
  if (value instanceof Date && Number.isNaN(value.getTime())) throw invalidRequest(`${name} is an invalid date.`);
}

/** `timeout`, `timeout_ms` and `timeoutMS` mean `timeoutMs`. */
function similar(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  const written = plain(name);
  if (written === '') return undefined;
  const isWithin = (known: string) => known.includes(written) || written.includes(known);
  return names.find((known) => plain(known) === written) ?? names.find((known) => isWithin(plain(known)));
}
