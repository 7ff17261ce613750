/** The website, requested without a socket, while the API is down. */
import { createServer } from 'node:net';
import { timings } from '@posthouse/contract';
import { freePort, type ReceivedMessage } from '@posthouse/devkit';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Inbox } from '../src/inbox/inbox.ts';
import { MailApi } from '../src/sign-up/mail-api.ts';
import { Members } from '../src/sign-up/members.ts';
import type { SignUpParts } from '../src/sign-up/sign-up-routes.tsx';
import { createWebsite, websiteService } from '../src/website.ts';

const unusedPort = await freePort();
const validForm = { nickname: '하루', email: 'haru@example.com' };

let inbox: Inbox;
let parts: SignUpParts;
let logged: string[];
let pages: Awaited<ReturnType<typeof createWebsite>>;

beforeEach(async () => {
  logged = [];
  inbox = new Inbox();
  const log = (line: string) => void logged.push(line);
  const api = new MailApi(() => ({ url: `http://127.0.0.1:${unusedPort}`, key: 'none' }), {
    ...timings.sandbox,
    ...{ apiRequest: 500, apiTries: 500 },
  });
  parts = { inbox, api, members: new Members(api, log), log };
  pages = await createWebsite(parts);
});

const sameOrigin = { 'sec-fetch-site': 'same-origin' };

function post(fields: Record<string, string>, headers: Record<string, string> = sameOrigin, url = '/') {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return pages.inject({ method: 'POST', url, headers: { ...type, ...headers }, body: new URLSearchParams(fields).toString() });
}

function message(id: string, raw: string): ReceivedMessage {
  const envelope = { from: 'hello@yourhouse.example', to: ['haru@example.com'] };
  return { ...envelope, id, raw: Buffer.from(raw), messageId: `<${id}@example.com>`, at: Date.now(), sessionId: id, authUser: 'posthouse' };
}

