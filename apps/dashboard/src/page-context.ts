/** Who looks at a page: their name and role, and the zone that their dates are shown in. */
import { mayActAs, type Role } from '@posthouse/access';

/** ms, and the unit that is worth telling from there on. */
const units = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const;

/** One reader, for one page. */
export class PageContext {
  /** Undefined while nobody is signed in. */
  readonly user: { name: string; role: Role } | undefined;
  /** IANA's name of the reader's zone; UTC when it is not known. */
  readonly zone: string;
  readonly #moment: Intl.DateTimeFormat;
  readonly #clock: Intl.DateTimeFormat;
  readonly #relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' });

  /** @param zone what the browser says; it may be anything */
  constructor(user: { name: string; role: Role } | undefined, zone: string | undefined) {
    this.user = user;
    this.#moment = momentIn(zone);
    this.zone = this.#moment.resolvedOptions().timeZone;
    this.#clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: this.zone });
  }

  /** Whether this reader has at least that role. */
  may(role: Role): boolean {
    return this.user !== undefined && mayActAs(role, this.user.role);
  }

  /** A time to the second, in the reader's zone: `22 Nov 2026, 17:40:03`. UTC is named. @param at ms since the epoch */
  moment(at: number): string {
    return this.zone === 'UTC' ? `${this.#moment.format(at)} UTC` : this.#moment.format(at);
  }

  /** A time of the day to the minute, in the reader's zone: `17:40`. @param at ms since the epoch */
  clock(at: number): string {
    return this.#clock.format(at);
  }

  /** How far away a time is: `3 min. ago`, `in 2 hr.`. @param at ms since the epoch */
  distance(at: number, now = Date.now()): string {
    const ms = at - now;
    const [size, unit] = units.find(([min]) => Math.abs(ms) >= min) ?? units[3];
    return Math.abs(ms) < 1000 ? 'now' : this.#relative.format(Math.trunc(ms / size), unit);
  }
}

function momentIn(zone: string | undefined): Intl.DateTimeFormat {
  const format = { dateStyle: 'medium', timeStyle: 'medium' } as const;
  try {
    return new Intl.DateTimeFormat('en-GB', { ...format, timeZone: zone === undefined || zone === '' ? 'UTC' : zone });
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...format, timeZone: 'UTC' });
  }
}
