/** Input that is wrong, hostile or incomplete: each has one right answer, nothing is accepted by half, and nobody else is hurt. */
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { durations, limits } from '@posthouse/contract';
import { parseMetrics } from '@posthouse/devkit';
import type { SMTPServerDataStream } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageIntake } from '../src/message-intake.ts';
import { Reply } from '../src/replies.ts';
import type { SmtpClient } from './smtp-client.ts';
import { message, SubmissionFixture } from './submission-fixture.ts';

const fixture = new SubmissionFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

/** The state in which the bytes of a message follow. */
async function inData(): Promise<SmtpClient> {
  const client = await fixture.logIn();
  for (const line of ['MAIL FROM:<anne@example.com>', 'RCPT TO:<bo@example.net>', 'DATA']) await client.send(line);
  return client;
}

/** Expects that one reply comes, that the client and the server agree about where the message ended, and that nothing was accepted. */
async function expectRefused(client: SmtpClient, reply: RegExp, before: number): Promise<void> {
  expect(await client.read()).toMatch(reply);
  expect(await client.send('NOOP')).toBe('250 2.0.0 OK');
  expect(await fixture.accepted()).toBe(before);
  client.close();
}

describe('a second message behind a false end of the first', () => {
  const second = 'MAIL FROM:<root@example.com>\r\nRCPT TO:<eve@example.net>\r\nDATA\r\nFrom: root@example.com\r\n\r\nSmuggled.\r\n.\r\n';

  it.each(['\n.\n', '\r.\r', '\n.\r\n', '\r\n.\n', '\r.\r\n', '\r\n.\r', '\r\n.\r\r\n', '\r\n\0.\r\n'])(
    '%j is part of one that is refused',
    async (end) => {
      const before = await fixture.accepted();
      for (const isSplit of [false, true]) {
        const client = await inData();
        client.write(message());
        // Each byte in a packet of its own.
        for (const part of isSplit ? end : [end]) {
          client.write(part);
          await setImmediate();
        }
        client.write(second);
        await expectRefused(client, /^550 5\.6\.0 The message has a (bare (CR|LF)|NUL byte)/, before);
      }
    },
  );
});

it('a body of dots arrives as it is, however it is split', async () => {
  const body = `${message()}.\r\n..\r\n...x\r\n.\r\n\r\n..`;
  const stuffed = `${body.replaceAll('\r\n.', '\r\n..')}\r\n.\r\n`;
  const client = await inData();
  for (const byte of stuffed) {
    client.write(byte);
    await setImmediate();
  }
  const { content } = await fixture.record(await client.read());
  expect(Buffer.from(content?.raw?.message ?? '', 'base64').toString()).toBe(`${body}\r\n`);
  client.close();
});

