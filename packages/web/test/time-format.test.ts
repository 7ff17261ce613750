import { expect, it } from 'vitest';
import { TimeFormat } from '../src/web.ts';

const at = Date.UTC(2026, 10, 22, 17, 40, 3);

it.each([
  ['Asia/Seoul', 'Asia/Seoul', '23 Nov 2026, 02:40:03'],
  ['America/St_Johns', 'America/St_Johns', '22 Nov 2026, 14:10:03'],
  [undefined, 'UTC', '22 Nov 2026, 17:40:03 UTC'],
  ['', 'UTC', '22 Nov 2026, 17:40:03 UTC'],
  ['<script>', 'UTC', '22 Nov 2026, 17:40:03 UTC'],
])('a date in the time zone %s', (zone, known, dateTime) => {
  const time = new TimeFormat('en-GB', zone);
  expect(time.zone).toBe(known);
  expect(time.dateTime(at)).toBe(dateTime);
});

it.each([
  [0, 'now'],
  [999, 'now'],
  [-2000, '2 sec. ago'],
  [-59_999, '59 sec. ago'],
  [-60_000, '1 min. ago'],
  [90 * 60_000, 'in 1 hr.'],
  [-49 * 3_600_000, '2 days ago'],
])('%i ms from now is %s', (ms, text) => {
  expect(new TimeFormat('en', 'UTC').relative(at + ms, at)).toBe(text);
});

it('is written in the language of the page', () => {
  const korean = new TimeFormat('ko', 'Asia/Seoul');
  expect(korean.relative(at - 120_000, at)).toBe('2분 전');
  expect(korean.relative(at, at)).toBe('지금');
});
