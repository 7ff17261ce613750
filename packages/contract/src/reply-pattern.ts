/** What a server said, without what differs from one mail to the next: so that mails that failed for one cause can be counted together. */
import type { Attempt, Deferral } from './delivery-attempt.ts';
import { limits } from './limits.ts';

/** In place of a word that differs from mail to mail. */
const variable = '…';

/**
 * The words of a reply without codes, addresses, numbers, host names, queue ids and times.
 *
 *     replyPattern('550 5.1.1 <anne@example.com>: user unknown (q4-20020a1) ', 'anne@example.com') → '… user unknown …'
 *
 * @param reply as the server wrote it, several lines joined
 * @param address of the recipient: its local part is a variable too, because servers quote it alone
 */
export function replyPattern(reply: string, address = ''): string {
  const local = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  const words = reply
    .slice(0, limits.replyLength)
    .split(/\s+/)
    .map((word) => pattern(word, local));
  const kept = words.filter((word, n) => word !== '' && !(word === variable && words[n - 1] === variable));
  return kept.join(' ');
}

function pattern(word: string, local: string): string {
  // Codes are in the reason; in a reply of several lines they are repeated.
  if (/^\d{3}[- ]?(\d\.\d{1,3}\.\d{1,3})?$/.test(word) || /^\d\.\d{1,3}\.\d{1,3}$/.test(word)) return '';
  const bare = word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '').toLowerCase();
  const isHost = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(bare) || /^https?:/.test(bare);
  return bare.includes('@') || /\d/.test(bare) || isHost || (local !== '' && bare === local) ? variable : word;
}

/**
 * What the server said about the gravest outcome of an attempt, see `replyPattern`.
 * @returns undefined where it said nothing
 */
export function wordsOf({ verdict, reason, outcomes }: Pick<Attempt, 'verdict' | 'reason' | 'outcomes'>): string | undefined {
  const gravest = outcomes.find((outcome) => outcome.verdict === verdict && outcome.reason === reason);
  return (gravest?.reply && replyPattern(gravest.reply, gravest.address)) || undefined;
}

/** What the server said where a mail was deferred, see `replyPattern`. @returns undefined where it said nothing */
export function deferralWords({ reason, steps }: Pick<Deferral, 'reason' | 'steps'>): string | undefined {
  const code = /^[45]\d\d(?= |$)/.exec(reason)?.[0];
  const said = code === undefined ? undefined : steps.findLast(({ reply }) => reply.startsWith(code));
  return (said && replyPattern(said.reply)) || undefined;
}
