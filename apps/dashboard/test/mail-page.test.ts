/** One mail by request: what its page says in each case, who may change it, and what is written down of it. */
import type { MailRecord } from '@posthouse/contract';
import { viewMessage } from '@posthouse/mailview';
import { AuditLog, importRecords, MailQueue, newMailId } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';
import { acceptedRecord, pastRecords } from './past-records.ts';

const dashboard = new DashboardFixture();
const past = pastRecords();
const cookies = { viewer: '', operator: '' };

beforeAll(async () => {
  await dashboard.start();
  cookies.viewer = await dashboard.signIn('viewer');
  cookies.operator = await dashboard.signIn('operator');
  await importRecords(dashboard.connection, Object.values(past));
});
afterAll(() => dashboard.stop());

async function imported(record: MailRecord): Promise<string> {
  await importRecords(dashboard.connection, [record]);
  return record.id;
}

async function page(id: string, query = ''): Promise<string> {
  return textOf((await dashboard.get(`/mails/${id}${query}`, cookies.operator)).body);
}

/** HTML as a reader sees it, roughly. */
function textOf(html: string): string {
  const entities = [
    ['&#39;', "'"],
    ['&#34;', '"'],
    ['&lt;', '<'],
    ['&amp;', '&'],
  ] as const;
  const text = html.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');
  return entities.reduce((read, [entity, character]) => read.replaceAll(entity, character), text);
}

function action(id: string, word: string, headers: Record<string, string> = {}) {
  return dashboard.post(`/mails/${id}/actions`, { action: word }, { cookie: cookies.operator, ...headers });
}

