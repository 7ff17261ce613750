/** Helpers that write numbers, times, lists and names as people do, and what they do with arguments that they cannot use. */
import { limits, MailFailure } from '@posthouse/contract';
import { expect, test } from 'vitest';
import { TemplateHelpers } from '../src/handlebars-helpers.ts';
import { loadRenderer } from '../src/render.ts';
import { column, hello, mailsDir, manifest, writeSet } from './template-set-fixture.ts';

const helpers = new TemplateHelpers();
const text = (source: string, data: object = {}, locale = 'en', isMasked = false) =>
  helpers
    .compile(source, 'text')(data, { data: { locale, strings: new Map(), isMasked } })
    .replaceAll('\u00a0', ' ');

test('plural has a form for each category of the locale, with the number in it', () => {
  const days = "{{plural n zero='no days' one='# day' few='# dny' other='# days'}}";
  expect([0, 1, 2, 1234.5].map((n) => text(days, { n }))).toEqual(['no days', '1 day', '2 days', '1,234.5 days']);
  expect([1, 3, 5].map((n) => text(days, { n }, 'cs'))).toEqual(['1 day', '3 dny', '5 days']);
  expect(text("{{plural n other='#개'}}", { n: 1 }, 'ko')).toBe('1개');
  expect(text("{{plural n one='# day' other='# days'}}", { n: 0 })).toBe('0 days');
});

test('dates are in the zone that the mail names', () => {
  const date = "{{date at dateStyle='full' timeStyle='short' hourCycle='h23' timeZone=zone}}";
  const at = '2026-11-27T23:30:00Z';
  expect(text(date, { at, zone: 'Asia/Seoul' }, 'ko')).toBe('2026년 11월 28일 토요일 08:30');
  expect(text(date, { at, zone: 'America/New_York' }).replace(/\s/g, ' ')).toBe('Friday, November 27, 2026 at 18:30');
  expect(text('{{date at}}', { at: '2026-11-27' })).toBe('November 27, 2026');
  expect(text('{{date at}}', { at: Date.parse(at) })).toBe('November 27, 2026');
});

test.each([
  ['2026-11-27T00:00:00Z', 'in 3 days', '3일 후'],
  ['2026-11-24T00:29:40Z', 'in 30 minutes', '30분 후'],
  ['2026-11-24T00:59:40Z', 'in 1 hour', '1시간 후'],
  ['2026-11-23T00:00:00Z', '1 day ago', '1일 전'],
  ['2027-06-12T00:00:00Z', 'in 7 months', '7개월 후'],
  ['2024-11-24T00:00:00Z', '2 years ago', '2년 전'],
  ['2026-11-24T00:00:00Z', 'in 0 seconds', '0초 후'],
])('%s is, as seen from the 24th, %s', (at, english, korean) => {
  const data = { at, from: '2026-11-24T00:00:00Z' };
  expect([text('{{relative at from}}', data), text('{{relative at from}}', data, 'ko')]).toEqual([english, korean]);
});

test('lists end as the language ends them', () => {
  const names = ['Anne', 'Bea', 'Chris'];
  expect(text('{{list names}}', { names })).toBe('Anne, Bea, and Chris');
  expect(text("{{list names type='disjunction'}}", { names })).toBe('Anne, Bea, or Chris');
  expect(text('{{list names}}', { names }, 'ko')).toBe('Anne, Bea 및 Chris');
  expect(text('{{list names}}', { names: ['סרה', 'Anne'] })).toBe('\u2068סרה\u2069 and Anne');
  expect([[], ['Anne'], [1, 2500]].map((names) => text('{{list names}}', { names }))).toEqual(['', 'Anne', '1 and 2,500']);
});

test('a right-to-left text is isolated from what is around it; other texts stay as they are', () => {
  expect(text('Hi {{isolate name}}!', { name: 'Anne <b>' })).toBe('Hi Anne <b>!');
  expect(text('Hi {{isolate name}}!', { name: '하루' })).toBe('Hi 하루!');
  expect(text('Hi {{isolate name}}!', { name: 'سارة' })).toBe('Hi \u2068سارة\u2069!');
  // An override of the data ends with the data.
  expect(text('Hi {{isolate name}}!', { name: '\u202e\u2069gpj.exe' })).toBe('Hi \u2068gpj.exe\u2069!');
});

