/** What a client of SMTP submission gets: replies, limits, rights of keys and options, up to the record in Redis. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { parseKeyRights } from '@posthouse/access';
import { parseMetrics } from '@posthouse/devkit';
import { ApiKeys, MailQueue } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Reply, replies } from '../src/replies.ts';
import { message, SubmissionFixture } from './submission-fixture.ts';

const fixture = new SubmissionFixture();
const rights = { org: 'send+from=example.org', templates: 'send+template=signup', read: 'read-own', rate: 'send+rate=2/h' };
beforeAll(() => fixture.start(Object.values(rights), { wrongKey: { initial: 1, max: 1 }, certificate: 20 }));
afterAll(() => fixture.stop());

const submit = (...args: Parameters<SubmissionFixture['submit']>) => fixture.submit(...args);

/** What RFC 2034 asks for: one enhanced code of the reply's class, except in the replies to EHLO, in the greeting, and where more is asked for. */
function expectCodes(received: string): void {
  for (const line of received.trimEnd().split('\r\n').slice(1)) {
    if (!/^250[- ](?!\d\.)|^3/.test(line)) expect(line).toMatch(/^(\d)\d\d \1\.\d{1,3}\.\d{1,3} (?!\d+\.\d+\.)/);
  }
}

describe('the protocol', () => {
  it('offers what is carried out, and a login only with TLS', async () => {
    const [tls, plain] = await Promise.all([fixture.connect('tls'), fixture.connect('starttls')]);
    const extensions = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];
    const size = 'SIZE 26214400';
    expect(tls.received).toBe('220 localhost ESMTP Posthouse\r\n');
    expect((await tls.send('EHLO a.example')).split('\n')).toEqual([
      '250-localhost',
      ...[...extensions, 'AUTH PLAIN LOGIN'].map((line) => `250-${line}`),
      `250 ${size}`,
    ]);
    expect((await plain.send('EHLO a.example')).split('\n')).toEqual([
      '250-localhost',
      ...[...extensions, 'STARTTLS'].map((line) => `250-${line}`),
      `250 ${size}`,
    ]);
    const key = Buffer.from(`\0any\0${fixture.key}`).toString('base64');
    expect(await plain.send(`AUTH PLAIN ${key}`)).toBe('530 5.7.0 Begin TLS with STARTTLS first');
    expect(await plain.send('MAIL FROM:<anne@example.com>')).toMatch(/^530 5\.7\.0 /);
    tls.close();
    plain.close();
  });

  it('gives every reply one enhanced code', async () => {
    const client = await fixture.connect();
    const lines = [
      'NOOP',
      'MAIL FROM:<a@example.com>',
      'EHLO a',
      'EHLO a.example',
      'AUTH GSSAPI',
      'AUTH PLAIN =',
      'VRFY anne',
      'WIZ 1',
      'XCLIENT A=b',
    ];
    for (const line of lines) await client.send(line);
    expect(await client.send('AUTH LOGIN')).toMatch(/^334 /);
    expect(await client.send('*')).toBe('501 5.7.0 AUTH was aborted');
    expectCodes(client.received);
    client.close();
    const after = await fixture.logIn();
    const rest = [
      'AUTH PLAIN x',
      'STARTTLS',
      'RCPT TO:<bo@example.net>',
      'DATA',
      'MAIL FROM:anne',
      'MAIL FROM:<>',
      'MAIL FROM:<>',
      'RCPT TO:<a@b@c>',
      'RCPT TO:<bo@example.net>',
    ];
    for (const line of [
      ...rest,
      'RCPT TO:<Bo@example.net> NOTIFY=NEVER',
      'RSET',
      'MAIL FROM:<> SIZE=1 SIZE=1',
      'MAIL FROM:<> SIZE=99999999',
      'MAIL FROM:<> RET=FULL',
    ])
      await after.send(line);
    await after.send('QUIT');
    expectCodes(after.received);
    expect(after.received).toMatch(
      /501 5\.1\.7 [\s\S]*501 5\.1\.3 [\s\S]*555 5\.5\.4 [\s\S]*552 5\.3\.4 [\s\S]*555 5\.5\.4 [\s\S]*221 2\.0\.0 /,
    );
  });

  it('takes pipelined commands, 8-bit bodies and addresses of any script', async () => {
    const client = await fixture.logIn();
    client.write(
      Buffer.from(
        'MAIL FROM:<é@example.com> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<"a..b"@docomo.ne.jp>\r\nRCPT TO:<안네@한국.kr>\r\nDATA\r\n',
      ),
    );
    const replies = [await client.read(), await client.read(), await client.read(), await client.read()];
    expect(replies.map((reply) => reply.slice(0, 9))).toEqual(['250 2.1.0', '250 2.1.5', '250 2.1.5', '354 End d']);
    client.write(Buffer.from(`${message('X-A: é')}é\r\n.\r\n`));
    const { envelope, content } = await fixture.record(await client.read());
    expect(envelope).toMatchObject({
      returnPath: 'é@example.com',
      to: [{ address: 'a..b@docomo.ne.jp' }, { address: '안네@xn--3e0b707e.kr' }],
    });
    expect(Buffer.from(content?.raw?.message ?? '', 'base64').toString()).toBe(`${message('X-A: é')}é\r\n`);
    expect(await client.send('MAIL FROM:<é@example.com>')).toMatch(/^553 5\.6\.7 /);
    client.close();
  });
});

