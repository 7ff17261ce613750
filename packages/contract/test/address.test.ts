import { describe, expect, it } from 'vitest';
import { addressDomain, isAddress, parseMailbox } from '../src/address.ts';

describe('parseMailbox', () => {
  it.each([
    ['anne@example.com', { address: 'anne@example.com' }],
    ['Anne+tag@EXAMPLE.Com', { address: 'Anne+tag@example.com' }],
    ["o'brien@sub.example.co.uk", { address: "o'brien@sub.example.co.uk" }],
    ['anne@bücher.example', { address: 'anne@xn--bcher-kva.example' }],
    ['anne@한국.kr', { address: 'anne@xn--3e0b707e.kr' }],
    ['anne@डाटामेल.भारत', { address: 'anne@xn--c2bd4bq1db8d.xn--h2brj9c' }],
    ['anne@ไปรษณีย์.ไทย', { address: 'anne@xn--k3cpwc4a3e2e2c.xn--o3cw4h' }],
    ['anne@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com', { address: 'anne@xn--mgba3gch31f060k.com' }],
    ['a..b@docomo.ne.jp', { address: 'a..b@docomo.ne.jp' }],
    ['a.@docomo.ne.jp', { address: 'a.@docomo.ne.jp' }],
    ['안네@example.com', { address: '안네@example.com' }],
    ['अजय@डाटामेल.भारत', { address: 'अजय@xn--c2bd4bq1db8d.xn--h2brj9c' }],
    ['e\u0301lodie@example.com', { address: '\u00e9lodie@example.com' }],
    ['dev@localhost', { address: 'dev@localhost' }],
    ['Anne B <anne@example.com>', { name: 'Anne B', address: 'anne@example.com' }],
    [' Anne B<anne@example.com> ', { name: 'Anne B', address: 'anne@example.com' }],
    ['<anne@example.com>', { address: 'anne@example.com' }],
    ['"B, Anne \\"A\\" <x>" <anne@example.com>', { name: 'B, Anne "A" <x>', address: 'anne@example.com' }],
    ['B, Anne <anne@example.com>', { name: 'B, Anne', address: 'anne@example.com' }],
    ['anne@example.com <anne@example.com>', { name: 'anne@example.com', address: 'anne@example.com' }],
    ['"오늘은 너네집" <hello@example.com>', { name: '오늘은 너네집', address: 'hello@example.com' }],
    [
      { name: '안네', address: 'anne@example.com' },
      { name: '안네', address: 'anne@example.com' },
    ],
    [{ name: '', address: 'anne@example.com' }, { address: 'anne@example.com' }],
  ])('reads %j', (written, mailbox) => {
    expect(parseMailbox(written)).toEqual(mailbox);
  });

  it.each([
    '',
    'anne',
    '@example.com',
    'anne@',
    'anne@nodot',
    'anne@-x.com',
    'anne@x-.com',
    'a b@example.com',
    '"a b"@example.com',
    'anne@example.com,eve@example.com',
    'anne@example.com eve@example.com',
    'anne@example.com\r\nBcc: eve@example.com',
    'anne@example.com\n',
    'anne@exam\u0000ple.com',
    'anne@@example.com',
    '.anne@example.com',
    'anne@[127.0.0.1]',
    'anne@127.0.0.1',
    'anne@example.com>',
    'anne@0x7f.0x1',
    'anne@①②⑦.⓪.⓪.①',
    'anne@\u0301a.com',
    'anne@a..com',
    'anne@xn--a.com',
    'an\u00a0ne@example.com',
    'anne\uff20example.com',
    'an\u202ene@example.com',
    `${'안'.repeat(22)}@example.com`,
    `anne@${'ไปรษณีย์.'.repeat(27)}ไทย`,
    `${'a'.repeat(65)}@example.com`,
    `anne@${'a'.repeat(64)}.com`,
    `anne@${'abc.'.repeat(70)}com`,
    'Anne <anne@example.com> eve@example.com',
    'anne@example.com, eve <eve@example.com>',
    'Anne <anne@example.com>, Eve <eve@example.com>',
    'Anne <anne@example.com>; eve@example.com',
    'Anne\r\n <anne@example.com>',
    'Anne <anne@example.com>\n',
    '"Anne <anne@example.com>',
    'Anne "B" <anne@example.com>',
    'Anne <Bo <anne@example.com>>',
    `${'a'.repeat(129)} <anne@example.com>`,
    { address: 'Anne <anne@example.com>' },
    { address: '"a b"@example.com' },
  ])('refuses %j', (written) => {
    expect(parseMailbox(written)).toBeUndefined();
  });

  it('refuses a name with a line break', () => {
    expect(parseMailbox({ name: 'Anne\r\nBcc: eve@example.com', address: 'anne@example.com' })).toBeUndefined();
    expect(parseMailbox({ name: 'Anne\u2028', address: 'anne@example.com' })).toBeUndefined();
  });

  it('ends on a long hostile string: backtracking would take hours', () => {
    parseMailbox(`${'a.'.repeat(100_000)}@`);
    parseMailbox(`a@${'a-'.repeat(100_000)}`);
    parseMailbox(`"${'\\a'.repeat(250)} <a@`);
  });
});

it('addressDomain is what follows the last @', () => {
  expect(addressDomain('anne@example.com')).toBe('example.com');
});

it('isAddress is true for one plain address only', () => {
  expect(isAddress('anne@डाटामेल.भारत')).toBe(true);
  expect(isAddress('Anne <anne@example.com>')).toBe(false);
});
