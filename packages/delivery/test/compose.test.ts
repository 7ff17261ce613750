import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { composeMessage, composeText } from '../src/compose.ts';
import { sampleMessage } from './sample-message.ts';

describe('composeMessage', () => {
  it('writes both parts, the fixed headers and the same bytes every time', async () => {
    const bytes = await composeMessage(sampleMessage({ headers: { 'X-Campaign': 'welcome' }, replyTo: [{ address: 'help@example.com' }] }));
    expect(
      await composeMessage(sampleMessage({ headers: { 'X-Campaign': 'welcome' }, replyTo: [{ address: 'help@example.com' }] })),
    ).toEqual(bytes);

    const parsed = await PostalMime.parse(bytes);
    expect(parsed).toMatchObject({
      subject: '가입해주셔서 감사합니다!',
      from: { name: '오늘은 너네집', address: 'hello@example.com' },
      to: [{ name: 'Anne', address: 'anne@example.org' }],
      replyTo: [{ address: 'help@example.com' }],
      messageId: '<0190a0b0-0000-7000-8000-000000000001@example.com>',
      date: '2026-11-22T10:00:00.000Z',
    });
    expect(parsed.html).toContain('안녕, Anne');
    expect(parsed.text).toContain('안녕, Anne');
    const headers = Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value]));
    expect(headers).toMatchObject({
      'auto-submitted': 'auto-generated',
      'x-campaign': 'welcome',
      'content-type': expect.stringContaining('multipart/alternative'),
    });
    expect(headers).not.toHaveProperty('bcc');
  });

  it('carries attachments, and inline images by cid', async () => {
    const content = Buffer.from('%PDF').toString('base64');
    const parsed = await PostalMime.parse(
      await composeMessage(
        sampleMessage({
          attachments: [
            { filename: '영수증.pdf', content },
            { filename: 'logo.png', contentType: 'image/png', content, cid: 'logo' },
          ],
        }),
      ),
    );
    expect(parsed.attachments).toMatchObject([
      { filename: 'logo.png', mimeType: 'image/png', disposition: 'inline', contentId: '<logo>' },
      { filename: '영수증.pdf', mimeType: 'application/pdf', disposition: 'attachment' },
    ]);
  });

  it.each([
    ['subject', { subject: 'Hi\r\nBcc: evil@example.net' }],
    ['a name', { to: [{ name: 'Anne\r\nBcc: evil@example.net', address: 'anne@example.org' }] }],
    ['a header', { headers: { 'X-A': 'b\r\nBcc: evil@example.net' } }],
    ['a file name', { attachments: [{ filename: 'a"\r\nBcc: evil@example.net', content: '' }] }],
  ])('lets no line break in %s start a header', async (_where, change) => {
    const parsed = await PostalMime.parse(await composeMessage(sampleMessage(change)));
    expect(parsed.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(parsed.bcc).toBeUndefined();
  });

  it.each([
    ['', '7bit'],
    [`${'a'.repeat(76)}\n\t~`, '7bit'],
    ['a'.repeat(77), 'quoted-printable'],
    ['a\u0001b', 'quoted-printable'],
    ['a\u007fb', 'quoted-printable'],
    ['aé', 'base64'],
    ['ab👩', 'base64'],
    ['abc👩', 'quoted-printable'],
  ])('encodes the text %j as %s', (text, encoding) => {
    const { html: _html, ...message } = sampleMessage({ text });
    expect(composeText(message).toString()).toContain(`\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`);
  });
});
