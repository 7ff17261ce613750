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

  it('takes a time that grows with the length of data that has run into the subject', async () => {
    const texts = [' ', '\t'].map((text) => `a${text.repeat(100_000)}b`);
    for (const subject of texts) expect((await composeMessage(sampleMessage({ subject }))).length).toBeGreaterThan(100);
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

  it('writes each character as it is or escaped, wherever it is among others', () => {
    const { html: _html, ...message } = sampleMessage({});
    const long = `${'a'.repeat(77)}\n`;
    const wrong: string[] = [];
    for (const code of Array.from({ length: 0x100 }, (_, n) => n).filter((n) => n !== 0x0a && n !== 0x0d)) {
      const char = String.fromCharCode(code);
      const isLiteral = code === 0x09 || (code >= 0x20 && code < 0x7f && char !== '=');
      const escaped = [...Buffer.from(char)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
      for (let at = 1; at <= 8; at++) {
        const [before, after] = ['x'.repeat(at), 'x'.repeat(9 - at)];
        const bytes = composeText({ ...message, text: `${long}${before}${char}${after}` }).toString();
        if (!bytes.endsWith(`\r\n${before}${isLiteral ? char : escaped}${after}\r\n`)) wrong.push(`${code} at ${at}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
