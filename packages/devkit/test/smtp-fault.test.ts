import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CertificateAuthority } from '../src/certificate-authority.ts';
import type { SmtpPhase } from '../src/smtp-fault.ts';
import { SmtpServer } from '../src/smtp-server.ts';
import { WireClient } from './wire-client.ts';

const ca = await CertificateAuthority.create();
const server = new SmtpServer({ ca, mode: 'implicit-tls' });
const clients: WireClient[] = [];

beforeAll(() => server.start());
afterAll(() => server.stop());
afterEach(() => {
  for (const client of clients.splice(0)) client.leave();
  server.behave();
});

async function connected(): Promise<WireClient> {
  const client = await WireClient.connect(server, ca);
  clients.push(client);
  return client;
}

const message = 'Message-ID: <1@example.com>\r\n\r\nHello\r\n.';

/** The conversation of one mail, by the moment of each reply. */
const conversation: readonly [SmtpPhase, (client: WireClient) => Promise<string>][] = [
  ['CONNECT', (client) => client.reply()],
  ['AUTH', (client) => client.say('EHLO client.example').then(() => client.say(`AUTH PLAIN ${btoa('\0posthouse\0correct horse')}`))],
  ['MAIL', (client) => client.say('MAIL FROM:<hello@example.com>')],
  ['RCPT', (client) => client.say('RCPT TO:<anne@example.com>')],
  ['DATA', (client) => client.say('DATA')],
  ['DOT', (client) => client.say(message)],
];
const phases = conversation.map(([phase]) => phase);

/** Speaks up to and including that moment, and returns the reply to it. */
async function speakUntil(last: SmtpPhase, client: WireClient): Promise<string> {
  for (const [phase, speak] of conversation) {
    const reply = await speak(client);
    if (phase === last) return reply;
  }
  throw new Error(`There is no ${last} in the conversation`);
}

describe.each(phases)('at %s', (phase) => {
  test('a planned reply goes over the wire as it was given, lines and all', async () => {
    const reply = '451-4.7.1 Greylisted, see\r\n451 4.7.1 https://example.com/greylist';
    server.replyTo(phase, { reply });
    const before = server.messages.length;
    expect(await speakUntil(phase, await connected())).toBe(`${reply}\r\n`);
    expect(server.messages).toHaveLength(before);
  });

  test('421 closes the connection', async () => {
    server.replyTo(phase, { reply: '421 4.3.2 Going down' });
    const client = await connected();
    expect(await speakUntil(phase, client)).toBe('421 4.3.2 Going down\r\n');
    expect(await client.reply()).toBe('');
    expect(client.closed).toBe(true);
  });

  test('a hang says nothing and keeps the connection', async () => {
    server.hangAt(phase, { times: 1 });
    const client = await connected();
    const silence = speakUntil(phase, client);
    expect(await speakUntil('DOT', await connected())).toMatch(/^250 /); // others are served
    expect(client.closed).toBe(false);
    server.killConnections();
    expect(await silence).toBe('');
  });

  test('a close closes without a word', async () => {
    server.closeAt(phase);
    const client = await connected();
    expect(await speakUntil(phase, client)).toBe('');
    expect(client.closed).toBe(true);
  });
});

test('a rule for an address leaves other addresses alone, and ends after its times', async () => {
  server.replyTo('RCPT', { address: 'bo@example.com', reply: '450 4.2.0 Greylisted', times: 2 });
  const client = await connected();
  await speakUntil('MAIL', client);
  const bo = 'RCPT TO:<bo@example.com>';
  expect(await client.say('RCPT TO:<anne@example.com>')).toMatch(/^250 /);
  expect(await client.say(bo)).toBe('450 4.2.0 Greylisted\r\n');
  expect(await client.say(bo)).toBe('450 4.2.0 Greylisted\r\n');
  expect(await client.say(bo)).toMatch(/^250 /);
});

test('a refused recipient is not in the envelope of the message', async () => {
  server.replyTo('RCPT', { address: 'bo@example.com', reply: '550 5.1.1 No such user' });
  const client = await connected();
  await speakUntil('RCPT', client);
  await client.say('RCPT TO:<bo@example.com>');
  await client.say('DATA');
  await client.say(message);
  expect(server.messages.at(-1)?.to).toEqual(['anne@example.com']);
});

