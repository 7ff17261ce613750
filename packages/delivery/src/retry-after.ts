/** The delay that a server asks for in the text of a reply. */

const unitsInMs: Readonly<Record<string, number>> = { s: 1000, m: 60 * 1000, h: 60 * 60 * 1000, d: 24 * 60 * 60 * 1000 };

const clock = /\b(?:in|after|for) (\d{1,2}):(\d{2}):(\d{2})\b/i;
const phrase = /\b(?:in|after|for|wait|delay(?:ed)?)\D{0,12}?(\d{1,6}) ?(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)\b/i;
const date = /\bafter ([a-z]{3}, \d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2} (?:utc|gmt|[+-]\d{4}))/i;

/**
 * Reads "try again in 300 seconds", "retry after 5 minutes", "please retry in 00:05:00", "enabled in 341 seconds" and
 * "try again after Sun, 05 Oct 2025 19:22:44 UTC".
 * @param words the text of a reply on one line
 * @param maxMs the longest delay that is honoured
 * @param now ms since the epoch; a date counts from it
 * @returns ms, at least 1 s: no reply may ask for a try without a wait; undefined when the reply names no delay
 */
export function parseRetryAfter(words: string, maxMs: number, now: number): number | undefined {
  const ms = delay(words, now);
  return ms === undefined || ms < 1000 ? undefined : Math.min(ms, maxMs);
}

function delay(words: string, now: number): number | undefined {
  const [, hours, minutes, seconds] = clock.exec(words) ?? [];
  if (hours !== undefined) return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  const [, at] = date.exec(words) ?? [];
  if (at !== undefined) return Date.parse(at) - now || undefined;
  const [, count, unit = ''] = phrase.exec(words) ?? [];
  return count === undefined ? undefined : Number(count) * (unitsInMs[unit.charAt(0).toLowerCase()] as number);
}
