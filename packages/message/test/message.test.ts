import { limits } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { completeMessage, withoutFields } from '../src/message.ts';
import { readMessage } from '../src/message-reader.ts';

const lines = (...text: string[]) => Buffer.from(text.join('\r\n'));
const message = (...header: string[]) => lines(...header, '', 'Hello.', '');
const from = 'From: Anne <anne@example.com>';
const issuesOf = (bytes: Buffer) => readMessage(bytes).issues.map(({ message: text, code }) => `${code}: ${text}`);

describe('a message', () => {
  it('is read: every address of From, the subject, the Message-ID', () => {
    const header = [
      'Message-ID:\r\n <1@example.com>',
      'FROM: "B, Anne" <anne@example.com>,\r\n bo@Example.ORG',
      'subject: =?utf-8?q?H=C3?=\r\n =?utf-8?b?qQ==?= there',
    ];
    expect(readMessage(message(...header))).toEqual({
      issues: [],
      from: [{ name: 'B, Anne', address: 'anne@example.com' }, { address: 'bo@example.org' }],
      senders: ['anne@example.com', 'bo@example.org'].map((address) => ({ field: 'From', address })),
      subject: 'Hé there',
      messageId: '<1@example.com>',
    });
  });

  it('may be a header alone, with and without a last line break', () => {
    for (const bytes of [lines(from), lines(from, ''), lines(from, '', '')]) expect(issuesOf(bytes)).toEqual([]);
  });

  it.each([
    ['', 'missing: is empty'],
    [`${from}\r\n\r\na\0b`, 'wrong-format: has a NUL byte, which SMTP cannot transmit'],
    [`${from}\r\n\r\na\n.\nb`, 'bare LF in line 3'],
    [`${from}\r\n\r\na\r\n.\nb`, 'bare LF in line 4'],
    [`${from}\r\n\r\na\n.\r\nb`, 'bare LF in line 3'],
    [`${from}\r\n\r\na\r.\rb`, 'bare CR in line 3'],
    [`${from}\r\n\r\na\r.\r\nb`, 'bare CR in line 3'],
    [`${from}\r\n\r\na\r\r\n`, 'bare CR in line 3'],
    [`${from}\r\n\r\na\r`, 'bare CR in line 3'],
    [`${from}\n\nHello.\n`, 'bare LF in line 1'],
    [`${from}\r\n\r\n${'x'.repeat(999)}`, 'has a line of 999 bytes: line 3'],
    ['Hello.\r\n', 'no field: line 1'],
    [`${from}\r\nBcc : bo@example.com\r\n\r\n`, 'no field: line 2'],
    [`\r\n${from}\r\n\r\n`, 'missing: has no From field'],
    ['Subject: Hi\r\n\r\n', 'missing: has no From field'],
    [` ${from}\r\n\r\n`, 'no field: line 1'],
    [`${from}\r\nfrom: bo@example.com\r\n\r\n`, 'duplicate: has the field From more than once'],
    [`${from}\r\nSubject: a\r\nSUBJECT: b\r\n\r\n`, 'duplicate: has the field Subject more than once'],
    [`${from}\r\nResent-Bcc: bo@example.com\r\n\r\n`, 'not-allowed: has the field Resent-Bcc'],
    [`${from}\r\nMessage-ID: 1@example.com\r\n\r\n`, 'Message-ID without angle brackets'],
    [
      `${from}\r\nX-A: ${'x'.repeat(900)}\r\n`.concat(...Array.from({ length: 300 }, () => ` ${'y'.repeat(900)}\r\n`)),
      'too-large: has a header',
    ],
    [`${from}\r\n`.concat('X: y\r\n'.repeat(1000)), 'too-large: has a header'],
  ])('%j is refused', (text, issue) => {
    expect(issuesOf(Buffer.from(text))).toEqual([expect.stringContaining(issue)]);
  });

  it.each([
    'undisclosed: anne@example.com, bo@example.com;',
    'anne@example.com (comment)',
    'Anne <anne@example.com> <bo@foreign.example>',
    'anne@example.com, ',
    '<anne@example.com',
    '"anne@example.com',
    'Anne anne@example.com',
    'a "b" <anne@example.com>',
    '<@relay.example:anne@example.com>',
    'anne@[192.0.2.1]',
    '',
  ])('with the From %j is refused', (value) => {
    expect(issuesOf(message(`From: ${value}`))).toEqual([expect.stringContaining('no plain list of addresses')]);
  });

  it.each([
    ['<anne@example.com>', [{ address: 'anne@example.com' }]],
    ['=?utf-8?B?7ZWY66Oo?= <anne@example.com>', [{ name: '하루', address: 'anne@example.com' }]],
    ['"=?utf-8?Q?A=3A(b)?=" <anne@example.com>', [{ name: 'A:(b)', address: 'anne@example.com' }]],
    ['"a..b"@docomo.ne.jp', [{ address: 'a..b@docomo.ne.jp' }]],
    ['Élodie <élodie@example.com>', [{ name: 'Élodie', address: 'élodie@example.com' }]],
    ['anne@한국.kr', [{ address: 'anne@xn--3e0b707e.kr' }]],
  ])('has the senders of From %j', (value, expected) => {
    expect(readMessage(message(`From: ${value}`))).toMatchObject({ issues: [], from: expected });
  });

  it('has the senders of Sender and of every Resent-*', () => {
    const header = [
      'Sender: bo@example.org',
      'Resent-From: c@example.net, d@example.net',
      'Resent-Sender: e@example.net',
      'Resent-From: f@a.example',
    ];
    expect(readMessage(message(from, ...header)).senders.map(({ field, address }) => `${field} ${address}`)).toEqual([
      'From anne@example.com',
      'Sender bo@example.org',
      ...['c@example.net', 'd@example.net', 'f@a.example'].map((address) => `Resent-From ${address}`),
      'Resent-Sender e@example.net',
    ]);
    expect(issuesOf(message(from, 'Sender: a@example.com, b@example.com'))).toEqual([
      expect.stringContaining('Sender field that is no single'),
    ]);
    expect(issuesOf(message(from, 'Resent-From: Team:;'))).toEqual([expect.stringContaining('Resent-From field that is no plain list')]);
  });

  it('with bytes in its header that are not UTF-8 is refused; in its body any are possible', () => {
    const latin1 = (text: string) => Buffer.from(text, 'latin1');
    expect(issuesOf(latin1(`${from}\r\nSubject: \xe9\r\n\r\n`))).toEqual([expect.stringContaining('not UTF-8')]);
    expect(issuesOf(latin1(`${from}\r\n\r\n\xe9\xff`))).toEqual([]);
  });
});

