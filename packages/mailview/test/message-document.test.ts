import { expect, test } from 'vitest';
import { frameSandbox, messageDocument } from '../src/message-document.ts';
import type { MessageView } from '../src/message-view.ts';

interface Image {
  cid: string;
  contentType: string;
  content: Uint8Array;
}

function view(shown: { html?: string; text?: string }, images: Image[] = []): MessageView {
  return {
    subject: '',
    to: [],
    cc: [],
    replyTo: [],
    headers: [],
    ...shown,
    attachments: images.map(({ cid, contentType, content }) => ({ filename: 'a', contentType, bytes: content.byteLength, cid })),
    source: '',
    content: (index) => images[index]?.content,
  };
}

const logo: Image = { cid: 'logo@example.com', contentType: 'image/png', content: new Uint8Array([1, 2, 3]) };
const logoData = 'data:image/png;base64,AQID';

/** The document's policy by directive. */
function policy(csp: string): Record<string, string> {
  return Object.fromEntries(csp.split('; ').map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1).join(' ')]));
}

test('the policy allows only inline styles and inline images', () => {
  expect(policy(messageDocument(view({ html: '<p>Hi</p>' })).csp)).toEqual({
    'default-src': "'none'",
    'style-src': "'unsafe-inline'",
    'img-src': 'data:',
    'form-action': "'none'",
    'base-uri': "'none'",
    'frame-ancestors': "'self'",
    sandbox: frameSandbox,
  });
});

test('the sandbox allows links to open in a new tab and nothing else', () => {
  expect(frameSandbox.split(' ').sort()).toEqual(['allow-popups', 'allow-popups-to-escape-sandbox']);
});

test('remote images load by https, and only on request', () => {
  const { csp } = messageDocument(view({ html: '<p>Hi</p>' }), { remoteImages: true });
  expect(policy(csp)).toMatchObject({ 'img-src': 'data: https:', 'default-src': "'none'" });
});

test('hostile HTML is unchanged, after our own base element', () => {
  const html = '<!doctype html><base target="_top" href="https://evil.example"><script>top.location="https://evil.example"</script>';
  const document = messageDocument(view({ html }));
  expect(document.html.endsWith(html)).toBe(true);
  expect(document.html).toMatch(/^<!doctype html><meta charset="utf-8">.*?<base target="_blank">/);
  expect(document.csp).not.toMatch(/script|allow-same-origin|allow-forms|allow-top-navigation/);
});

test.each([
  ['<img src="cid:logo@example.com">', `<img src="${logoData}">`],
  ['<img src=cid:logo@example.com>', `<img src=${logoData}>`],
  ["<IMG SRC = 'CID:logo%40example.com'>", `<IMG SRC = '${logoData}'>`],
  ['<td style="background:url(cid:logo@example.com)">', `<td style="background:url(${logoData})">`],
])('an image of the message is inlined: %s', (html, shown) => {
  expect(messageDocument(view({ html }, [logo])).html).toContain(shown);
});

test.each([
  ['to an image that the message does not have', '<img src="cid:other@example.com">'],
  ['with an invalid encoding', '<img src="cid:%E0%A4%A">'],
  ['in text', '<p>cid:logo@example.com</p>'],
])('a reference %s is unchanged', (_, html) => {
  expect(messageDocument(view({ html }, [logo])).html).toContain(html);
});

test.each(['text/html', 'image/png"><script>', 'application/pdf'])('other content is not inlined: %s', (contentType) => {
  const html = '<img src="cid:logo@example.com">';
  expect(messageDocument(view({ html }, [{ ...logo, contentType }])).html).toContain(html);
});

test('an image that is referred to very often does not exhaust the memory', () => {
  const large = { ...logo, content: new Uint8Array(8 * 1024 * 1024) };
  const { html } = messageDocument(view({ html: '<img src=cid:logo@example.com>'.repeat(100_000) }, [large]));
  expect(html.length).toBeLessThan(40 * 1024 * 1024);
});

test('a text mail is a readable document in which markup is text', () => {
  const { html } = messageDocument(view({ text: 'Hi <b>Anne</b> & Bo\n</body><script>alert(1)</script>' }));
  expect(html).toContain('white-space:pre-wrap');
  expect(html).toContain('Hi &lt;b&gt;Anne&lt;/b&gt; &amp; Bo\n&lt;/body&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
});

test('a message without HTML and text is an empty document', () => {
  expect(messageDocument(view({})).html).toMatch(/<body>$/);
});