describe('the sign-up page', () => {
  test('is Korean by default, and English with ?lang=en', async () => {
    const korean = await pages.inject('/');
    expect(korean.body).toContain('<html lang="ko">');
    expect(korean.body).toContain('오늘은\n우리 집에\n놀러 오세요.');
    const english = await pages.inject('/?lang=en');
    expect(english.body).toContain('<html lang="en">');
  });

  test('keeps the language that was chosen, which counts more than that of the browser', async () => {
    const chosen = await pages.inject('/?lang=en');
    expect(chosen.cookies).toEqual([
      expect.objectContaining({ name: 'language', value: 'en', path: '/', httpOnly: true, maxAge: 31_536_000 }),
    ]);
    const later = { cookie: 'language=en; zone=Asia/Kathmandu', 'accept-language': 'ko' };
    expect((await pages.inject({ url: '/inbox', headers: later })).body).toContain('<html lang="en">');
    expect((await pages.inject({ url: '/inbox?lang=ko', headers: later })).body).toContain('<html lang="ko">');
    expect((await pages.inject({ url: '/inbox', headers: { ...later, cookie: 'language=fr' } })).body).toContain('<html lang="ko">');
    expect((await pages.inject('/inbox?lang=fr')).cookies).toEqual([]);
  });

  test('a sign-up succeeds although the mail was not accepted, and the page says so', async () => {
    const answer = await post(validForm);
    expect(answer.statusCode).toBe(303);
    const member = await pages.inject(answer.headers.location as string);
    expect(member.statusCode).toBe(200);
    expect(member.body).toContain('하루님,\n어서 들어오세요.');
    expect(member.body).toContain('haru@example.com 주소로 가입했어요.');
    expect(member.body).toContain('환영 메일을 접수하지 못했어요');
    expect(member.body).toMatch(/ECONNREFUSED|No answer in time/);
    expect(logged.join()).toContain('A member signed up, but the welcome mail was not accepted.');
  });

  test('errors are shown next to their fields, and what was typed is kept', async () => {
    const answer = await post({ nickname: '하루 "the guest"', email: 'nobody' }, sameOrigin, '/?lang=en');
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('Enter an address such as haru@example.com.');
    expect(answer.body).toContain('value="nobody"');
    expect(answer.body).toContain('value="하루 &#34;the guest&#34;"');
  });

  test('what was typed is escaped', async () => {
    const hostile = '<script>alert(1)</script>';
    const { headers } = await post({ ...validForm, nickname: hostile });
    const member = await pages.inject(headers.location as string);
    expect(member.body).toContain('&lt;script>');
    expect(member.body).not.toContain(hostile);
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling site', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'http://evil.example', host: '127.0.0.1:3080' }],
    ['an opaque origin', { origin: 'null', host: '127.0.0.1:3080' }],
    ['an unknown origin', {}],
    ['no page at all', { 'sec-fetch-site': 'none' }],
  ])('a form of %s is rejected', async (_what, headers) => {
    const answer = await post(validForm, headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('이 샌드박스의 가입 페이지에서 보낸 요청이 아니에요. Origin이나 Sec-Fetch-Site');
  });

  test.each([
    ['the same origin, by Sec-Fetch-Site', sameOrigin],
    ['the same origin, by Origin', { origin: 'http://127.0.0.1:3080', host: '127.0.0.1:3080' }],
  ])('a form of %s is accepted', async (_what, headers) => {
    expect((await post(validForm, headers)).statusCode).toBe(303);
  });

  test('a form that is too large gets an error page', async () => {
    const answer = await post({ ...validForm, nickname: 'a'.repeat(5000) });
    expect(answer.statusCode).toBe(413);
    expect(answer.body).toContain('요청을 처리할 수 없어요.');
  });

  test('a malformed path gets an error page', async () => {
    const answer = await pages.inject('/%');
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('<title>400: 요청을 처리할 수 없어요.');
  });

  test('a body that is not a form is rejected', async () => {
    expect((await pages.inject({ method: 'POST', url: '/', payload: validForm })).statusCode).toBe(415);
  });
});

describe('the inbox', () => {
  test('says that it is empty', async () => {
    expect((await pages.inject('/inbox')).body).toContain('아직 도착한 메일이 없어요.');
  });

  test('shows times in the zone of the browser, and in UTC where that is not known', async () => {
    await inbox.receive({ ...message('one', 'Subject: Hello\r\n\r\nHello'), at: Date.parse('2026-11-22T08:40:03Z') });
    const timeAt = async (url: string, cookie: string) => {
      const { body } = await pages.inject({ url, headers: { cookie: `language=en; ${cookie}` } });
      return /<time[^>]* datetime="2026-11-22T08:40:03.000Z" data-zoned>([^<]*)</.exec(body)?.[1];
    };
    for (const url of ['/inbox', '/inbox/one']) {
      expect(await timeAt(url, 'zone=Asia/Kathmandu')).toBe('Nov 22, 2026, 14:25:03');
      expect(await timeAt(url, 'zone=nowhere')).toBe('Nov 22, 2026, 08:40:03 UTC');
    }
  });

  test('keeps the newest 500 messages, newest first', async () => {
    for (let n = 1; n <= 501; n += 1) await inbox.receive(message(`mail-${n}`, `Subject: Mail number ${n}.\r\n\r\nHello`));
    const { body } = await pages.inject('/inbox');
    expect(body).toContain('최근 메일 500통');
    expect((await pages.inject('/inbox?lang=en')).body).toContain('The newest 500 mails');
    expect(body.indexOf('Mail number 501.')).toBeLessThan(body.indexOf('Mail number 500.'));
    expect(body).not.toContain('Mail number 1.');
  });

  test('shows a mail in four views', async () => {
    const raw = 'Subject: =?utf-8?B?7JWI64WV?=\r\nX-Odd: <b>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n<i>text</i>';
    await inbox.receive(message('one', raw));
    const html = await pages.inject('/inbox/one?view=html');
    expect(html.body).toContain('<h1>안녕</h1>');
    expect(html.body).toContain('이 메일에는 HTML 본문이 없어요.');
    expect((await pages.inject('/inbox/one')).body).toContain('&lt;i>text&lt;/i>');
    expect((await pages.inject('/inbox/one?view=headers')).body).toContain('&lt;b>');
    expect((await pages.inject('/inbox/one?view=source')).body).toContain('=?utf-8?B?7JWI64WV?=');
    expect((await pages.inject('/inbox/one/source')).body).toBe(raw);
  });

  test('the frame has its own content security policy', async () => {
    await inbox.receive(message('one', 'Content-Type: text/html\r\n\r\n<p>Hello</p>'));
    const page = await pages.inject('/inbox/one?width=375');
    expect(page.body).toContain('<iframe class="w375" src="/inbox/one/html" sandbox="allow-popups');
    const frame = await pages.inject('/inbox/one/html');
    expect(frame.body).toContain('<p>Hello</p>');
    expect(frame.headers['content-security-policy']).toContain("default-src 'none'");
    expect(frame.headers['content-security-policy']).toContain('sandbox ');
  });

  test('lists a malformed message and shows its source', async () => {
    const nested = Array.from({ length: 400 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`).join('');
    await inbox.receive(message('deep', nested));
    expect((await pages.inject('/inbox')).body).toContain('(제목 없음)');
    expect((await pages.inject('/inbox/deep')).body).toContain('표시할 수 없어요');
    expect((await pages.inject('/inbox/deep?view=source')).body).toContain('boundary=b0');
    expect((await pages.inject('/inbox/deep/html')).statusCode).toBe(404);
  });
});

test('every page has a content security policy that allows only our own files', async () => {
  const policy = (await pages.inject('/')).headers['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
});

test.each(['/unknown', '/inbox/unknown', '/inbox/unknown/html', '/inbox/unknown/source', '/members/unknown', '/members/unknown/events'])(
  '%s gets the page for 404',
  async (url) => {
    const answer = await pages.inject(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain('<title>404: 페이지를 찾을 수 없어요.');
  },
);

test.each([
  ['en-US,en;q=0.9,ko;q=0.8', '/unknown', 'Page not found.'],
  ['fr, ko;q=0.5, en;q=0.4', '/unknown', '페이지를 찾을 수 없어요.'],
  ['fr', '/unknown', '페이지를 찾을 수 없어요.'],
  ['en', '/unknown?lang=ko', '페이지를 찾을 수 없어요.'],
  ['ko', '/unknown?lang=en', 'Page not found.'],
  ['en', '/', 'Become a neighbour'],
  ['en', '/members/unknown', 'Page not found.'],
])('a page for Accept-Language %s at %s', async (language, url, text) => {
  expect((await pages.inject({ url, headers: { 'accept-language': language } })).body).toContain(text);
});

test('without a configured port the website listens on any free one when 3080 is in use', async () => {
  const otherServer = createServer().listen(3080, '127.0.0.1');
  await new Promise((resolve) => otherServer.once('listening', resolve).once('error', resolve)); // an error: it is in use already
  onTestFinished(() => void otherServer.close());
  const service = websiteService(parts, undefined);
  onTestFinished(() => service.stop());
  await service.start();
  expect(service.port).not.toBe(3080);
  expect(logged).toEqual(['! Port 3080 is in use: the sign-up page listens on another one.']);
});
