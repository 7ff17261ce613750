import { expect, it } from 'vitest';
import { readLocalTime, writeLocalTime } from '../src/mails/zoned-time.ts';

it.each([
  ['2026-11-22T09:00', 'UTC', '2026-11-22T09:00:00.000Z'],
  ['2026-11-22T09:00:30', 'Europe/Berlin', '2026-11-22T08:00:30.000Z'],
  ['2026-07-01T00:30', 'Europe/Berlin', '2026-06-30T22:30:00.000Z'],
  ['2026-10-25T04:00', 'Europe/Berlin', '2026-10-25T03:00:00.000Z'],
  ['2026-11-22T09:00', 'Asia/Seoul', '2026-11-22T00:00:00.000Z'],
  ['2026-11-22T23:45', 'America/Los_Angeles', '2026-11-23T07:45:00.000Z'],
])('%s in %s is %s, and back', (text, zone, iso) => {
  const at = readLocalTime(text, zone) as number;
  expect(new Date(at).toISOString()).toBe(iso);
  expect(writeLocalTime(at, zone)).toBe(text.length === 16 ? `${text}:00` : text);
});

it.each(['2026-11-22', '2026-13-01T00:00', '2026-11-22T09:00Z', 'now'])('%s is no local time', (text) => {
  expect(readLocalTime(text, 'UTC')).toBeUndefined();
});
