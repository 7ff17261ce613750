import { describe, expect, it } from 'vitest';
import { calendarMethod, parseMediaType } from '../src/media-type.ts';

describe('parseMediaType', () => {
  it.each([
    ['application/pdf', 'application/pdf', {}],
    ['Text/CSV;charset=UTF-8', 'text/csv', { charset: 'UTF-8' }],
    ['text/calendar; method=REQUEST; charset="utf-8"', 'text/calendar', { method: 'REQUEST', charset: 'utf-8' }],
    ['application/vnd.ms-excel ; Name="a \\"b\\"; c.xls" ; x=1', 'application/vnd.ms-excel', { name: 'a "b"; c.xls', x: '1' }],
    ['text/plain; a=""', 'text/plain', { a: '' }],
  ])('takes %s apart', (written, type, parameters) => {
    const parsed = parseMediaType(written);
    expect(parsed?.type).toBe(type);
    expect(Object.fromEntries(parsed?.parameters ?? [])).toEqual(parameters);
  });

  it.each([
    '',
    'text',
    'text/',
    'text/plain/x',
    'text/pl ain',
    'text/plain;',
    'text/plain; charset',
    'text/plain; charset=utf 8',
    'text/plain; charset="utf-8',
    'text/plain; charset=utf-8; CHARSET=utf-8',
    'text/plain charset=utf-8',
    'text/plain; charset=utf-8\r\nBcc: eve@example.com',
    'text/plain; name="안"',
    'text/plain; a=b c=d',
  ])('refuses %j', (written) => {
    expect(parseMediaType(written)).toBeUndefined();
  });
});

it.each([
  ['text/calendar; method=request', 'REQUEST'],
  ['text/calendar', undefined],
  ['application/ics; method=REQUEST', undefined],
])('%s is an invitation with the method %s', (written, method) => {
  const mediaType = parseMediaType(written);
  expect(mediaType && calendarMethod(mediaType)).toBe(method);
});
