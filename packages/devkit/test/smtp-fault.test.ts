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
  for (const client of clients.splice(0)) client.close();
  server.clearFaults();
});

async function connected(): Promise<WireClient> {
  const client = await WireClient.connect(server, ca);
  clients.push(client);
  return client;
}

const message = 'Message-ID: <1@example.com>\r\n\r\nHello\r\n.';

/** The commands of one mail, by the phase of each reply. */
const conversation: readonly [SmtpPhase, (client: WireClient) => Promise<string>][] = [
  ['CONNECT', (client) => client.reply()],
  ['EHLO', (client) => client.send('EHLO client.example')],
  ['AUTH', (client) => client.send(`AUTH PLAIN ${btoa('\0posthouse\0correct horse')}`)],
  ['MAIL', (client) => client.send('MAIL FROM:<hello@example.com>')],
  ['RCPT', (client) => client.send('RCPT TO:<anne@example.com>')],
  ['DATA', (client) => client.send('DATA')],
  ['DOT', (client) => client.send(message)],
];
const phases = conversation.map(([phase]) => phase);

/** Sends the commands up to and including that phase, and returns its reply. */
async function sendUntil(last: SmtpPhase, client: WireClient): Promise<string> {
  for (const [phase, sendCommand] of conversation) {
    const reply = await sendCommand(client);
    if (phase === last) return reply;
  }
  throw new Error(`There is no ${last} in the conversation`);
}

describe.each(phases)('at %s', (phase) => {
  test('a planned reply is sent unchanged, with all its lines', async () => {
    const reply = '451-4.7.1 Greylisted, see\r\n451 4.7.1 https://example.com/greylist';
    server.replyTo(phase, { reply });
    const before = server.messages.length;
    expect(await sendUntil(phase, await connected())).toBe(`${reply}\r\n`);
    expect(server.messages).toHaveLength(before);
  });

  test('421 closes the connection', async () => {
    server.replyTo(phase, { reply: '421 4.3.2 Going down' });
    const client = await connected();
    expect(await sendUntil(phase, client)).toBe('421 4.3.2 Going down\r\n');
    expect(await client.reply()).toBe('');
    expect(client.closed).toBe(true);
  });

  test('a hang sends nothing and keeps the connection open', async () => {
    server.hangAt(phase, { times: 1 });
    const client = await connected();
    const silence = sendUntil(phase, client);
    expect(await sendUntil('DOT', await connected())).toMatch(/^250 /); // other connections are served
    expect(client.closed).toBe(false);
    server.killConnections();
    expect(await silence).toBe('');
  });

  test('a close sends nothing and closes the connection', async () => {
    server.closeAt(phase);
    const client = await connected();
    expect(await sendUntil(phase, client)).toBe('');
    expect(client.closed).toBe(true);
  });
});

test('a rule for an address does not affect others, and ends after its number of times', async () => {
  server.replyTo('RCPT', { address: 'bo@example.com', reply: '450 4.2.0 Greylisted', times: 2 });
  const client = await connected();
  await sendUntil('MAIL', client);
  const bo = 'RCPT TO:<bo@example.com>';
  expect(await client.send('RCPT TO:<anne@example.com>')).toMatch(/^250 /);
  expect(await client.send(bo)).toBe('450 4.2.0 Greylisted\r\n');
  expect(await client.send(bo)).toBe('450 4.2.0 Greylisted\r\n');
  expect(await client.send(bo)).toMatch(/^250 /);
});

test('a refused recipient is not in the envelope of the message', async () => {
  server.replyTo('RCPT', { address: 'bo@example.com', reply: '550 5.1.1 No such user' });
  const client = await connected();
  await sendUntil('RCPT', client);
  await client.send('RCPT TO:<bo@example.com>');
  await client.send('DATA');
  await client.send(message);
  expect(server.messages.at(-1)?.to).toEqual(['anne@example.com']);
});

test('a rule for an address at DOT applies when it is one of the recipients', async () => {
  server.replyTo('DOT', { address: 'anne@example.com', reply: '554 5.7.1 Spam' });
  server.replyTo('DATA', { address: 'bo@example.com', reply: '451 4.3.0 No' });
  expect(await sendUntil('DOT', await connected())).toBe('554 5.7.1 Spam\r\n');
});

test('after a refusal the connection can be used for the next mail', async () => {
  const client = await connected();
  server.replyTo('DATA', { reply: '451 4.3.0 Try later', times: 1 });
  server.replyTo('DOT', { reply: '552 5.3.4 Too large', times: 1 });
  expect(await sendUntil('DATA', client)).toMatch(/^451 /);
  expect(await client.send('DATA')).toMatch(/^354 /);
  expect(await client.send(message)).toMatch(/^552 /);
  await client.send('MAIL FROM:<hello@example.com>');
  await client.send('RCPT TO:<anne@example.com>');
  await client.send('DATA');
  expect(await client.send(message)).toMatch(/^250 /);
});

