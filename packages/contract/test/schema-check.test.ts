import { describe, expect, it } from 'vitest';
import { checker, replaceableChecker } from '../src/schema-check.ts';

const issuesFor = checker({
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 2 },
    age: { type: 'integer' },
    file: { type: 'string', format: 'base64' },
    either: {
      anyOf: [
        { type: 'string', pattern: '^a' },
        { type: 'object', required: ['x'], properties: { x: { type: 'integer' } } },
      ],
    },
    nested: { anyOf: [{ anyOf: [{ type: 'string', pattern: '^a' }, { type: 'integer' }] }, { type: 'array', items: { type: 'boolean' } }] },
  },
});
const check = (value: unknown) => [...issuesFor(value)];
const pointers = (value: unknown) => check(value).map(({ pointer }) => pointer);

describe('checker', () => {
  it('returns no issues for a valid value, and does not change it', () => {
    const value = { name: 'Anne', age: 3, either: { x: 1 }, nested: [true] };
    const before = structuredClone(value);
    expect(check(value)).toEqual([]);
    expect(value).toEqual(before);
  });

  it('reports every issue with its pointer; nothing is coerced or dropped', () => {
    expect(pointers({ age: '3', 'odd/name~': 1 })).toEqual(['/name', '/odd~1name~0', '/age']);
  });

  it('of alternatives, reports only the issues of the one that was meant', () => {
    expect(pointers({ name: 'Anne', either: 'b' })).toEqual(['/either']);
    expect(pointers({ name: 'Anne', either: { x: 'y' } })).toEqual(['/either/x']);
    expect(check({ name: 'Anne', either: 3 })).toEqual([
      { pointer: '/either', code: 'wrong-type', message: 'must be a string or an object, not a number' },
    ]);
    expect(pointers({ name: 'Anne', nested: 'b' })).toEqual(['/nested']);
    expect(pointers({ name: 'Anne', nested: [true, 'x'] })).toEqual(['/nested/1']);
    expect(pointers({ name: 'Anne', nested: {} })).toEqual(['/nested']);
  });

  it('never repeats the offending value', () => {
    expect(JSON.stringify(check({ name: 'p', age: 'planted', either: 'planted' }))).not.toContain('planted');
  });

  it.each([
    ['YQ==', true],
    ['YWI=', true],
    ['YWJj', true],
    ['', true],
    ['YQ', false],
    ['Y===', false],
    ['YQ=a', false],
    ['YW Jj', false],
    ['YW_j', false],
  ])('base64 %j is valid: %s', (file, valid) => {
    expect(pointers({ name: 'Anne', file })).toEqual(valid ? [] : ['/file']);
  });
});

it.each(['email', 'idn-email'])('the format %s takes every address that a mail can be sent to', (format) => {
  const issues = (address: string) => [...checker({ type: 'string', format })(address)];
  for (const address of ['anne@डाटामेल.भारत', 'anne@xn--3e0b707e.kr', 'a..b@docomo.ne.jp', '안네@example.com', 'dev@localhost']) {
    expect(issues(address)).toEqual([]);
  }
  for (const address of ['anne@nodot', 'Anne <anne@example.com>', 'anne@example.com\n', '"a b"@example.com']) {
    expect(issues(address)).toEqual([
      {
        pointer: '',
        code: 'wrong-format',
        message: expect.stringMatching(
          /^(?:must be one plain address such as anne@example\.com|has blanks or line breaks|has a domain without a dot)/,
        ),
      },
    ]);
  }
});

it('a property name of the wrong format is reported once, with what it must be', () => {
  const issues = checker({ type: 'object', propertyNames: { format: 'header-name' } })({ 'X-A': 1, 'B/cc': 2 });
  expect([...issues]).toMatchObject([{ pointer: '/B~1cc', message: expect.stringMatching(/^must be one of the headers X-\*, List-\*, /) }]);
});