describe('a message', () => {
  const fields = (count: number) => Array.from({ length: count }, (_, n) => `X-${n}: y`);

  it.each([
    ['with lines that end with LF', 'From: anne@example.com\n\nHi\n', '550 5.6.0 The message has a bare LF in line 1'],
    ['with a line of 10 MB', `${message()}${'x'.repeat(10_000_000)}`, '550 5.6.0 The message has a line of 10000000 bytes: line 5'],
    ['with more than 1,000 fields', message(...fields(999)), '552 5.3.4 The message has a header of more than'],
    ['with a header of 1 MB', message(...Array(1100).fill(`X: ${'y'.repeat(950)}`)), '552 5.3.4 The message has a header of more than'],
    ['without a header', '\r\nHello.\r\n', '550 5.6.0 The message has no From field'],
    ['that is text only', 'Hello.\r\n', '550 5.6.0 The message has a line in its header that is no field: line 1'],
    ['that is empty', '', '550 5.6.0 The message has no From field'],
    ['with two From fields', message('from: anne@example.com'), '550 5.6.0 The message has the field From more than once'],
    [
      'with an unknown option',
      message('Posthouse-Retry: 3'),
      '550 5.6.0 Posthouse-Retry is no option; those are Posthouse-Idempotency-Key, ',
    ],
    ['with a group in From', 'From: Team: anne@example.com;\r\n\r\n', '550 5.6.0 The message has a From field that is no plain list'],
    ['with a comment in From', 'From: anne@example.com (eve@example.net)\r\n\r\n', '550 5.6.0 The message has a From field'],
    ['with Resent-Bcc', message('Resent-Bcc: bo@example.net'), '550 5.6.0 The message has the field Resent-Bcc'],
    [
      'with Latin-1 in its header',
      Buffer.from(message('X-A: \xe9'), 'latin1'),
      '550 5.6.0 The message has bytes in its header that are not UTF-8',
    ],
    ['with NUL', message().replace('Hello', 'He\0llo'), '550 5.6.0 The message has a NUL byte'],
    ['with a blank before a colon', message('Bcc : cleo@example.net'), '550 5.6.0 The message has a line in its header'],
  ])('%s is refused', async (_, text, reply) => {
    const before = await fixture.accepted();
    expect(await fixture.submit(text)).toContain(reply);
    expect(await fixture.accepted()).toBe(before);
  });

  it('of 1,000 fields is accepted, without a Bcc that is folded and in mixed case', async () => {
    const folded = ['bCc: cleo@example.net,', '\tdan@example.net,', '  eve@example.net'];
    const { content } = await fixture.record(await fixture.submit(message(...folded, ...fields(996), 'X-E: é')));
    const stored = Buffer.from(content?.raw?.message ?? '', 'base64').toString();
    expect(stored).toBe(message(...fields(996), 'X-E: é'));
  });

  it('to 101 recipients is sent to none of them, and in the next transaction to those that are named', async () => {
    const client = await fixture.logIn();
    await client.send('MAIL FROM:<anne@example.com>');
    for (let n = 0; n < limits.recipients; n++) expect(await client.send(`RCPT TO:<r${n}@example.net>`)).toMatch(/^250 /);
    expect(await client.send('RCPT TO:<r0@example.net>')).toMatch(/^250 /);
    expect(await client.send('RCPT TO:<one-more@example.net>')).toMatch(/^452 4\.5\.3 /);
    for (let n = 0; n < 2; n++) expect(await client.send('DATA')).toMatch(/^452 4\.5\.3 Nothing was accepted/);
    await client.send('RSET');
    expect((await fixture.record(await client.transaction('', ['bo@example.net'], message()))).recipients).toHaveLength(1);
    client.close();
  });

  it('beyond the limit is refused when it has ended, whatever SIZE said', async () => {
    const before = await fixture.accepted();
    const client = await fixture.logIn();
    for (const line of ['MAIL FROM:<anne@example.com> SIZE=10', 'RCPT TO:<bo@example.net>', 'DATA']) await client.send(line);
    client.write(message());
    const line = Buffer.from(`${'x'.repeat(900)}\r\n`);
    const block = Buffer.concat(Array(1000).fill(line));
    for (let bytes = 0; bytes <= limits.messageBytes; bytes += block.length) client.write(block);
    client.write('.\r\n');
    await expectRefused(client, /^552 5\.3\.4 The message is too large/, before);
  });
});

describe('commands', () => {
  it('behind DATA are part of the message', async () => {
    const before = await fixture.accepted();
    const client = await fixture.logIn();
    client.write('MAIL FROM:<anne@example.com>\r\nRCPT TO:<bo@example.net>\r\nDATA\r\nRSET\r\nMAIL FROM:<eve@example.com>\r\n.\r\n');
    expect([await client.read(), await client.read(), await client.read()].map((reply) => reply.slice(0, 3))).toEqual([
      '250',
      '250',
      '354',
    ]);
    await expectRefused(client, /^550 5\.6\.0 The message has a line in its header/, before);
  });

  it('in clear behind STARTTLS are not run', async () => {
    const client = await fixture.connect('starttls');
    await client.send('EHLO a.example');
    const login = `AUTH PLAIN ${Buffer.from(`\0any\0${fixture.key}`).toString('base64')}`;
    client.write(`STARTTLS\r\nEHLO eve.example\r\n${login}\r\nMAIL FROM:<anne@example.com>\r\n`);
    expect(await client.read()).toBe('220 2.0.0 Ready to start TLS');
    await client.startTls(fixture.ca.caPem);
    // What came before TLS is forgotten, the EHLO too.
    expect(await client.send('MAIL FROM:<anne@example.com>')).toMatch(/^503 5\.5\.1 /);
    expect(await client.send('EHLO a.example')).toContain('AUTH PLAIN LOGIN');
    expect(await client.send('MAIL FROM:<anne@example.com>')).toMatch(/^530 5\.7\.0 /);
    client.close();
  });

  it('of 10 MB, or of another protocol, end the connection', async () => {
    const [long, http] = await Promise.all([fixture.connect(), fixture.connect()]);
    long.write(`MAIL FROM:<${'x'.repeat(10_000_000)}`);
    expect(await long.read()).toMatch(/^421 4\.5\.2 /);
    http.write('POST / HTTP/1.1\r\nHost: a\r\n\r\nMAIL FROM:<a@example.com>\r\n');
    expect(await http.read()).toMatch(/^421 4\.7\.0 /);
    await Promise.all([long.closed(), http.closed()]);
  });
});