describe('a sender', () => {
  it('is kept as it is, also the null sender', async () => {
    expect((await fixture.record(await submit(message(), { from: '' }))).envelope).toMatchObject({
      from: { name: 'Anne' },
      returnPath: '<>',
    });
    expect((await fixture.record(await submit(message(), { from: 'b@example.org' }))).envelope.returnPath).toBe('b@example.org');
  });

  it('of a foreign domain is refused: in MAIL FROM, in From, Sender and Resent-From', async () => {
    expect(await submit(message(), { from: 'eve@example.net' })).toMatch(
      /^550 5\.7\.1 The sender in MAIL FROM must have one of the domains/,
    );
    for (const field of ['Sender', 'Resent-From'])
      expect(await submit(message(`${field}: eve@example.net`))).toMatch(new RegExp(`^550 5\\.7\\.1 The sender in ${field} must`));
    expect(await submit('From: anne@example.com, eve@example.net\r\n\r\n')).toMatch(/^550 5\.7\.1 The sender in From must/);
    expect(await submit(message(), { key: fixture.keyOf(rights.org), from: 'b@example.org' })).toMatch(
      /^550 5\.7\.1 .*that this API key may send from/,
    );
  });
});

describe('an API key', () => {
  it('that is wrong, or may not send, is refused; three times on a connection', async () => {
    const client = await fixture.connect();
    await client.send('EHLO a.example');
    const wrong = Buffer.from('\0any\0wrong').toString('base64');
    expect(await client.send(`AUTH PLAIN ${wrong}`)).toMatch(/^535 5\.7\.8 Wrong password/);
    expect(await client.send(`AUTH PLAIN ${Buffer.from(`\0a\0${fixture.keyOf(rights.read)}`).toString('base64')}`)).toMatch(
      /^535 5\.7\.8 .*right to send/,
    );
    await client.send(`AUTH PLAIN ${wrong}`);
    expect(await client.send(`AUTH PLAIN ${wrong}`)).toMatch(/^421 4\.7\.0 /);
    await client.closed();
    client.close();
  });

  it('for templates only sends no messages', async () => {
    expect(await submit(message(), { key: fixture.keyOf(rights.templates) })).toMatch(/^550 5\.7\.1 .*templates only/);
  });

  it('with a rate sends as many mails as that', async () => {
    const key = fixture.keyOf(rights.rate);
    const replies = [await submit(message(), { key }), await submit(message(), { key }), await submit(message(), { key })];
    expect(replies.map((reply) => reply.slice(0, 9))).toEqual(['250 2.0.0', '250 2.0.0', '451 4.7.1']);
  });
});