describe('the page of a mail', () => {
  it('says what happened, with each step, and what that means', async () => {
    const body = await page(past.failed.id);
    expect(body).toContain('Attempt 3: refused for good');
    expect(body).toContain('550 5.1.1: there is no such mailbox');
    expect(body).toContain('RCPT TO:<anne@example.net>');
    expect(body).toContain('user unknown in virtual mailbox table');
    expect(body).toContain('Attempt 1: refused for now');
    expect(body).toContain('A-1029');
    expect(await page(past.partial.id)).toContain('Attempt 1: accepted for 1 of 2');
    expect(await page(past.retrying.id)).toContain('Put back 4 times');
    expect(await page(past.uncertain.id)).toContain('nobody knows whether it arrived.');
    expect(await page(past.sent.id)).toContain('queued as 4F2A11C0');
  });

  it('shows the message, with a sample in place of a secret, and nowhere the secret', async () => {
    expect(await page(past.failed.id)).toContain('비밀번호를 다시 정해 주세요');
    expect(await page(past.failed.id)).toMatch(/Rendered now with template set .*; last tried with set 0123456789abcdef/);
    expect(await page(past.failed.id, '?view=text')).toContain('하루');
    expect(await page(past.failed.id, '?view=headers')).toContain('Auto-Submitted');
    expect(await page(past.failed.id, '?view=source')).toContain('MIME-Version: 1.0');
    for (const path of ['', '?view=text', '/message']) {
      expect((await dashboard.get(`/mails/${past.failed.id}${path}`, cookies.operator)).body).not.toContain('planted-token');
    }
    const { html, text } = await viewMessage((await dashboard.get(`/mails/${past.failed.id}/source`, cookies.operator)).rawPayload);
    expect(html).toContain('하루');
    expect(`${html} ${text}`).not.toContain('planted-token');
  });

  it.each([
    ['whose template is gone', { name: 'gone', locale: 'en', data: { token: 'planted-token' } }, 'There is no template named gone'],
    ['whose data no longer fits', { name: 'password-reset', locale: 'ko', data: { nickname: 'Anne' } }, '/resetUrl is missing'],
  ])('says honestly that a mail %s cannot be shown', async (_what, template, why) => {
    const id = await imported(acceptedRecord({ content: { template, attachments: [], headers: {} } }));
    const body = await page(id);
    expect(body).toContain('Its message cannot be shown.');
    expect(body).toContain(why);
    expect(body).not.toContain('planted-token');
    expect((await dashboard.get(`/mails/${id}/message`, cookies.operator)).statusCode).toBe(404);
  });

  it('shows the source of a message that cannot be taken apart', async () => {
    const nested = Array.from({ length: 300 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`).join('');
    const attachments = [{ filename: 'a.eml', contentType: 'message/rfc822', cid: 'a', content: Buffer.from(nested).toString('base64') }];
    const literal = { subject: 'nested', html: '<p>Hi</p>' };
    const id = await imported(acceptedRecord({ content: { literal, attachments, headers: {} } }));
    expect(await page(id)).toContain('a.eml (message/rfc822');
    expect((await dashboard.get(`/mails/${id}/message`, cookies.operator)).body).toContain('too strange to be taken apart');
    expect(await page(id, '?view=headers')).toContain('Auto-Submitted');
    expect(await page(id, '?view=source')).toContain('Subject: nested');
  });

  it('says that what a sent mail said is wiped', async () => {
    expect(await page(past.sent.id)).toMatch(
      /It was wiped when the relay had accepted it, .* It was sent with template set 0123456789abcdef; the one here/,
    );
    expect(await page(past.expired.id)).toContain('It was wiped when it had expired');
    expect((await dashboard.get(`/mails/${past.sent.id}/source`, cookies.operator)).statusCode).toBe(404);
  });

  it('shows what stands in clear of a record that was altered, and all but the message where only that was', async () => {
    const half = await imported(acceptedRecord());
    await dashboard.redis.cli('HSET', `{posthouse}:record:${half}`, 'content', 'altered');
    expect(await page(half)).toContain("the record's content cannot be opened");
    expect(await page(half)).toContain('anne@example.net');
    await dashboard.redis.cli('HSET', `{posthouse}:record:${half}`, 'envelope', 'altered');
    expect(await page(half)).toContain('Its record cannot be opened here.');
    expect(await page(half)).toContain('password-reset');
  });

  it('is 404 for an id that no mail has, and for what is no id', async () => {
    for (const id of [newMailId(), 'x', '..%2f', '%00', "';--"]) {
      for (const path of ['', '/message', '/source']) {
        const { statusCode, headers } = await dashboard.get(`/mails/${id}${path}`, cookies.viewer);
        expect(statusCode).toBe(404);
        expect(headers['content-disposition']).toBeUndefined();
      }
      expect((await action(id, 'retry')).statusCode).toBe(404);
    }
  });
});

describe('a wish', () => {
  it('is granted once, told on the page, and written down each time', async () => {
    const id = await imported({ ...past.failed, id: newMailId() });
    for (const [told, detail] of [
      ['It is in the queue again', 'it is queued'],
      ['Nothing was done: this mail is queued.', 'nothing changed: it is queued'],
    ] as const) {
      const response = await action(id, 'retry');
      expect(response.statusCode).toBe(303);
      expect(response.headers.location).toBe(`/mails/${id}`);
      const [flash] = response.cookies;
      const { body, cookies: after } = await dashboard.get(`/mails/${id}`, `${cookies.operator}; ${flash?.name}=${flash?.value}`);
      expect(textOf(body)).toContain(told);
      expect(after[0]).toMatchObject({ name: flash?.name, value: '' });
      const { entries } = await new AuditLog(dashboard.connection).page(1);
      expect(entries[0]).toMatchObject({ who: 'operator', role: 'operator', action: 'retry', target: id, detail });
    }
    expect((await new MailQueue(dashboard.connection).read(id))?.scheduleFrom).toBe(3);
  });

  it('that is none, or of a viewer, or from elsewhere, changes nothing', async () => {
    const id = await imported({ ...past.failed, id: newMailId() });
    expect((await action(id, 'explode')).statusCode).toBe(400);
    expect((await action(id, 'retry', { cookie: cookies.viewer })).statusCode).toBe(403);
    expect((await action(id, 'retry', { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await dashboard.get(`/mails/${id}`, cookies.viewer)).body).not.toContain('/actions');
    expect((await new MailQueue(dashboard.connection).read(id))?.state).toBe('failed');
  });
});

describe('the search', () => {
  const search = (q: string) => dashboard.get(`/search?q=${encodeURIComponent(q)}`, cookies.viewer);

  it('leads from an id, or a Message-ID, to its mail, and from an address or a domain to its mails', async () => {
    const { id, messageId } = past.sent;
    for (const q of [id, messageId, ` ${id.toUpperCase()}@yourhouse.example `]) {
      expect((await search(q)).headers.location).toBe(`/mails/${id}`);
    }
    expect((await search('Anne@Example.net')).headers.location).toBe('/mails?recipient=anne%40example.net');
    expect((await search('example.net')).headers.location).toBe('/mails?recipient=example.net');
  });

  it('that finds nothing says what can be searched by', async () => {
    const gone = await search(newMailId());
    expect(gone.statusCode).toBe(404);
    expect(textOf(gone.body)).toContain('No mail has this id');
    expect((await search('<b>welcome</b>')).body).toContain('/mails?tag=%3Cb%3Ewelcome%3C%2Fb%3E');
    expect((await search('')).statusCode).toBe(200);
  });
});
