import { expect, it } from 'vitest';
import { type MailFilter, readMailFilter, writeMailFilter } from '../src/mail-filter.ts';

it('parses the parameters of a URL, and writes them back', () => {
  const filter: MailFilter = {
    state: ['sending', 'failed'],
    template: 'signup',
    recipient: 'anne@example.com',
    tag: 'welcome',
    provider: 'ses',
    reason: '550 5.1.1',
    group: ['0123456789ab', 'abcdef012345'],
    bulk: '0199c1de-0000-7000-8000-0123456789ab',
    priority: 'high',
    partial: true,
    metadata: 'A-1029',
    from: Date.UTC(2026, 10, 22),
    to: Date.UTC(2026, 10, 23),
  };
  const parameters = Object.fromEntries(writeMailFilter(filter));
  expect(parameters['state']).toBe('sending,failed');
  expect(readMailFilter(parameters)).toEqual({ filter, issues: [] });
});

it.each([
  [{ state: ['failed', 'sent'] }, { state: ['sent', 'failed'] }],
  [{ state: '', template: ' ', tag: [] }, {}],
  [{ recipient: '  Anne@EXAMPLE.com ' }, { recipient: 'anne@example.com' }],
  [{ recipient: 'Anne B <Anne@example.com>' }, { recipient: 'anne@example.com' }],
  [{ recipient: '"B, Anne" <anne@example.com>' }, { recipient: 'anne@example.com' }],
  [{ recipient: '<anne@example.com>' }, { recipient: 'anne@example.com' }],
  [{ recipient: 'mailto:anne@example.com' }, { recipient: 'anne@example.com' }],
  [{ recipient: 'MAILTO:anne%2Btag@example.com?subject=Hi%20Anne' }, { recipient: 'anne+tag@example.com' }],
  [{ recipient: 'a..b@docomo.ne.jp' }, { recipient: 'a..b@docomo.ne.jp' }],
  [{ recipient: '@Example.com' }, { recipient: 'example.com' }],
  [{ recipient: ' Anne.B@ ' }, { recipient: 'anne.b@' }],
  [{ recipient: 'डाटामेल.भारत' }, { recipient: 'xn--c2bd4bq1db8d.xn--h2brj9c' }],
  [{ recipient: 'bücher.example' }, { recipient: 'xn--bcher-kva.example' }],
  [{ from: '2026-11-22' }, { from: Date.UTC(2026, 10, 22) }],
  [{ reason: ' 550 5.1.1 ' }, { reason: '550 5.1.1' }],
  [{ reason: 'CERT_NOT_YET_VALID' }, { reason: 'CERT_NOT_YET_VALID' }],
  [{ reason: 'expired' }, { reason: 'expired' }],
  [{ cursor: 'x', unknown: '1' }, {}],
])('%j → %j', (parameters, filter) => {
  expect(readMailFilter(parameters)).toEqual({ filter, issues: [] });
});

it.each([
  [{ state: 'failed,lost' }, '/state'],
  [{ group: 'abc' }, '/group'],
  [{ group: Array.from({ length: 501 }, (_, n) => n.toString(16).padStart(12, '0')).join() }, '/group'],
  [{ recipient: 'anne@example.com, berta@example.com' }, '/recipient'],
  [{ recipient: 'Anne <anne@example.com>, Bo <bo@example.com>' }, '/recipient'],
  [{ recipient: 'mailto:%' }, '/recipient'],
  [{ recipient: 'mailto:a@example.com,b@example.com' }, '/recipient'],
  [{ recipient: 'a b' }, '/recipient'],
  [{ recipient: `${'a'.repeat(1000)}@example.com` }, '/recipient'],
  [{ from: 'yesterday' }, '/from'],
  [{ to: '2026-13-45' }, '/to'],
  [{ tag: ['a', 'b'] }, '/tag'],
  [{ recipient: 'a b@' }, '/recipient'],
  [{ partial: 'yes' }, '/partial'],
  [{ priority: 'urgent' }, '/priority'],
  [{ metadata: 'm'.repeat(10_240) }, '/metadata'],
  [{ reason: 'mailbox full' }, '/reason'],
  [{ template: 'x'.repeat(65) }, '/template'],
])('reports an issue: %j', (parameters, pointer) => {
  const { filter, issues } = readMailFilter(parameters);
  expect(issues.map((issue) => issue.pointer)).toEqual([pointer]);
  expect(filter).toEqual({});
});

it.each([
  ['2026-11-22T09:00:00 09:00', /^has a blank where its offset has \+, which is %2B in a URL; /],
  ['2026-11-22T09:00:00', /^has no time zone /],
  ['2026-13-01', /^must be a time, /],
])('says what is wrong with the time %s', (from, message) => {
  expect(readMailFilter({ from }).issues).toEqual([{ pointer: '/from', code: 'wrong-format', message: expect.stringMatching(message) }]);
});