describe('options', () => {
  it('in the header become options of the mail, and are removed', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const fields = [
      'Tag: a',
      'tag: b',
      'Priority: high',
      `Scheduled: ${at}`,
      `Expires: ${later}`,
      'On-Uncertain: hold',
      'Metadata: {"order":\r\n 1}',
      'Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'Tracestate: vendor=1',
    ];
    const record = await fixture.record(
      await submit(message(...fields.map((field) => `Posthouse-${field}`), 'bcc: cleo@example.net,\r\n dan@example.net')),
    );
    expect(record).toMatchObject({ state: 'scheduled', tags: ['a', 'b'], priority: 'high', onUncertain: 'hold', metadata: { order: 1 } });
    expect(record.trace).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', state: 'vendor=1' });
    expect([record.dueAt, record.expiresAt]).toEqual([Date.parse(at), Date.parse(later)]);
    expect(Buffer.from(record.content?.raw?.message ?? '', 'base64').toString()).toBe(message());
  });

  it.each([
    ['Posthouse-Priority: urgent', 'Posthouse-Priority must be'],
    ['Posthouse-Tag: a b', 'Posthouse-Tag must be printable ASCII'],
    ['Posthouse-Metadata: {a:1}', 'Posthouse-Metadata is not JSON'],
    ['Posthouse-Metadata: [1]', 'Posthouse-Metadata must be'],
    ['Posthouse-Scheduled: tomorrow', 'Posthouse-Scheduled must be'],
    ['Posthouse-Expires: 2020-01-01T00:00:00Z', 'Posthouse-Expires must be after'],
    ['Posthouse-Idempotency-Key: a b', 'Posthouse-Idempotency-Key must have'],
    ['Posthouse-Scheduled-At: tomorrow', 'Posthouse-Scheduled-At is no option; did you mean Posthouse-Scheduled\\?$'],
    ['Posthouse-Priority: low\r\nposthouse-priority: low', 'posthouse-priority is there more than once'],
  ])('that are wrong are refused: %j', async (field, text) => {
    expect(await submit(message(field))).toMatch(new RegExp(`^550 5\\.6\\.0 ${text}`));
  });

  it('are read as libraries write them that encode what is long, or not ASCII', async () => {
    const key = `signup:${'a1b2c3d4-'.repeat(9)}`;
    const python = [
      'Posthouse-Idempotency-Key: =?utf-8?q?signup=3Aa1b2c3d4-a1b2c3d4-a1b2c3d4-a1b?=\r\n =?utf-8?q?2c3d4-a1b2c3d4-a1b2c3d4-a1b2c3d4-a1b2c3d4-a1b2c3d4-?=',
      'Posthouse-Metadata: {"name": =?utf-8?b?Iu2VnOq4gCIs?= "b": 1}',
    ];
    const first = await submit(message(...python));
    expect((await fixture.record(first)).metadata).toEqual({ name: '한글', b: 1 });
    expect(await submit(message(`Posthouse-Idempotency-Key: ${key}`, 'Posthouse-Traceparent: none'))).toBe(first);
  });

  it('have a mail accepted once for an idempotency key, also when the program has made the message again', async () => {
    const first = await submit(message('Posthouse-Idempotency-Key: order:1', 'Message-ID: <1@example.com>'));
    expect(first).toMatch(/^250 /);
    expect(await submit(message('Posthouse-Idempotency-Key: order:1', 'Message-ID: <2@example.com>'))).toBe(first);
    expect(await submit(message('Posthouse-Idempotency-Key: order:1'), { to: ['cleo@example.net'] })).toMatch(/^554 5\.5\.4 /);
    expect((await new MailQueue(fixture.connection).read(first.split(' ').at(-1) ?? ''))?.messageId).toBe('<1@example.com>');
  });
});