test('a rule for an address at the dot fits when it is one of the recipients', async () => {
  server.replyTo('DOT', { address: 'anne@example.com', reply: '554 5.7.1 Spam' });
  server.replyTo('DATA', { address: 'bo@example.com', reply: '451 4.3.0 No' });
  expect(await speakUntil('DOT', await connected())).toBe('554 5.7.1 Spam\r\n');
});

test('after a refusal the connection can be used for the next mail', async () => {
  const client = await connected();
  server.replyTo('DATA', { reply: '451 4.3.0 Try later', times: 1 });
  server.replyTo('DOT', { reply: '552 5.3.4 Too large', times: 1 });
  expect(await speakUntil('DATA', client)).toMatch(/^451 /);
  expect(await client.say('DATA')).toMatch(/^354 /);
  expect(await client.say(message)).toMatch(/^552 /);
  await client.say('MAIL FROM:<hello@example.com>');
  await client.say('RCPT TO:<anne@example.com>');
  await client.say('DATA');
  expect(await client.say(message)).toMatch(/^250 /);
});

test('a planned 250 accepts the message in other words', async () => {
  server.replyTo('DOT', { reply: '250 2.0.0 Ok 0100018f-ses' });
  const before = server.messages.length;
  expect(await speakUntil('DOT', await connected())).toBe('250 2.0.0 Ok 0100018f-ses\r\n');
  expect(server.messages).toHaveLength(before + 1);
});

test('refused credentials come back when the server behaves again', async () => {
  server.replyTo('AUTH', { reply: '535 5.7.8 Revoked' });
  const refused = await connected();
  expect(await refused.login()).toBe('535 5.7.8 Revoked\r\n');
  expect(await refused.say('MAIL FROM:<hello@example.com>')).toMatch(/^530 /);
  server.behave();
  expect(await (await connected()).login()).toMatch(/^235 /);
});

test.each([
  ['hangAt', false, 1],
  ['hangAt', true, 0],
  ['closeAt', false, 1],
  ['closeAt', true, 0],
] as const)('%s the dot, lost: %s, counts %i arrivals', async (fault, lost, count) => {
  server[fault]('DOT', { lost, times: 1 });
  const client = await connected();
  const before = server.messages.length;
  const silence = speakUntil('DOT', client);
  await server.waitForMessages(before + count);
  await speakUntil('DOT', await connected());
  server.killConnections();
  expect(await silence).toBe('');
  expect(server.messages).toHaveLength(before + count + 1);
});

test('a reply that trickles comes byte by byte, whole in the end, and only as often as planned', async () => {
  server.trickleAt('MAIL', { gapMs: 5, times: 1 });
  const client = await connected();
  await speakUntil('AUTH', client);
  const asked = Date.now();
  const reply = await client.say('MAIL FROM:<hello@example.com>');
  expect(reply).toMatch(/^250 /);
  expect(Date.now() - asked).toBeGreaterThanOrEqual((reply.length - 1) * 4);
  expect(await client.say('RCPT TO:<anne@example.com>')).toMatch(/^250 /);
});

test('replies to commands that were sent ahead come after the one that trickles', async () => {
  server.trickleAt('RCPT', { gapMs: 1, times: 1 });
  const client = await connected();
  await speakUntil('MAIL', client);
  expect(await client.say('RCPT TO:<anne@example.com>\r\nDATA')).toMatch(/^250 [^\r]+\r\n$/);
  expect(await client.reply()).toMatch(/^354 /);
});

test('killed connections leave a server that still listens', async () => {
  const client = await connected();
  await client.login();
  server.killConnections();
  expect(await client.reply()).toBe('');
  expect(await speakUntil('DOT', await connected())).toMatch(/^250 /);
});

test('a rule without a reply code is refused', () => {
  expect(() => server.replyTo('RCPT', { reply: 'Greylisted' })).toThrow('three-digit code');
});
