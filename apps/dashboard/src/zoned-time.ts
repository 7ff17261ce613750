/** A time as a form field of type `datetime-local` has it: without a zone, because it is in the reader's. */

/** @param at ms since the epoch. @returns `2026-11-22T09:00:00` */
export function writeLocalTime(at: number, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone }).format(at).replace(' ', 'T');
}

/**
 * @param text `2026-11-22T09:00`, with or without seconds
 * @returns ms since the epoch; undefined for what is no such time. Of a time that the clocks show twice, one of both; of one that they
 *   skip, one nearby
 */
export function readLocalTime(text: string, zone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return undefined;
  const asIfUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asIfUtc)) return undefined;
  const ahead = (at: number) => Date.parse(`${writeLocalTime(at, zone)}Z`) - at;
  // The zone's distance from UTC at that time is not known before the time is: the second look is right also where clocks change.
  return asIfUtc - ahead(asIfUtc - ahead(asIfUtc));
}
