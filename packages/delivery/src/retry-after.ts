/** No server may hold a mail longer than this, in ms. */
const max = 24 * 60 * 60 * 1000;

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A delay that a server names in a 4yz reply: "try again in 300 seconds", "retry after 5 minutes", "please retry in 00:05:00".
 * @returns ms, or undefined when it names none
 */
export function parseRetryAfter(reply: string | undefined): number | undefined {
  if (reply === undefined || !reply.startsWith('4')) return undefined;
  const clock = /\b(?:in|after|for)\s+(\d{1,2}):(\d{2}):(\d{2})\b/i.exec(reply);
  if (clock) return Math.min((Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1000, max);
  const words = /\b(?:in|after|for|wait|delay(?:ed)?)\D{0,12}?(\d{1,6})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)\b/i.exec(
    reply,
  );
  const unit = words?.[2]?.charAt(0).toLowerCase();
  return unit === undefined ? undefined : Math.min(Number(words?.[1]) * (units[unit] as number), max);
}
