/** The life of a mail in a real worker, with a real SMTP server over TLS. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { envelope, templatesDir, WorkerFixture } from './worker-fixture.ts';

const fixture = new WorkerFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

describe('a mail', () => {
  it('is rendered, delivered and recorded, and of its content only what its template may keep is left', async () => {
    const worker = await fixture.startWorker();
    const id = await fixture.accept();
    const record = await fixture.reaches(id, 'sent');
    const [message] = fixture.smtp.messages;
    expect(message).toMatchObject({ from: 'hello@example.com', to: ['anne@example.net'], messageId: `<${id}@example.com>` });
    expect(record).toMatchObject({
      partial: false,
      attemptCount: 1,
      deferralCount: 0,
      renderedHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      recipients: [{ address: 'anne@example.net', state: 'accepted', code: 250, provider: 'localhost' }],
      receipt: { provider: 'localhost', accepted: ['anne@example.net'], response: expect.stringMatching(/^250 /) },
    });
    expect(record.attempts[0]?.steps.map(({ command }) => command.split(' ')[0])).toEqual(['MAIL', 'RCPT', 'DATA', '.']);
    expect(record.content).toBeUndefined();
    const data = { nickname: 'Anne', email: 'anne@example.net' };
    expect(record).toMatchObject({ contentState: 'complete', keptContent: { template: { data, omitted: [] } } });
    await expect.poll(() => fixture.redis.cli('EXISTS', `{posthouse}:mail:${id}`)).toBe('0');
    expect(worker.output.join('\n')).not.toMatch(/anne|horse|Anne/);
    // What it counted is stored at the latest when it stops.
    await fixture.stopLastWorker();
    const { figures, wait } = await fixture.statistics.read(['localhost'], 2);
    expect(figures.get('localhost')).toMatchObject({ sent: 1, failed: 0, deferred: 0, lastAccepted: record.receipt?.at });
    expect(figures.get('localhost')?.phases).toMatchObject({ auth: { count: 1 }, mail: { count: 1 }, dot: { count: 1 } });
    expect(wait?.count).toBe(1);
  });

  it('with custom content gets a text part from its HTML, and no bcc in its headers', async () => {
    await fixture.startWorker();
    const literal = { subject: 'Your receipt', html: '<h1>Thanks</h1><p>7 nights</p>' };
    const id = await fixture.accept({
      content: { literal, attachments: [], headers: { 'X-Order': '7' } },
      envelope: envelope(['anne@example.net'], ['dan@example.net']),
    });
    const [message] = await fixture.smtp.waitForMessages(1);
    expect(message?.to).toEqual(['anne@example.net', 'dan@example.net']);
    const raw = message?.raw.toString() ?? '';
    expect(raw).toMatch(/multipart\/alternative/);
    expect(raw).toMatch(/text\/plain[\s\S]*Thanks[\s\S]*7 nights[\s\S]*text\/html/);
    expect(raw).toMatch(/^X-Order: 7\r$/m);
    expect(raw).not.toMatch(/dan@|^bcc/im);
    expect(await fixture.reaches(id, 'sent')).toMatchObject({ contentState: 'deleted' });
  });

  it('of the caller is sent byte for byte, with the envelope sender that it names', async () => {
    await fixture.startWorker();
    const header = 'From: anne@example.com\r\nsubject:  two  blanks\r\nX-Odd:\t=?x?=\r\n';
    const body = Buffer.from('.\r\n..two dots\r\n\xe9\xff \t\r\n\r\n', 'latin1');
    const message = Buffer.concat([Buffer.from(`${header}\r\n`), body]).toString('base64');
    const raw = { subject: 'two blanks', message };
    const to = { ...envelope(['anne@example.net']), from: { address: 'anne@example.com' } };
    const content = { raw, attachments: [], headers: {} };
    await fixture.accept({ content, envelope: { ...to, returnPath: 'bounces@example.com' } });
    const id = await fixture.accept({ content, envelope: { ...to, returnPath: '<>' }, messageId: '<7@shop.example.com>' });
    const [first, second] = await fixture.smtp.waitForMessages(2);
    expect([first?.from, second?.from].toSorted()).toEqual(['', 'bounces@example.com']);
    const bytes = (first?.from === '' ? first : second)?.raw ?? Buffer.of();
    const { date, rest } =
      /^Message-ID: <7@shop\.example\.com>\r\nDate: (?<date>[^\r]+)\r\n(?<rest>.*)$/s.exec(bytes.toString('latin1'))?.groups ?? {};
    expect(rest).toBe(`${header}\r\n${body.toString('latin1')}`);
    const record = await fixture.reaches(id, 'sent');
    expect(Math.floor(record.dueAt / 1000) * 1000).toBe(Date.parse(date ?? ''));
    expect(record).toMatchObject({ messageId: '<7@shop.example.com>', contentState: 'deleted' });
  });

  it('is kept without sensitive values; one without a template is kept if CONTENT_RETENTION says so', async () => {
    const templates = join(fixture.dir, 'templates');
    await cp(templatesDir, templates, { recursive: true });
    const manifest = await readFile(join(templates, 'receipt/template.json'), 'utf8');
    await writeFile(join(templates, 'receipt/template.json'), manifest.replace('"sensitive": [],', ''));
    const worker = await fixture.startWorker({ CONTENT_RETENTION: '1h', TEMPLATES_DIR: templates });
    const data = { nickname: 'Anne', resetUrl: 'https://example.com/planted-token', expiresInMinutes: 30 };
    const template = { name: 'password-reset', locale: 'en', data };
    const reset = await fixture.reaches(await fixture.accept({ content: { template, attachments: [], headers: { 'X-A': 'b' } } }), 'sent');
    expect(reset).toMatchObject({
      contentState: 'reduced',
      keptContent: { template: { omitted: ['/resetUrl'] }, headers: { 'X-A': 'b' } },
    });
    expect(JSON.stringify(reset)).not.toContain('planted-token');
    expect(fixture.smtp.messages[0]?.raw.toString()).toContain('planted-token');

    const literal = { subject: 'Your receipt', text: 'Thanks' };
    const attachments = [{ filename: 'a.txt', content: Buffer.from('four').toString('base64') }];
    const mail = { content: { literal, attachments, headers: {} } };
    const kept = await fixture.reaches(await fixture.accept(mail), 'sent');
    expect(kept).toMatchObject({ contentState: 'reduced', keptContent: { literal, attachments: [{ filename: 'a.txt', bytes: 4 }] } });
    expect((kept.contentUntil ?? 0) - (kept.endedAt ?? 0)).toBe(3_600_000);
    const raw = { subject: 'Hi', message: Buffer.from('From: anne@example.com\r\n\r\nHi\r\n').toString('base64') };
    const large = { subject: 'Hi', message: Buffer.from(`From: anne@example.com\r\n\r\n${'line\r\n'.repeat(200_000)}`).toString('base64') };
    const [small, shortened] = await Promise.all(
      [raw, large].map(
        async (one) => await fixture.reaches(await fixture.accept({ content: { raw: one, attachments: [], headers: {} } }), 'sent'),
      ),
    );
    expect(small).toMatchObject({ contentState: 'complete', keptContent: { raw } });
    expect(shortened).toMatchObject({ contentState: 'reduced', keptContent: { raw: { subject: 'Hi' } } });
    expect(shortened?.keptContent?.raw).not.toHaveProperty('message');
    expect(worker.output.find((line) => line.includes('sensitive is not stated'))).toContain('"templates":["receipt"]');
  });

  it('of a paused domain waits whole while another is sent, uses no attempt, and is sent after the end', async () => {
    const pause = await fixture.pauses.start({ scope: 'domain', name: 'example.net', by: 'anne', reason: 'bounces' });
    await fixture.startWorker();
    const held = await fixture.accept({ envelope: envelope(['ben@example.org', 'anne@example.net']) });
    const other = await fixture.accept({ envelope: envelope(['ben@example.org']) });
    await fixture.reaches(other, 'sent');
    await expect.poll(async () => (await fixture.pauses.list()).pauses).toMatchObject([{ parked: 1 }]);
    await fixture.reaches(held, 'queued');
    expect(fixture.smtp.messages).toHaveLength(1);
    await fixture.pauses.end(pause);
    expect(await fixture.reaches(held, 'sent')).toMatchObject({ attemptCount: 1, deferralCount: 0, partial: false });
  });

  it('that is scheduled is sent at its time', async () => {
    const scheduledAt = Date.now() + 1500;
    const id = await fixture.accept({ scheduledAt });
    // Until a worker runs, this does not depend on how long the acceptance took.
    expect((await fixture.queue.read(id))?.state).toBe('scheduled');
    await fixture.startWorker();
    await fixture.reaches(id, 'sent');
    expect(fixture.smtp.messages[0]?.at).toBeGreaterThanOrEqual(scheduledAt);
  });

  it('with temporary failures is retried on the schedule, with the same Message-ID; each attempt is recorded', async () => {
    fixture.smtp.replyTo('DOT', { reply: '451 4.7.1 Try again later', times: 2 });
    await fixture.startWorker();
    const record = await fixture.reaches(await fixture.accept(), 'sent');
    expect(record.attempts.map(({ number, verdict, reason }) => [number, verdict, reason])).toEqual([
      [1, 'RETRY', '451 4.7.1'],
      [2, 'RETRY', '451 4.7.1'],
      [3, 'ACCEPT', expect.stringMatching(/^250/)],
    ]);
    expect(fixture.smtp.messages).toHaveLength(1);
  });

  it('fails at the end of the schedule, and keeps its content for a retry', async () => {
    fixture.smtp.replyTo('RCPT', { reply: '451 4.7.1 Greylisted' });
    await fixture.startWorker();
    const record = await fixture.reaches(await fixture.accept(), 'failed');
    expect(record).toMatchObject({
      attemptCount: 3,
      recipients: [{ state: 'rejected', reason: '451 4.7.1' }],
      content: { template: { name: 'signup' } },
    });
    expect(await fixture.redis.cli('ZCARD', '{posthouse}:mail:failed')).toBe('1');
  });

  it('with a permanent failure fails at once', async () => {
    fixture.smtp.replyTo('RCPT', { reply: '550 5.1.1 <anne@example.net> unknown' });
    await fixture.startWorker();
    const record = await fixture.reaches(await fixture.accept(), 'failed');
    expect(record).toMatchObject({ attemptCount: 1, attempts: [{ verdict: 'FAIL', reason: '550 5.1.1' }] });
    expect(record.attempts[0]?.outcomes[0]?.reply).toContain('unknown');
  });

  it('with several recipients is never sent again to those that were accepted', async () => {
    fixture.smtp.replyTo('RCPT', { address: 'bob@example.net', reply: '451 4.7.1 Greylisted', times: 1 });
    fixture.smtp.replyTo('RCPT', { address: 'eve@example.net', reply: '550 5.1.1 No such user' });
    await fixture.startWorker();
    const record = await fixture.reaches(
      await fixture.accept({ envelope: envelope(['anne@example.net', 'bob@example.net', 'eve@example.net']) }),
      'sent',
    );
    expect(record).toMatchObject({ partial: true, attemptCount: 2 });
    expect(record.recipients.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'rejected']);
    expect([...fixture.smtp.arrivals.values()]).toEqual([1, 1]);
  });

  it('fails with the reason when its template is missing or its data no longer matches the schema', async () => {
    await fixture.startWorker();
    const content = (name: string, data: Record<string, unknown>) => ({
      template: { name, locale: 'ko', data },
      attachments: [],
      headers: {},
    });
    const gone = await fixture.reaches(await fixture.accept({ content: content('gone', {}) }), 'failed');
    expect(gone.attempts[0]).toMatchObject({ reason: 'template-unknown', steps: [] });
    const misfit = await fixture.reaches(await fixture.accept({ content: content('signup', { nickname: 'Anne' }) }), 'failed');
    expect(misfit.attempts[0]).toMatchObject({ reason: 'template-data', detail: expect.stringContaining('/email') });
    expect(fixture.smtp.messages).toEqual([]);
  });
});