describe('a client', () => {
  it('that is gone in the middle of a message leaves nothing behind', async () => {
    const before = await fixture.accepted();
    const client = await inData();
    client.write(message());
    await expect.poll(() => metric('posthouse_submission_connections')).toBeGreaterThan(0);
    client.close();
    await expect.poll(() => metric('posthouse_submission_connections')).toBe(0);
    expect(await metric('posthouse_submission_message_bytes')).toBe(0);
    expect(await fixture.accepted()).toBe(before);
  });

  it('that sends too slowly, does not log in or does not begin TLS is disconnected', async () => {
    const patient = { ...durations.timings.submission, progress: 50, login: 30_000 };
    await fixture.withTimings(patient, async (other) => {
      const slow = await other.logIn();
      for (const line of ['MAIL FROM:<anne@example.com>', 'RCPT TO:<bo@example.net>', 'DATA']) await slow.send(line);
      slow.write(message());
      expect(await slow.read()).toMatch(/^421 4\.4\.2 The message came too slowly/);
      await slow.closed();
    });
    await fixture.withTimings({ ...patient, login: 50 }, async (other) => {
      const silent = await other.connect('starttls');
      expect(await silent.read()).toMatch(/^421 4\.7\.0 No login in time/);
      await silent.closed();
      const noTls = other.client('tls', false);
      await noTls.closed();
    });
  });

  it('with 200 connections at once keeps 100 of them, and the others are refused', async () => {
    await expect.poll(() => metric('posthouse_submission_connections')).toBe(0);
    const clients = Array.from({ length: 200 }, () => fixture.client('tls'));
    const greetings = await Promise.all(clients.map((client) => client.read()));
    for (const client of clients) client.close();
    expect(greetings.filter((greeting) => greeting.startsWith('220 '))).toHaveLength(100);
    // Of the others the server drops some before TLS, which costs less than a reply.
    const others = greetings.filter((greeting) => !/^220 |^421 Too many|^$/.test(greeting));
    expect(others).toEqual([]);
    await expect.poll(() => fixture.submit(message())).toMatch(/^250 /);
  });
});

describe('Redis', () => {
  it('that is full, frozen or away at the end of a message is answered with 451 within a second', async () => {
    const withKey = (key: string) => message(`Posthouse-Idempotency-Key: ${key}`);
    const send = async (client: SmtpClient, key: string) => {
      client.write(`${withKey(key)}.\r\n`);
      return await client.read();
    };
    const before = await fixture.accepted();
    await fixture.redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');
    expect(await fixture.submit(message())).toMatch(/^451 4\.3\.0 The memory of Redis is full\. Try again/);
    await fixture.redis.cli('CONFIG', 'SET', 'maxmemory', '0');
    const [frozen, away] = [await inData(), await inData()];
    const { queue } = fixture.durations.timings;
    await fixture.redis.kill('SIGSTOP');
    const patientMs = queue.command;
    queue.command = durations.timings.queue.command;
    expect(await send(frozen, 'frozen')).toMatch(/^451 4\.3\.0 Redis did not answer in time/);
    queue.command = patientMs;
    await fixture.redis.kill('SIGKILL');
    await expect.poll(async () => (await fixture.http('/readyz')).status).toBe(503);
    expect(await send(away, 'away')).toMatch(/^451 4\.3\.0 Redis cannot be reached/);
    await fixture.redis.start();
    await expect.poll(async () => (await fixture.http('/readyz')).status).toBe(200);
    // What Redis did not answer may be stored all the same, once it is back: with its key the mail is there once.
    for (const [client, key] of [
      [frozen, 'frozen'],
      [away, 'away'],
    ] as const)
      await expect.poll(() => client.transaction('anne@example.com', ['bo@example.net'], withKey(key))).toMatch(/^250 /);
    expect(await fixture.accepted()).toBe(before + 2);
    frozen.close();
    away.close();
  });
});

describe('the memory for messages', () => {
  const { submission } = durations.timings;
  const budget = { bytes: 100, reserve: 20, small: 30, ofKey: 60 };
  const stream = () => Object.assign(new PassThrough(), { byteLength: 0, sizeExceeded: false }) as SMTPServerDataStream;
  const never = () => {
    throw new Error('ended');
  };

  it('is shared by messages and API keys, and given back', async () => {
    const intake = new MessageIntake(submission, budget);
    const read = async (key: string, bytes: number) => {
      const body = stream();
      const reading = intake.read(body, key, never);
      body.end(Buffer.alloc(bytes));
      return await reading;
    };
    const first = await read('a', 60);
    expect(await read('a', 1)).toMatchObject({ responseCode: 452 });
    expect(await read('b', 31)).toMatchObject({ responseCode: 452 });
    const second = await read('b', 30);
    expect(intake.bytes).toBe(90);
    for (const received of [first, second]) if (received !== undefined && !(received instanceof Reply)) received.release();
    expect(intake.bytes).toBe(0);
    expect(await read('a', 60)).toMatchObject({ bytes: Buffer.alloc(60) });
  });
});

async function metric(name: string): Promise<number | undefined> {
  return parseMetrics((await fixture.http('/metrics')).text).get(name);
}