it('a list of texts that are no address at all is explained in a time that grows with its length', () => {
  const addresses = ['@'.padEnd(1000, ','), '<@>'.repeat(333), '@>'.padEnd(1000, ' '), '.'.repeat(1000), '<'.repeat(500).padEnd(1000, '@')];
  for (const format of ['mailbox', 'email'])
    for (const address of addresses)
      expect(checker({ type: 'array', items: { type: 'string', format } })(Array.from({ length: 100 }, () => address))).toHaveLength(100);
});

it.each([
  ['text', '\u{1f600}\r\n\t\u007f', true],
  ['text', 'a\0b', false],
  ['text', 'a\ud83db', false],
  ['text', '\ude00', false],
  ['line', '\u{1f600} \u00e9', true],
  ['line', 'a\r\nb', false],
  ['line', '\u007f', false],
  ['line', '\ud83d', false],
  ['file-name', '\uccad\uad6c\uc11c 1.pdf', true],
  ['file-name', 'a\r\nb', false],
  ['file-name', '../a', false],
  ['file-name', 'a\\b', false],
  ['page-size', '1', true],
  ['page-size', '100', true],
  ['page-size', '0', false],
  ['page-size', '101', false],
  ['page-size', '10.5', false],
])('the format %s of %j is valid: %s', (format, text, valid) => {
  expect([...checker({ type: 'string', format })(text)].map(({ pointer }) => pointer)).toEqual(valid ? [] : ['']);
});

describe('a pattern of a template', () => {
  const matches = (pattern: string, text: string) => replaceableChecker({ type: 'string', pattern })(text).length === 0;

  // With the regular expressions of JavaScript none of these ends.
  it.each([
    ['^(a+)+$', `${'a'.repeat(50_000)}!`],
    ['^([a-z]+)*@shop$', 'a'.repeat(50_000)],
    ['^(\\w|\\d)*x$', '1'.repeat(50_000)],
  ])('%s is tested in a time that grows with the text alone', (pattern, text) => {
    expect(matches(pattern, text)).toBe(false);
  });

  it.each([
    ...[
      '^https?://',
      '^[^\\u0000-\\u001f]+$',
      '^(?:[a-z]+-)*[a-z]+$',
      '^(?<year>\\d{4})-\\d\\d$',
      '^(.|x)+$',
      '^(\\s|x)+$',
      '^[\\S-]+(-\\S)?$',
    ],
    ...[
      '(\\p{Script=Hangul}|\\p{Lu})+$',
      '^([\\]a]|\\/)+$',
      '^\\.?([.])$',
      'a|b',
      '^a|(b)',
      '^(?:[^\\s])+$',
      '\\bshop\\b',
      '[]|x',
      '^\\u{1F600}?(x)*$',
      '^(\\ud83d\\uDE00|[\\ud83d\\ude01-\\ud83d\\ude0f])+x*$',
      '^(\\\\ud83d)?$',
    ],
  ])('%s means what it means in JavaScript', (pattern) => {
    const texts = [
      'https://a',
      'a-b',
      '2026-11',
      'a\u2028b',
      'x\u00a0',
      '\u00a0',
      '한글',
      'É',
      ']/a',
      '.',
      '..',
      'b',
      'the shop',
      '',
      'x',
      'a\nb',
      '\u{1f600}xx',
    ];
    expect(texts.filter((text) => matches(pattern, text))).toEqual(texts.filter((text) => new RegExp(pattern, 'u').test(text)));
  });

  it.each([
    ['^(?!a)', 'the pattern ^(?!a) has a lookaround'],
    ['(?<=a)b', 'has a lookaround'],
    ['^(a)\\1$', 'has a back reference'],
    ['(a|b){1,2000}', 'has a part that is not supported'],
  ])('%s is refused', (pattern, message) => {
    expect(() => replaceableChecker({ type: 'string', pattern })).toThrow(message);
  });
});
