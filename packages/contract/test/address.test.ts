import { describe, expect, it } from 'vitest';
import { addressDomain, parseMailbox } from '../src/address.ts';

describe('parseMailbox', () => {
  it.each([
    ['anne@example.com', { address: 'anne@example.com' }],
    ['Anne+tag@EXAMPLE.Com', { address: 'Anne+tag@example.com' }],
    ["o'brien@sub.example.co.uk", { address: "o'brien@sub.example.co.uk" }],
    ['anne@bücher.example', { address: 'anne@xn--bcher-kva.example' }],
    ['anne@한국.kr', { address: 'anne@xn--3e0b707e.kr' }],
    ['dev@localhost', { address: 'dev@localhost' }],
    ['Anne B <anne@example.com>', { name: 'Anne B', address: 'anne@example.com' }],
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
    'anne.@example.com',
    'anne@[127.0.0.1]',
    'anne@127.0.0.1',
    'anne@example.com>',
    '안네@example.com',
    `${'a'.repeat(65)}@example.com`,
    `anne@${'a'.repeat(64)}.com`,
    `anne@${'abc.'.repeat(70)}com`,
    'Anne <anne@example.com> eve@example.com',
  ])('refuses %j', (written) => {
    expect(parseMailbox(written)).toBeUndefined();
  });

  it('refuses a name with a line break', () => {
    expect(parseMailbox({ name: 'Anne\r\nBcc: eve@example.com', address: 'anne@example.com' })).toBeUndefined();
    expect(parseMailbox({ name: 'Anne\u2028', address: 'anne@example.com' })).toBeUndefined();
  });

  it('is quick on a long hostile string', () => {
    const began = performance.now();
    parseMailbox(`${'a.'.repeat(100_000)}@`);
    parseMailbox(`a@${'a-'.repeat(100_000)}`);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

it('addressDomain is what follows the last @', () => {
  expect(addressDomain('anne@example.com')).toBe('example.com');
});
