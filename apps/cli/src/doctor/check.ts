/** What `doctor` found: one line for each thing that it looked at. */

/** `skipped`: it is not configured, or cannot be looked at because something before it failed. */
export type CheckStatus = 'ok' | 'warning' | 'error' | 'skipped';

/** One line. */
export interface Check {
  /** Stable: `redis.durability`. */
  check: string;
  /** The relay, the domain or the process that it is about, where there may be several. */
  subject?: string;
  status: CheckStatus;
  /** What was found: one clause, without its end. */
  message: string;
  /** What to do, as a sentence. Of every warning and error. */
  fix?: string;
}

/** Checks of one area that share the beginning of their codes, and a subject. */
export class Checks {
  readonly list: Check[] = [];
  readonly #area: string;
  readonly #subject: string | undefined;

  constructor(area: string, subject?: string) {
    this.#area = area;
    this.#subject = subject;
  }

  ok(check: string, message: string): this {
    return this.#add({ check, status: 'ok', message });
  }

  skipped(check: string, message: string): this {
    return this.#add({ check, status: 'skipped', message });
  }

  warning(check: string, message: string, fix: string): this {
    return this.#add({ check, status: 'warning', message, fix });
  }

  error(check: string, message: string, fix: string): this {
    return this.#add({ check, status: 'error', message, fix });
  }

  #add(check: Check): this {
    this.list.push({ ...check, check: `${this.#area}.${check.check}`, ...(this.#subject !== undefined && { subject: this.#subject }) });
    return this;
  }
}

/** An error as text for people: the first line of its message. */
export function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return (message || code || String(error)).split('\n')[0]?.replace(/\.$/, '') ?? '';
}

/** A clause as a sentence. */
export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
