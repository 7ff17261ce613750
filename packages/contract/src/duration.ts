/** Units of time, and durations as people write them: `30m`, `24h`, `7d`. */

// In ms.
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The regular expression of a duration: up to four digits with m, h or d. */
export const durationPattern = '^[1-9]\\d{0,3}[mhd]$';

const units = { m: minute, h: hour, d: day };

/** @param text that matches `durationPattern` @returns ms */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * units[text.at(-1) as keyof typeof units];
}

/** In the largest unit that divides it. @param ms at least a minute */
export function durationText(ms: number): string {
  const unit = (['d', 'h', 'm'] as const).find((name) => ms % units[name] === 0) ?? 'm';
  return `${Math.round(ms / units[unit])}${unit}`;
}
