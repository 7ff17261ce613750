import { expect, it } from 'vitest';
import { describeReason, errorReason, isReason, reasons } from '../src/reasons.ts';

it('every code is one word or an error code, and its meaning is one clause', () => {
  for (const [code, { meaning }] of Object.entries(reasons)) {
    expect(code).toMatch(/^([a-z][a-z0-9]*(-[a-z]+)*|[A-Z_]+\*?)$/);
    expect(meaning).toMatch(/^\S.*[^\s.]$/);
  }
});

it.each([
  ['no-verdict', 'worker'],
  ['CERT_HAS_EXPIRED', 'provider'],
  ['CERT_NOT_YET_VALID', 'configuration'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'configuration'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'provider'],
])('%s is the failure of: %s', (reason, cause) => {
  expect(describeReason(reason)?.cause).toBe(cause);
});

it.each(['', '550 5.1.1', 'EOTHER', 'constructor', 'CERT'])('"%s" is not in the table', (reason) => {
  expect(describeReason(reason)).toBeUndefined();
});

it.each(['550', '550 5.1.1', '421 4.10.100', '0', 'ECONNREFUSED', 'EOTHER', 'CERT_NOT_YET_VALID', 'expired', 'no-reply'])(
  '"%s" has the form of a reason',
  (text) => {
    expect(isReason(text)).toBe(true);
  },
);

it.each([
  '',
  '55',
  '5500',
  '550 5.1',
  '550 5.1.1 ',
  '550  5.1.1',
  'CERT_*',
  'econnrefused',
  'lost',
  'constructor',
  '550 5.1.1 <anne@example.com>',
])('"%s" has not', (text) => {
  expect(isReason(text)).toBe(false);
});

it.each([
  ['ECONNREFUSED', 'ECONNREFUSED'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_WRONG_VERSION_NUMBER'],
  [undefined, 'ECONNECTION'],
  ['anne@example.com', 'ECONNECTION'],
])('an error with the code %s has the reason %s', (code, reason) => {
  expect(errorReason(code)).toBe(reason);
});