it.each([
  ['=?iso-8859-1?Q?Caf=E9?= =?iso-8859-1?Q?_au_lait?=', 'Café au lait'],
  ['=?UTF-8*en?b?w6k=?=', 'é'],
  ['a =?utf-8?q?b?= c', 'a b c'],
  ['=?x-unknown?q?a=E9?=', 'a\ufffd'],
  ['=?utf-8?q?a=0D=0ABcc=3A?=', 'a Bcc:'],
  ['=?utf-8?q?unfinished', '=?utf-8?q?unfinished'],
  ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '日本'],
])('the subject %j is shown as %j', (value, shown) => {
  expect(readMessage(message(from, `Subject: ${value}`)).subject).toBe(shown);
});

describe('a change of the header', () => {
  it('removes fields with the lines they are folded into, and nothing else', () => {
    const bytes = lines(
      'A: 1',
      'bCC: bo@example.com,',
      '\tcleo@example.com',
      from,
      'Posthouse-Tag: x',
      'Z: 2',
      '',
      'Bcc: in the body',
      '.',
      '',
    );
    const { message: changed, removed } = withoutFields(bytes, (name) => name === 'bcc' || name.startsWith('posthouse-'));
    expect(changed.toString()).toBe(lines('A: 1', from, 'Z: 2', '', 'Bcc: in the body', '.', '').toString());
    expect(removed.map(({ name, value }) => [name, value])).toEqual([
      ['bCC', 'bo@example.com,\tcleo@example.com'],
      ['Posthouse-Tag', 'x'],
    ]);
    expect(withoutFields(changed, () => false).message).toBe(changed);
  });

  it('reads no further in a header that is too large', () => {
    const bytes = Buffer.from(`${from}\r\n`.concat('X: y\r\n'.repeat(100_000)));
    expect(withoutFields(bytes, (name) => name === 'x').removed).toHaveLength(limits.rawHeader.fields);
    expect(issuesOf(bytes)).toEqual([expect.stringContaining('too-large: has a header')]);
  });

  it('reads long runs of blanks, encoded words and quotes in a time that grows with their length', () => {
    const lines = (text: string) => `${text.repeat(900 / text.length)}\r\n `.repeat(200);
    for (const text of [' ', '\t', '=?utf-8?q?', '=?', '"\\"', '(', '<', '@,'])
      expect(issuesOf(message(from, `Subject: a${lines(text)}b`, `Sender: a${lines(text)}b`))).toBeDefined();
  });

  it('adds only what is missing, before all fields', () => {
    const added = { messageId: '<1@example.com>', date: new Date(0) };
    const whole = message(from, 'date: Thu, 01 Jan 1970 00:00:00 +0000', 'MESSAGE-ID: <2@example.com>');
    expect(completeMessage(whole, added)).toBe(whole);
    const [first, second, ...rest] = completeMessage(message(from), added).toString().split('\r\n');
    expect([first, second]).toEqual(['Message-ID: <1@example.com>', 'Date: Thu, 01 Jan 1970 00:00:00 +0000']);
    expect(rest.join('\r\n')).toBe(message(from).toString());
  });
});
