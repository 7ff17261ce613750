import { expect, it } from 'vitest';
import { headerValueIssue, isAllowedHeader } from '../src/mail-headers.ts';

it.each(['X-Order', 'x-smtpapi', 'List-Unsubscribe', 'LIST-ID', 'In-Reply-To', 'references', 'Feedback-ID', 'Importance', 'Organization'])(
  '%s may be set',
  (name) => {
    expect(isAllowedHeader(name)).toBe(true);
  },
);

it.each([
  'Bcc',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'Received',
  'X-',
  'X-Å',
  'X-A:',
  'X A',
  'List',
  `X-${'a'.repeat(61)}`,
  'Resent-To',
  '',
])('%j may not be set', (name) => {
  expect(isAllowedHeader(name)).toBe(false);
});

it.each([
  ['In-Reply-To', '<1@example.com>'],
  ['references', '<1@example.com>  <0190-a.b@[127.0.0.1]>'],
  ['Importance', 'High'],
  ['Auto-Submitted', 'no'],
  ['auto-submitted', 'auto-notified; owner-email="anne@example.com"'],
  ['Feedback-ID', 'campaign:7:welcome:posthouse'],
  ['Organization', '너네집'],
  ['X-Any', '<>'],
])('%s: %s is valid', (name, value) => {
  expect(headerValueIssue(name, value)).toBeUndefined();
});

it.each([
  ['In-Reply-To', '1@example.com'],
  ['In-Reply-To', '<1@example.com>,<2@example.com>'],
  ['References', '<1>'],
  ['References', ''],
  ['References', '<안@example.com>'],
  ['References', `<${'a'.repeat(481)}@example.com>`],
  ['Importance', '1'],
  ['Auto-Submitted', 'yes'],
  ['Auto-Submitted', 'no; a=b'],
])('%s: %s is not valid', (name, value) => {
  expect(headerValueIssue(name, value)).toMatch(/^must be /);
});
