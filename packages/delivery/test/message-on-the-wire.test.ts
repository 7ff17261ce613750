/** The bytes and commands that a relay receives. */
import { parseMailbox } from '@posthouse/contract';
import PostalMime, { decodeWords } from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import type { OutgoingMessage } from '../src/outgoing-message.ts';
import { ca, client, server, useRelay } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

useRelay();

/** Sends a message to its recipients. */
async function send(change: Partial<OutgoingMessage>) {
  const message = sampleMessage({ html: '<p>Hi</p>', text: 'Hi', ...change });
  const recipients = [...message.to, ...message.cc].map(({ address }) => address);
  const attempt = await new MessageDelivery([client(server, ca)]).deliver(message, recipients, open);
  const [received] = server.messages;
  const raw = received?.raw.toString() ?? '';
  return { attempt, received, raw, header: raw.slice(0, raw.indexOf('\r\n\r\n') + 2) };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const mailbox = (address: string, name?: string) => parseMailbox({ address, ...(name !== undefined && { name }) }) ?? expect.fail(address);
const longestLine = (raw: string) => Math.max(...raw.split('\r\n').map((line) => Buffer.byteLength(line)));

describe('headers', () => {
  it('keep their names, and values in ASCII', async () => {
    const headers = {
      'X-SMTPAPI': '{"category": ["welcome"], "unique_args": {"id": "=?7?="}}',
      'x-MyApp-ID': '7',
      'List-Unsubscribe': '<https://example.com/u?a=%22b%22&c="d">, <mailto:u@example.com>',
      'Feedback-ID': 'welcome:7:signup:posthouse',
    };
    const { header } = await send({ headers });
    for (const [name, value] of Object.entries(headers)) expect(header.replaceAll('\r\n ', ' ')).toContain(`\r\n${name}: ${value}\r\n`);
  });

  it.each([
    ['a subject', { subject: 'a'.repeat(998) }],
    ['a header without blanks', { headers: { 'X-A': 'a'.repeat(998) } }],
    ['a list header without blanks', { headers: { 'List-A': 'a'.repeat(998) } }],
    ['a word that fills a folded line', { headers: { 'X-A': 'a'.repeat(997) } }],
    ['a header with few blanks', { headers: { 'X-A': `${'a'.repeat(500)} ${'b'.repeat(497)}` } }],
    ['a run of blanks', { headers: { 'X-A': `a${' '.repeat(996)}b` } }],
    ['a file name', { attachments: [{ filename: `${'가'.repeat(251)}.pdf`, content: 'YQ==' }] }],
    ['a file name of blanks', { attachments: [{ filename: `a${' '.repeat(250)}.pdf`, content: 'YQ==' }] }],
    ['names', { to: Array.from({ length: 50 }, (_, n) => mailbox(`a${n}@example.org`, '"'.repeat(128))) }],
    [
      'references',
      {
        headers: {
          References: Array(24)
            .fill(`<${'a'.repeat(28)}@example.com>`)
            .join(' '),
        },
      },
    ],
  ])('no line is longer than 998 bytes with %s', async (_what, change: Partial<OutgoingMessage>) => {
    const { raw, header } = await send(change);
    expect(longestLine(raw)).toBeLessThanOrEqual(998);
    expect(raw).not.toMatch(/\r\n[ \t]+\r\n/);
    const parsed = await PostalMime.parse(raw);
    if (change.subject !== undefined) expect(parsed.subject).toBe(change.subject);
    if (change.attachments !== undefined) expect(parsed.attachments[0]?.filename).toBe(change.attachments[0]?.filename);
    if (change.to !== undefined) expect(parsed.to).toEqual(change.to);
    for (const [name, value] of Object.entries(change.headers ?? {})) {
      const isEncoded = value.length === 998 && !value.includes(' ');
      const field =
        header
          .replaceAll('\r\n ', ' ')
          .split('\r\n')
          .find((line) => line.startsWith(`${name}: `)) ?? '';
      expect(isEncoded ? decodeWords(field) : field).toBe(`${name}: ${value}`);
    }
  });

  it('are auto-generated, or what the caller says; no leaves the header out', async () => {
    expect((await send({})).header).toContain('\r\nAuto-Submitted: auto-generated\r\n');
  });

  it.each([
    ['auto-replied', '\r\nauto-submitted: auto-replied\r\n'],
    ['No', undefined],
  ])('with Auto-Submitted: %s', async (value, line) => {
    const { header } = await send({ headers: { 'auto-submitted': value } });
    expect(header.match(/\r\nauto-submitted:.*\r\n/gi)?.[0]).toBe(line);
  });
});

describe('an invitation', () => {
  const calendar = 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:회의\r\nEND:VCALENDAR\r\n';
  const invitation = { filename: 'invite.ics', contentType: 'text/calendar; method=REQUEST; charset=utf-8', content: base64(calendar) };

  it('is an alternative of the text, and an attachment', async () => {
    const { raw } = await send({ attachments: [{ filename: 'agenda.txt', content: base64('1.') }, invitation] });
    const types = [...raw.matchAll(/^Content-Type: ([^;\r]+)/gim)].map(([, type]) => type);
    expect(types).toEqual([
      'multipart/mixed',
      'multipart/alternative',
      'text/plain',
      'text/html',
      'text/calendar',
      'text/plain',
      'application/ics',
    ]);
    const [alternative = ''] = /Content-Type: text\/calendar[\s\S]*?\r\n\r\n[\s\S]*?\r\n--/.exec(raw) ?? [];
    expect(alternative).toMatch(
      /^Content-Type: text\/calendar;\r\n charset=utf-8;\r\n method=REQUEST\r\nContent-Transfer-Encoding: base64\r\n\r\n/,
    );
    expect(alternative).not.toContain('Content-Disposition');
    expect(raw.replaceAll('\r\n', '').split(invitation.content)).toHaveLength(3);
    expect((await PostalMime.parse(raw)).attachments).toMatchObject([
      { mimeType: 'text/calendar', method: 'REQUEST' },
      { mimeType: 'text/plain', filename: 'agenda.txt' },
      { mimeType: 'application/ics', filename: 'invite.ics', disposition: 'attachment' },
    ]);
  });

  it('without a method is an attachment only', async () => {
    const { raw } = await send({ attachments: [{ ...invitation, contentType: 'text/calendar' }] });
    expect(raw.match(/^Content-Type: text\/calendar/gm)).toHaveLength(1);
  });
});

describe('an attachment', () => {
  it('keeps the parameters of its media type; its name is the file name', async () => {
    const csv = { filename: 'a.csv', contentType: 'Text/CSV; charset=euc-kr; name="other.csv"; header=present', content: base64('a') };
    expect((await send({ attachments: [csv] })).raw).toContain(
      'Content-Type: text/csv;\r\n charset=euc-kr;\r\n header=present;\r\n name=a.csv\r\n',
    );
  });

  it.each([
    ['plain text', 'Subject: a\r\n\r\nb\nc\r\n', 'message/rfc822', 'Subject: a\r\n\r\nb\r\nc\r\n'],
    ['a header that is not ASCII', 'Subject: 가\r\n\r\nb', 'application/octet-stream', undefined],
    ['a long line', `Subject: a\r\n\r\n${'b'.repeat(999)}`, 'application/octet-stream', undefined],
    ['NUL', 'Subject: a\r\n\r\n\0', 'application/octet-stream', undefined],
  ])('that is a message goes as it is, or as a file where it would have to be encoded: %s', async (_what, text, type, asItIs) => {
    const { raw } = await send({ attachments: [{ filename: 'a.eml', contentType: 'message/rfc822', content: base64(text) }] });
    expect(raw).toContain(`Content-Type: ${type};\r\n name=a.eml\r\n`);
    expect(raw).toContain(asItIs ?? base64(text).slice(0, 76));
    expect(longestLine(raw)).toBeLessThanOrEqual(998);
  });

  it('has no multipart type, also where the list of extensions has one', async () => {
    expect((await send({ attachments: [{ filename: 'a.gzip', content: base64('a') }] })).raw).not.toContain('multipart/x-gzip');
  });
});

describe('addresses', () => {
  it('with dots that SMTP has in quotes are quoted in commands and headers, and plain in the result', async () => {
    const to = [mailbox('a..b@docomo.ne.jp', '花子'), mailbox('a.@docomo.ne.jp'), mailbox('a.b@example.org')];
    const { attempt, received, header } = await send({ to });
    expect(attempt.outcomes.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual(to.map(({ address }) => `ACCEPT ${address}`));
    expect(attempt.steps.map(({ command }) => command).filter((command) => command.startsWith('RCPT'))).toEqual([
      'RCPT TO:<"a..b"@docomo.ne.jp>',
      'RCPT TO:<"a."@docomo.ne.jp>',
      'RCPT TO:<a.b@example.org>',
    ]);
    expect(received?.to).toEqual(['"a..b"@docomo.ne.jp', '"a."@docomo.ne.jp', 'a.b@example.org']);
    expect(header.replaceAll('\r\n ', ' ')).toContain(
      '\r\nTo: =?UTF-8?B?6Iqx5a2Q?= <"a..b"@docomo.ne.jp>, "a."@docomo.ne.jp, a.b@example.org\r\n',
    );
  });

  it('that are not ASCII go to a server with SMTPUTF8', async () => {
    const { attempt, header, received } = await send({ to: [mailbox('अजय@डाटामेल.भारत', 'अजय')] });
    expect(attempt.outcomes).toMatchObject([{ verdict: 'ACCEPT', address: 'अजय@xn--c2bd4bq1db8d.xn--h2brj9c' }]);
    expect(attempt.steps[0]?.command).toMatch(/^MAIL FROM:<hello@example.com>.* SMTPUTF8( |$)/);
    expect(header).toContain('<अजय@xn--c2bd4bq1db8d.xn--h2brj9c>\r\n');
    expect(received?.to).toEqual(['अजय@xn--c2bd4bq1db8d.xn--h2brj9c']);
  });

  it('that are not ASCII in a header alone are declared too, for that message only', async () => {
    const delivery = new MessageDelivery([client(server, ca)]);
    const mailCommand = async (change: Partial<OutgoingMessage>) =>
      (await delivery.deliver(sampleMessage(change), ['anne@example.org'], open)).steps[0]?.command;
    expect(await mailCommand({ replyTo: [mailbox('안네@example.com')] })).toMatch(/ SMTPUTF8$/);
    expect(await mailCommand({})).not.toContain('SMTPUTF8');
    expect(server.connectionCount).toBe(1);
  });
});