test('every mail hides the body behind its preheader from the inbox', async () => {
  const html = (await loadRenderer(mailsDir)).render('signup', { nickname: 'Anne', email: 'anne@example.com' }, 'en').html;
  const [, hidden = ''] = /<div style="display:none;[^"]*">([\s\S]*?)<\/div>/.exec(html) ?? [];
  expect(hidden.trim().length).toBeGreaterThan(200);
  expect(hidden.replace(/[\u034f\u200c\u00a0]/g, '').trim()).toBe('Anne, whose home will you visit today?');
});

test('masks are shown as masks, whatever the helper', () => {
  const mustaches = "{{plural n other='#'}} {{relative at from}} {{list names}} {{isolate name}}";
  const data = { n: '••••••', at: '••••••', from: '••••••', names: '••••••', name: '••••••' };
  expect(text(mustaches, data, 'en', true)).toBe('•••••• •••••• •••••• ••••••');
  expect(text('{{list names}}', { names: ['••••••'] }, 'en', true)).toBe('••••••');
});

const long = 'x'.repeat(100_000);
const hostile: [string, unknown, string][] = [
  ['{{date v}}', 'soon', 'is not a date'],
  ['{{date v}}', '2026-02-31T99:00:00Z', 'is not a date'],
  ['{{date v}}', '2026-11-27T09:30:00', 'with an offset'],
  ['{{date v}}', 1e300, 'is not a date'],
  ['{{date v}}', null, 'is not a date'],
  ['{{date v}}', { toString: 'x', valueOf: 3 }, 'is not a date'],
  ["{{date '2026-11-27' timeZone=v}}", 'Mars/Olympus', '"Mars/Olympus" is not a time zone'],
  ["{{date '2026-11-27' timeZone=v}}", long, `"${'x'.repeat(59)} is not a time zone`],
  ["{{date '2026-11-27' timeZone=v}}", ['Asia/Seoul', {}], 'is not a time zone'],
  ["{{date '2026-11-27' dateStyle=v}}", long, 'an option of date is not valid'],
  ["{{date '2026-11-27' dateStyle='long' year=v}}", 'numeric', 'an option of date is not valid'],
  ["{{relative v '2026-11-27'}}", [], 'is not a date'],
  ["{{relative '2026-11-27' v}}", undefined, 'is not a date'],
  ["{{relative '2026-11-27' '2026-11-28' style=v}}", 'loud', 'an option of relative is not valid'],
  ['{{number v}}', '3', 'is not a number'],
  ['{{number 3 maximumFractionDigits=v}}', 1e9, 'an option of number is not valid'],
  ['{{money 3 v}}', 'won', ''],
  ['{{money 3 v}}', 'x', 'the currency "x" is not a code of three letters'],
  ['{{money 3 v}}', {}, 'the currency {} is not a code'],
  ["{{plural v other='#'}}", Number.NaN, 'is not a number'],
  ["{{plural v one='#'}}", 2, "plural has no form other='…'"],
  ['{{plural 3 other=v}}', { a: 1 }, "plural has no form other='…'"],
  ['{{list v}}', 'Anne', 'is not a list'],
  ['{{list v}}', Array.from({ length: limits.listEntries + 1 }, () => 'x'), 'has 201 entries; at most 200 are possible'],
  ['{{list v}}', ['Anne', ['Bea']], 'entry 2 of the list to format is not a text or a number'],
  ['{{list v type=t}}', ['Anne'], 'an option of list is not valid'],
  ['{{isolate v}}', 3, 'the value to isolate is not a text'],
];

test.each(hostile)('%s is one clear failure, case %#', async (source, v, message) => {
  if (message === '') expect(text(source, { v })).toContain('3');
  else expect(() => text(source, { v, t: 'loud' })).toThrow(message);
});

test('a helper that cannot use its argument fails the mail, not the worker', async () => {
  const files = hello(column('<mj-text>{{date at timeZone=zone}}</mj-text>'), {
    'hello/template.json': manifest({ at: { type: 'string' }, zone: { type: 'string' } }),
    'hello/samples/default.json': { name: 'Anne', at: '2026-11-27', zone: 'Asia/Seoul' },
  });
  const renderer = await loadRenderer(await writeSet(files));
  const render = (zone: string) => renderer.render('hello', { name: 'Anne', at: '2026-11-27', zone });
  expect(() => render('Nowhere')).toThrow(MailFailure);
  expect(() => render('Nowhere')).toThrow(
    'The template hello does not render: "Nowhere" is not a time zone; use a name such as Asia/Seoul.',
  );
  expect(render('UTC').text).toContain('November 27, 2026');
});
