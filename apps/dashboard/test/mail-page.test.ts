/** The page of a mail in each state, the actions on it, and the search. */
import { durations, type MailRecord } from '@posthouse/contract';
import { viewMessage } from '@posthouse/mailview';
import {
  AuditLog,
  importRecords,
  MailQueue,
  newMailId,
  Pauses,
  ProviderCircuit,
  WorkerConnection,
  WorkerHeartbeat,
} from '@posthouse/queue';
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

/** The visible text of HTML, roughly. */
function textOf(html: string): string {
  const entities = { '&#39;': "'", '&#34;': '"', '&lt;': '<', '&amp;': '&' };
  const text = html.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');
  return Object.entries(entities).reduce((read, [entity, character]) => read.replaceAll(entity, character), text);
}

function action(id: string, name: string, headers: Record<string, string> = {}) {
  return dashboard.post(`/mails/${id}/actions`, { action: name }, { cookie: cookies.operator, ...headers });
}

describe('the page of a mail', () => {
  it('shows each attempt with its steps, and explains the reason', async () => {
    const body = await page(past.failed.id);
    expect(body).toContain('Attempt 3: permanent failure');
    expect(body).toContain('550 5.1.1: no such mailbox');
    expect(body).toContain('RCPT TO:<anne@example.net>');
    expect(body).toContain('user unknown in virtual mailbox table');
    expect(body).toContain('Attempt 1: temporary failure');
    expect(body).toContain('A-1029');
    expect(await page(past.partial.id)).toContain('Attempt 1: accepted for 1 of 2');
    expect(await page(past.retrying.id)).toContain('Deferred 4 times');
    expect(await page(past.uncertain.id)).toContain('it is unknown whether the mail was delivered.');
    expect(await page(past.sent.id)).toContain('queued as 4F2A11C0');
  });

  it('shows the message with masks instead of secrets, and the secret nowhere', async () => {
    expect(await page(past.failed.id)).toContain('비밀번호를 다시 설정해 주십시오');
    expect(await page(past.failed.id)).toMatch(/Shown with the present template version .*; last attempt with version 0123456789abcdef/);
    const link = /href="http:\/\/127\.0\.0\.1:3090\/password-reset#data=([\w-]+)&locale=ko"/.exec(
      (await dashboard.get(`/mails/${past.failed.id}`, cookies.operator)).body,
    );
    const data = JSON.parse(Buffer.from(link?.[1] ?? '', 'base64url').toString());
    expect(data).toEqual({ ...past.failed.content?.template?.data, resetUrl: expect.stringMatching(/^https:.*example/) });
    expect(data.resetUrl).not.toBe(past.failed.content?.template?.data['resetUrl']);
    expect((await dashboard.get(`/mails/${past.failed.id}`, cookies.viewer)).body).not.toContain('#data=');
    expect(await page(past.failed.id, '?view=text')).toMatch(/Kept until .*Sensitive values are masked: \/resetUrl.*하루.*<#••••••>/);
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
    ['whose data does not match the schema', { name: 'password-reset', locale: 'ko', data: { nickname: 'Anne' } }, '/resetUrl is missing'],
  ])('says that the message of a mail %s cannot be shown', async (_what, template, reason) => {
    const id = await imported(acceptedRecord({ content: { template, attachments: [], headers: {} } }));
    const body = await page(id);
    expect(body).toContain('The message cannot be shown.');
    expect(body).toContain(reason);
    expect(body).not.toContain('planted-token');
    expect((await dashboard.get(`/mails/${id}/message`, cookies.operator)).statusCode).toBe(404);
  });

  it('shows the source of a message that cannot be parsed', async () => {
    const nested = Array.from({ length: 300 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`).join('');
    const attachments = [{ filename: 'a.eml', contentType: 'message/rfc822', cid: 'a', content: Buffer.from(nested).toString('base64') }];
    const literal = { subject: 'nested', html: '<p>Hi</p>' };
    const id = await imported(acceptedRecord({ content: { literal, attachments, headers: {} } }));
    expect(await page(id)).toContain('a.eml (message/rfc822');
    expect((await dashboard.get(`/mails/${id}/message`, cookies.operator)).body).toContain('This message cannot be displayed.');
    expect(await page(id, '?view=headers')).toContain('Auto-Submitted');
    expect(await page(id, '?view=source')).toContain('Subject: nested');
  });

  it('shows a raw message as it is sent, and of a large one that was sent the subject', async () => {
    const raw = ['From: anne@example.com', 'Subject: Raw', 'Content-Type: text/html', '', '<p>Made elsewhere</p>', ''].join('\r\n');
    const content = { raw: { subject: 'Raw', message: Buffer.from(raw).toString('base64') }, attachments: [], headers: {} };
    const id = await imported(acceptedRecord({ content }));
    expect(await page(id)).toContain('HTMLTextHeadersSource');
    expect((await dashboard.get(`/mails/${id}/message`, cookies.operator)).body).toContain('<p>Made elsewhere</p>');
    expect((await dashboard.get(`/mails/${id}/source`, cookies.operator)).body.split('\r\n').slice(2).join('\r\n')).toBe(raw);
    expect(await page(id, '?view=headers')).toContain('text/html');
    const keptContent = { raw: { subject: 'Too large' }, attachments: [], headers: {} };
    const kept = await page(await imported({ ...past.sent, id: newMailId(), keptContent }));
    expect(kept).toMatch(/Too large.*Only the subject of a message of this size is kept/s);
  });

  it('shows what is kept of a sent mail, with masks, and says what was not kept', async () => {
    const template = { name: 'password-reset', locale: 'en', subject: 'Kept subject', omitted: ['/resetUrl'] };
    const data = { nickname: 'Haru', resetUrl: '••••••', expiresInMinutes: 30 };
    const attachments = [{ filename: 'terms.pdf', contentType: 'application/pdf', bytes: 2048 }];
    const keptContent = { template: { ...template, data }, attachments, headers: { 'X-Order': '7' } };
    const id = await imported({ ...past.sent, id: newMailId(), keptContent, contentUntil: Date.now() + 3_600_000 });
    const body = await page(id, '?view=text');
    expect(body).toContain('Kept subject');
    expect(body).toMatch(/Sensitive values were not kept: \/resetUrl/);
    expect(body).toMatch(/Kept until .*Attachments were not kept:.*terms\.pdf/);
    expect(body).toMatch(/Haru.*<#••••••>/);
    expect(body).toMatch(/Shown with the present template version .*; sent with version 0123456789abcdef/);
    const { html } = await viewMessage((await dashboard.get(`/mails/${id}/source`, cookies.operator)).rawPayload);
    expect(html).toContain('href="#••••••"');
    expect(await page(id, '?view=headers')).toContain('X-Order');

    const gone = { ...keptContent, template: { ...keptContent.template, name: 'gone' } };
    const unknown = await page(await imported({ ...past.sent, id: newMailId(), keptContent: gone }));
    expect(unknown).toContain('There is no template named gone');
    expect(unknown).toContain('Kept subject');

    const literal = { subject: 'Your order', text: 'Thanks' };
    const ended = { keptContent: { literal, attachments: [], headers: {} }, contentUntil: Date.now() + 50 };
    const short = await imported({ ...past.sent, id: newMailId(), ...ended });
    await expect.poll(() => page(short)).toContain('The content was deleted when its retention ended');
  });

  it('says when and why the content was deleted', async () => {
    expect(await page(past.sent.id)).toMatch(
      /The content was deleted after sending, .* Sent with template version 0123456789abcdef; the present version/,
    );
    expect(await page(past.expired.id)).toContain('The content was deleted when the mail expired');
    expect((await dashboard.get(`/mails/${past.sent.id}/source`, cookies.operator)).statusCode).toBe(404);
  });

  it('shows the fields that are not sealed of an altered record, and all but the message when only the content was altered', async () => {
    const half = await imported(acceptedRecord());
    await dashboard.redis.cli('HSET', `{posthouse}:record:${half}`, 'content', 'altered');
    expect(await page(half)).toContain("the record's content cannot be decrypted");
    expect(await page(half)).toContain('anne@example.net');
    await dashboard.redis.cli('HSET', `{posthouse}:record:${half}`, 'envelope', 'altered');
    expect(await page(half)).toContain('The record cannot be read.');
    expect(await page(half)).toContain('password-reset');
  });

  it('has words for an action on a record that was edited, and cancels it', async () => {
    const [edited, other] = [await imported(past.failed), await imported(acceptedRecord())];
    for (const id of [edited, other]) await dashboard.redis.cli('HSET', `{posthouse}:record:${id}`, 'recipients', '[7]');
    const { statusCode, body } = await action(edited, 'retry');
    expect(statusCode).toBe(409);
    expect(body).toMatch(/The record of this mail cannot be read.*Nothing was changed: the record&#39;s recipients/s);
    expect((await action(other, 'cancel')).statusCode).toBe(303);
    expect(await page(other)).toMatch(/The record cannot be read\..*Cancelled/s);
  });

  it('is 404 for an unknown id and for an invalid one', async () => {
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

it('a mail behind a provider that is down says so, and one under a pause that it is held back', async () => {
  const overdue = { state: 'retrying' as const, nextAttemptAt: Date.now() - 1000 };
  const [due, soon, held, heldRetry] = await Promise.all([
    imported({ ...past.retrying, ...overdue, id: newMailId() }),
    imported({ ...past.retrying, nextAttemptAt: Date.now() + 20_000, id: newMailId() }),
    imported({ ...acceptedRecord({ tags: ['held'] }), id: newMailId() }),
    imported({ ...past.retrying, ...overdue, tags: ['held'], id: newMailId() }),
  ]);
  expect(await page(due)).toContain('Due, waiting for a worker');
  const worker = new WorkerConnection(dashboard.redis.url, dashboard.sealer, durations, () => undefined);
  await worker.start();
  const provider = { name: 'relay-9', host: 'smtp.example.com', account: 'a' };
  const heartbeat = new WorkerHeartbeat(worker, () => ({ version: '1.2.3', concurrency: 7, providers: [provider] }));
  await new ProviderCircuit(worker, provider).fail('ECONNREFUSED', { after: 1, wait: { initial: 3_600_000, max: 3_600_000 } });
  const pauses = new Pauses(dashboard.connection);
  const pause = await pauses.start({ scope: 'tag', name: 'held', by: 'anne', reason: 'broken' });
  await heartbeat.start();
  try {
    const text =
      /once the provider can be used again.*It waits for relay-9, which is down. ECONNREFUSED: .*next check at .*Due, waiting for the provider/;
    await expect.poll(() => page(due)).toMatch(text);
    expect((await dashboard.get('/providers', cookies.viewer)).body).toMatch(
      /^(?!.*Go to the providers).*relay-9 is down.*ECONNREFUSED.*next check/s,
    );
    expect(await page(soon)).toMatch(/once the provider can be used again.*History ?Waiting for the provider/);
    const list = (await dashboard.get('/mails', cookies.viewer)).body;
    expect(list).toContain('Go to the providers');
    const row = (id: string) => list.split('<tr').find((html) => html.includes(`/mails/${id}"`));
    for (const id of [due, soon]) expect(row(id)).toMatch(/^(?!.*next attempt).*It is sent once the provider can be used again\./s);
    expect(row(heldRetry)).toContain('next attempt');
    expect(await page(held)).toMatch(/paused by anne: broken.*Due, held back by a pause/);
    expect(await page(past.scheduled.id)).toContain('Scheduled for');
  } finally {
    await pauses.end(pause);
    await heartbeat.stop();
    await worker.stop();
  }
});

describe('an action', () => {
  it('is applied once, shown on the page, and in the audit log each time', async () => {
    const id = await imported({ ...past.failed, id: newMailId() });
    for (const [shown, detail] of [
      ['Queued again for rejected recipients.', 'now queued'],
      ['Nothing changed. State of the mail: Queued.', 'nothing changed, still queued'],
    ] as const) {
      const response = await action(id, 'retry');
      expect(response.statusCode).toBe(303);
      expect(response.headers.location).toBe(`/mails/${id}`);
      const [flash] = response.cookies;
      const { body, cookies: after } = await dashboard.get(`/mails/${id}`, `${cookies.operator}; ${flash?.name}=${flash?.value}`);
      expect(textOf(body)).toContain(shown);
      expect(after[0]).toMatchObject({ name: flash?.name, value: '' });
      const { entries } = await new AuditLog(dashboard.connection).page(1);
      expect(entries[0]).toMatchObject({ who: 'operator', role: 'operator', action: 'retry', target: id, detail });
    }
    expect((await new MailQueue(dashboard.connection).read(id))?.scheduleFrom).toBe(3);
  });

  it('that resolves a mail is in its history', async () => {
    const id = await imported({ ...past.uncertain, id: newMailId() });
    expect((await action(id, 'delivered')).statusCode).toBe(303);
    const { body } = await dashboard.get(`/mails/${id}`, cookies.operator);
    expect(textOf(body)).toContain('Marked as delivered by a user.');
    expect(textOf(body)).toContain('Mark as delivered by operator');
  });

  it('that was part of a bulk action, or by an API key, is in its history with a link', async () => {
    const id = await imported({ ...past.failed, id: newMailId() });
    const queue = new MailQueue(dashboard.connection);
    await queue.apply(id, 'retry', { by: { who: 'anne', bulk: 'bulk-1' } });
    await queue.cancel(id, { by: { who: 'shop', role: 'API key' } });
    const { body } = await dashboard.get(`/mails/${id}`, cookies.viewer);
    expect(textOf(body)).toMatch(/Cancel by API key shop.*Retry by anne.*Bulk action/s);
    expect(body).toContain('href="/bulk/bulk-1"');
  });

  it('that is unknown, by a viewer or from another site changes nothing', async () => {
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

  it('redirects from an id or a Message-ID to the mail, and from an address or a domain to the list', async () => {
    const { id, messageId } = past.sent;
    for (const q of [id, messageId, ` ${id.toUpperCase()}@yourhouse.example `]) {
      expect((await search(q)).headers.location).toBe(`/mails/${id}`);
    }
    expect((await search('Anne@Example.net')).headers.location).toBe('/mails?recipient=anne%40example.net');
    for (const q of ['Anne <anne@example.net>', 'mailto:anne@example.net?subject=Hi']) {
      expect((await search(q)).headers.location).toBe('/mails?recipient=anne%40example.net');
    }
    expect((await search('example.net')).headers.location).toBe('/mails?recipient=example.net');
  });

  it('without a result shows what can be searched for', async () => {
    const gone = await search(newMailId());
    expect(gone.statusCode).toBe(404);
    expect(textOf(gone.body)).toContain('No mail with this id');
    expect((await search('<b>welcome</b>')).body).toContain('/mails?tag=%3Cb%3Ewelcome%3C%2Fb%3E');
    expect((await search('<b>welcome</b>')).body).not.toContain('/mails?reason=');
    expect((await search('ECONNREFUSED')).body).toContain('/mails?reason=ECONNREFUSED');
    expect((await search('')).statusCode).toBe(200);
  });
});
