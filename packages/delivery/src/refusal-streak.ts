/**
 * Distinguishes a refusal of the account from a refusal of one mail where no known words do: by what happens to other mails.
 *
 * Several mails in a row, of several templates and to several recipients, that a provider refuses with the same permanent reply
 * are refused for the account's sake. One mail, template or recipient alone never is. A mail that was refused while the provider
 * has accepted others since is refused for its own sake. Until that is decided the mail is deferred, so that no final state is
 * ever undone.
 */
import { limits, type Timings } from '@posthouse/contract';

/** Replies that are remembered apart: more than a relay gives in practice. */
const maxReplies = 20;

/** Groups that are remembered of one reply; literal subjects can be many. */
const maxGroups = 50;

/** A mail that a provider refused permanently, at MAIL, DATA or the end of the message. */
export interface RefusedMail {
  id: string;
  /** What it has in common with mails of its kind: its template, or the subject that its caller wrote. */
  group: string;
  recipients: readonly string[];
  /** Reply code and enhanced status code. */
  reason: string;
  /** When it was refused with the same reason before, ms since the epoch; absent for the first time. */
  refusedAt?: number;
}

/** Whose refusal it is: the mail's own, the account's, or not decided yet. */
export type RefusalOwner = 'mail' | 'account' | 'undecided';

/** Mails that were refused with one reply since the provider last accepted a mail. */
interface Streak {
  /** When each was first refused, ms since the epoch. */
  mails: Map<string, number>;
  groups: Set<string>;
  recipients: Set<string>;
}

/** What one process has seen of one provider. */
export class RefusalStreak {
  readonly #timings: Timings['refusal'];
  /** By reason. */
  readonly #streaks = new Map<string, Streak>();
  #acceptedAt = Number.NEGATIVE_INFINITY;
  /** While a circuit that refusals opened is being probed: when the probe let mails through again, ms since the epoch. */
  #probedAt: number | undefined;

  constructor(timings: Timings['refusal']) {
    this.#timings = timings;
  }

  /** The provider accepted a mail: no refusal before was the account's. @param now ms since the epoch */
  accepted(now: number): void {
    this.#acceptedAt = now;
    this.#streaks.clear();
    this.#probedAt = undefined;
  }

  /** @param now ms since the epoch */
  refused({ id, group, recipients, reason, refusedAt }: RefusedMail, now: number): RefusalOwner {
    const streak = this.#streakOf(reason);
    const first = streak.mails.get(id) ?? refusedAt ?? now;
    if (this.#acceptedAt > first) return 'mail';
    const min = limits.alikeRefusals;
    if (streak.mails.size < min.mails) streak.mails.set(id, first);
    if (streak.groups.size < maxGroups) streak.groups.add(group);
    for (const address of recipients) if (streak.recipients.size < min.recipients) streak.recipients.add(address.toLowerCase());
    if (streak.mails.size >= min.mails && streak.groups.size >= min.groups && streak.recipients.size >= min.recipients) return 'account';
    return now - first >= this.#timings.giveUp ? 'mail' : 'undecided';
  }

  /** The circuit lets mails through again to find out whether the account is usable. @param now ms since the epoch */
  probed(now: number): void {
    if (this.#streaks.size > 0) this.#probedAt = now;
  }

  /**
   * Whether a mail has to wait for the probe: mails of other groups go first, because these may be refused for their own sake.
   * After a while, when there are no others, they go too.
   * @param now ms since the epoch
   */
  mustWait(group: string, now: number): boolean {
    if (this.#probedAt === undefined || now - this.#probedAt >= this.#timings.preferOthers) return false;
    return [...this.#streaks.values()].some(({ groups }) => groups.has(group));
  }

  #streakOf(reason: string): Streak {
    const known = this.#streaks.get(reason);
    if (known !== undefined) return known;
    const [oldest] = this.#streaks.keys();
    if (this.#streaks.size >= maxReplies && oldest !== undefined) this.#streaks.delete(oldest);
    const streak: Streak = { mails: new Map(), groups: new Set(), recipients: new Set() };
    this.#streaks.set(reason, streak);
    return streak;
  }
}