test('a planned 250 accepts the message with another text', async () => {
  server.replyTo('DOT', { reply: '250 2.0.0 Ok 0100018f-ses' });
  const before = server.messages.length;
  expect(await sendUntil('DOT', await connected())).toBe('250 2.0.0 Ok 0100018f-ses\r\n');
  expect(server.messages).toHaveLength(before + 1);
});

test('rejected credentials are accepted again after clearFaults', async () => {
  server.replyTo('AUTH', { reply: '535 5.7.8 Revoked' });
  const refused = await connected();
  expect(await refused.login()).toBe('535 5.7.8 Revoked\r\n');
  expect(await refused.send('MAIL FROM:<hello@example.com>')).toMatch(/^530 /);
  server.clearFaults();
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
  const silence = sendUntil('DOT', client);
  await server.waitForMessages(before + count);
  await sendUntil('DOT', await connected());
  server.killConnections();
  expect(await silence).toBe('');
  expect(server.messages).toHaveLength(before + count + 1);
});

test('a trickling reply is sent byte by byte, completely, and only as often as planned', async () => {
  server.trickleAt('MAIL', { gapMs: 5, times: 1 });
  const client = await connected();
  await sendUntil('AUTH', client);
  const sentAt = performance.now();
  const reply = await client.send('MAIL FROM:<hello@example.com>');
  expect(reply).toMatch(/^250 /);
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual((reply.length - 1) * 4);
  expect(await client.send('RCPT TO:<anne@example.com>')).toMatch(/^250 /);
});

test.each(['EHLO', 'RCPT', 'DOT'] as const)('a late reply at %s comes after its time, and only as often as planned', async (phase) => {
  server.delayAt(phase, { delayMs: 60, times: 1 });
  const at = performance.now();
  expect(await sendUntil(phase, await connected())).toMatch(/^250/);
  expect(performance.now() - at).toBeGreaterThan(50);
  expect(await sendUntil('DOT', await connected())).toMatch(/^250 /);
});

test('a reply that is held comes when it is released, those of pipelined commands after it, and later ones at once', async () => {
  const release = server.holdAt('MAIL');
  const client = await connected();
  await sendUntil('AUTH', client);
  const before = server.withheldReplies;
  const reply = client.send('MAIL FROM:<hello@example.com>\r\nRCPT TO:<anne@example.com>');
  while (server.withheldReplies === before) await new Promise((resolve) => setImmediate(resolve));
  let isReplied = false;
  void reply.then(() => {
    isReplied = true;
  });
  expect(await sendUntil('EHLO', await connected())).toMatch(/^250/);
  expect(isReplied).toBe(false);
  release();
  expect(await reply).toMatch(/^250 [^\r]+\r\n$/);
  expect(await client.reply()).toMatch(/^250 /);
  expect(await sendUntil('DOT', await connected())).toMatch(/^250 /);
});

test('replies to pipelined commands come after a late one', async () => {
  server.delayAt('MAIL', { delayMs: 30, times: 1 });
  const client = await connected();
  await sendUntil('AUTH', client);
  expect(await client.send('MAIL FROM:<hello@example.com>\r\nRCPT TO:<anne@example.com>')).toMatch(/^250 [^\r]+\r\n$/);
  expect(await client.reply()).toMatch(/^250 /);
});

test('a trickling reply of several lines keeps them all', async () => {
  const usual = await sendUntil('EHLO', await connected());
  server.trickleAt('EHLO', { gapMs: 1, times: 1 });
  expect(await sendUntil('EHLO', await connected())).toBe(usual);
});

test('replies to pipelined commands come after a trickling one', async () => {
  server.trickleAt('RCPT', { gapMs: 1, times: 1 });
  const client = await connected();
  await sendUntil('MAIL', client);
  expect(await client.send('RCPT TO:<anne@example.com>\r\nDATA')).toMatch(/^250 [^\r]+\r\n$/);
  expect(await client.reply()).toMatch(/^354 /);
});

test('the server keeps listening after killConnections', async () => {
  const client = await connected();
  await client.login();
  server.killConnections();
  expect(await client.reply()).toBe('');
  expect(await sendUntil('DOT', await connected())).toMatch(/^250 /);
});

test('a rule without a reply code is rejected', () => {
  expect(() => server.replyTo('RCPT', { reply: 'Greylisted' })).toThrow('three-digit code');
});