describe('the process', () => {
  const shown = async () => {
    const client = await fixture.connect();
    const { fingerprint256 } = (client.socket as TLSSocket).getPeerCertificate();
    client.close();
    return fingerprint256;
  };

  it('uses a renewed certificate without a restart, and keeps the one before while the new one cannot be used', async () => {
    const before = await shown();
    const keyFile = join(fixture.dir, 'tls.key');
    const key = await readFile(keyFile);
    await writeFile(keyFile, 'half a file');
    await expect.poll(() => fixture.logged.some(({ msg }) => msg === 'certificate not replaced')).toBe(true);
    expect(await shown()).toBe(before);
    await writeFile(keyFile, key);
    await fixture.renewCertificate();
    await expect.poll(shown).not.toBe(before);
    expect(await submit(message())).toMatch(/^250 /);
  });

  it('accepts the message that is coming in when it stops, and ends all other connections with a reply', async () => {
    await fixture.withTimings(fixture.durations.timings.submission, async (other) => {
      const [busy, idle, between] = [await other.logIn(), await other.logIn(), await other.logIn()];
      for (const line of ['MAIL FROM:<anne@example.com>', 'RCPT TO:<bo@example.net>', 'DATA']) await busy.send(line);
      await between.send('MAIL FROM:<anne@example.com>');
      const stopped = other.service.stop();
      expect([await idle.read(), await between.read()].map((reply) => reply.slice(0, 9))).toEqual(['421 4.3.2', '421 4.3.2']);
      busy.write(`${message()}.\r\n`);
      await fixture.record(await busy.read());
      expect(await busy.send('NOOP')).toMatch(/^421 4\.3\.2 /);
      await stopped;
    });
  });

  it('counts what it does, and is ready while Redis can be used', async () => {
    expect(await fixture.http('/readyz')).toMatchObject({ status: 200 });
    const { text } = await fixture.http('/metrics');
    const samples = parseMetrics(text);
    for (const name of [
      'messages_total{code="250"}',
      'logins_total{result="refused"}',
      'duration_seconds_count',
      'certificate_expiry_timestamp_seconds',
    ])
      expect(samples.get(`posthouse_submission_${name}`), name).toBeGreaterThan(0);
    expect(samples.get('posthouse_mails_accepted_total{template="literal"}')).toBeGreaterThan(0);
    for (const secret of [fixture.key, 'bo@example.net']) expect(JSON.stringify(fixture.logged) + text).not.toContain(secret);
  });
});

it('a key that is revoked sends nothing more, on a connection that is open too', async () => {
  const keys = new ApiKeys(fixture.connection);
  const by = { who: 'anne', role: 'admin' };
  const key = await keys.create('temporary', parseKeyRights('send'), by);
  const client = await fixture.logIn(key);
  expect(await client.transaction('', ['bo@example.net'], message())).toMatch(/^250 /);
  await keys.revoke('temporary', by);
  await expect.poll(() => client.transaction('', ['bo@example.net'], message())).toMatch(/^550 5\.7\.1 This API key is no longer valid/);
  client.close();
});

it('a key that is limited to templates meanwhile sends no more messages, on a connection that is open too', async () => {
  const keys = new ApiKeys(fixture.connection);
  const by = { who: 'anne', role: 'admin' };
  const client = await fixture.logIn(await keys.create('narrowed', parseKeyRights('send'), by));
  expect(await client.transaction('', ['bo@example.net'], message())).toMatch(/^250 /);
  await keys.limit('narrowed', parseKeyRights('send+template=signup'), by);
  await expect.poll(() => client.transaction('', ['bo@example.net'], message())).toMatch(/^550 5\.7\.1 .*templates only/);
  client.close();
});

it('docs/submission.md has every reply', async () => {
  const document = await readFile(new URL('../../../docs/submission.md', import.meta.url), 'utf8');
  const made = Object.values(replies).map((reply) => (reply as (text?: string) => Reply)('x'));
  const codes = made.map(({ responseCode, message: text }) => `${responseCode} ${text.split(' ')[0]}`);
  expect(codes.filter((code) => !document.includes(`\`${code}\``))).toEqual([]);
});
