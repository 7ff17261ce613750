/** The value of a `datetime-local` form field: a time without a zone, which is in the user's time zone. */

/** @param at ms since the epoch @returns `2026-11-22T09:00:00` */
export function writeLocalTime(at: number, zone: string): string {
  // The Swedish format is that of ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone }).format(at).replace(' ', 'T');
}

/**
 * @param text `2026-11-22T09:00`, with or without seconds
 * @returns ms since the epoch; undefined for any other text. A time that occurs twice, when clocks are set back, is one of both; one that
 *   is skipped, when they are set forward, is one nearby
 */
export function readLocalTime(text: string, zone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return undefined;
  const asIfUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asIfUtc)) return undefined;
  const offsetAt = (at: number) => Date.parse(`${writeLocalTime(at, zone)}Z`) - at;
  // The offset depends on the time that is looked for; the second step is right also near a change of the clocks.
  return asIfUtc - offsetAt(asIfUtc - offsetAt(asIfUtc));
}
