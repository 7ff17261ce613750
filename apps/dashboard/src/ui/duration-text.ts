/** Durations and shares as pages show them. */
import { hour, minute } from '@posthouse/contract';
import { pageLocale, t } from './translate.ts';

/** Shares of fewer durations say little: of these only what none exceeded is shown. */
export const minForShares = 20;

/** @param ms of which two digits are shown: `12 ms`, `1.4 s`, `3 min`, `2 h` */
export function formatDuration(ms: number): string {
  const value = (amount: number) => Number(amount.toPrecision(2)).toLocaleString(pageLocale());
  if (ms < 1000) return t('{value} ms', { value: value(ms) });
  if (ms < minute) return t('{value} s', { value: value(ms / 1000) });
  if (ms < hour) return t('{value} min', { value: value(ms / minute) });
  return t('{value} h', { value: value(ms / hour) });
}

/** @returns `1.4 %`; – of nothing */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  return (part / whole).toLocaleString(pageLocale(), { style: 'percent', maximumFractionDigits: 1 });
}
