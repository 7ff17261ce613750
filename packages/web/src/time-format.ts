/** Dates and times as a page shows them, in the user's language and time zone. All times are ms since the epoch. */

/** Milliseconds, and the unit that is used from there on. */
const units = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const;

export class TimeFormat {
  /** IANA name of the time zone. */
  readonly zone: string;
  readonly #dateTime: Intl.DateTimeFormat;
  readonly #timeOfDay: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #now: string;

  /** @param language BCP 47 tag @param zone IANA name; UTC when it is missing or unknown, so it may be user input */
  constructor(language: string, zone: string | undefined) {
    this.zone = knownZone(zone);
    const style = { timeZone: this.zone, hourCycle: 'h23' } as const;
    this.#dateTime = new Intl.DateTimeFormat(language, { ...style, dateStyle: 'medium', timeStyle: 'medium' });
    this.#timeOfDay = new Intl.DateTimeFormat(language, { ...style, timeStyle: 'short' });
    this.#relative = new Intl.RelativeTimeFormat(language, { numeric: 'always', style: 'short' });
    this.#now = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(0, 'second');
  }

  /** Date and time to the second: `22 Nov 2026, 17:40:03`. UTC is named. */
  dateTime(at: number): string {
    return this.zone === 'UTC' ? `${this.#dateTime.format(at)} UTC` : this.#dateTime.format(at);
  }

  /** Time of day to the minute: `17:40`. */
  timeOfDay(at: number): string {
    return this.#timeOfDay.format(at);
  }

  /** Distance from now: `3 min. ago`, `in 2 hr.`, `now` below a second. */
  relative(at: number, now = Date.now()): string {
    const ms = at - now;
    const [size, unit] = units.find(([min]) => Math.abs(ms) >= min) ?? units[3];
    return Math.abs(ms) < 1000 ? this.#now : this.#relative.format(Math.trunc(ms / size), unit);
  }
}

function knownZone(zone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone || 'UTC' }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}
