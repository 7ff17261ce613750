/** EHLO and login: the name that is given, and the mechanism that is chosen. */
import type { DeliveryAttempt } from '@posthouse/contract';
import { relayProfiles, type SmtpServer } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { defaultEhloName } from '../src/ehlo-name.ts';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, relay, relayOffering, useRelay } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

useRelay();

async function deliver(to: { url: string }, query = ''): Promise<DeliveryAttempt> {
  return await new MessageDelivery([client(to, ca, { query })]).deliver(sampleMessage(), [anne], open);
}

const accepted = { kind: 'attempted', outcomes: [{ verdict: 'ACCEPT' }] };
const logins = ({ openingCommands }: SmtpServer) => openingCommands.filter((command) => command.startsWith('AUTH'));

describe('the name in EHLO', () => {
  it.each([
    ['implicit-tls', 1],
    ['starttls', 2],
  ] as const)('is that of ?ehlo=, over %s', async (mode, times) => {
    const server = await relay({ mode });
    expect(await deliver(server, '?ehlo=mail.example.com')).toMatchObject(accepted);
    expect(server.openingCommands).toEqual([...Array(times).fill('EHLO mail.example.com'), 'AUTH PLAIN']);
  });

  it('is the address of this end where there is no name', async () => {
    const server = await relay();
    expect(await deliver(server)).toMatchObject(accepted);
    expect(server.openingCommands[0]).toBe('EHLO [127.0.0.1]');
  });

  it('is refused when it is an address, as by a Workspace relay: the operator reads what to set', async () => {
    const server = await relay({ mode: 'starttls', profile: relayProfiles['workspace-relay'] });
    const refused = await deliver(server);
    expect(refused).toMatchObject({ kind: 'connection-failed', outcomes: [{ reason: '421 4.7.0' }] });
    expect(refused.detail).toMatch(/EHLO \[127\.0\.0\.1\] was refused with 421 4\.7\.0; set \?ehlo= in SMTP_URL/);
    expect(await deliver(server, '?ehlo=mail.example.com')).toMatchObject(accepted);
  });

  it('is refused with 5yz: no login is tried after HELO', async () => {
    const server = await relay();
    server.replyTo('EHLO', { reply: '550 5.7.1 I do not know you' });
    const refused = await deliver(server);
    expect(refused).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'OPEN', reason: '550 5.7.1' }] });
    expect(refused.detail).toContain('set ?ehlo=');
    expect(logins(server)).toEqual([]);
  });

  it.each([
    ['mail.example.com', ['hello@example.org'], 'mail.example.com'],
    ['MAIL.example.com', [], 'mail.example.com'],
    ['worker-7f9c4', ['hello@example.org', 'bounces@example.net'], 'example.org'],
    ['worker-7f9c4', [undefined, 'bounces@example.net'], 'example.net'],
    ['localhost.localdomain', ['hello@example.org'], 'example.org'],
    ['annes-laptop.local', ['hello@example.org'], 'example.org'],
    ['ip-10-0-0-1.eu-west-1.compute.internal', ['hello@example.org'], 'example.org'],
    ['10.0.0.1', ['hello@example.org'], 'example.org'],
    ['under_score.example.com', ['hello@example.org'], 'example.org'],
    ['', ['hello@xn--3e0b707e.example'], 'xn--3e0b707e.example'],
    ['worker', ['hello@localhost'], undefined],
    ['worker', [], undefined],
  ])('by default, of the machine %j with senders %j, is %s', (hostname, senders, name) => {
    expect(defaultEhloName(hostname, senders)).toBe(name);
  });
});

describe('the login', () => {
  it.each([
    ['PLAIN where it is offered', ['AUTH PLAIN LOGIN CRAM-MD5'], 'AUTH PLAIN'],
    ['LOGIN at Office 365', relayProfiles.office365.ehlo, 'AUTH LOGIN'],
    ['LOGIN when offered with an equals sign only', ['AUTH=LOGIN'], 'AUTH LOGIN'],
    ['PLAIN when offered twice, as by QQ', relayProfiles.qq.ehlo, 'AUTH PLAIN'],
    ['PLAIN when offered in lower case', ['size 1000000', 'auth login plain'], 'AUTH PLAIN'],
    ['LOGIN among strange names', ['AUTH  NTLM   @@@ LOGIN', 'AUTHX PLAIN'], 'AUTH LOGIN'],
    ['CRAM-MD5 where nothing else is offered', ['AUTH CRAM-MD5'], 'AUTH CRAM-MD5'],
  ])('uses %s', async (_what, ehlo, command) => {
    const server = await relayOffering(ehlo);
    expect(await deliver(server)).toMatchObject(accepted);
    expect(logins(server)).toEqual([command]);
    expect(server.messages[0]?.authUser).toBe('posthouse');
  });

  it.each([
    ['nothing', ['SIZE 1000000'], 'ENOAUTH', 'the server offers no login; no password was sent'],
    ['an empty list', ['AUTH'], 'ENOAUTH', 'the server offers no login; no password was sent'],
    ['OAuth only', ['AUTH XOAUTH2 OAUTHBEARER'], 'oauth-required', 'the server requires OAuth (it offers XOAUTH2, OAUTHBEARER)'],
    ['others only', ['AUTH NTLM GSSAPI'], 'ENOAUTH', 'the server offers NTLM, GSSAPI, and none of PLAIN, LOGIN, CRAM-MD5'],
  ])('sends no password to a server that offers %s', async (_what, ehlo, reason, words) => {
    const server = await relayOffering(ehlo);
    const made = client(server, ca);
    const attempt = await new MessageDelivery([made]).deliver(sampleMessage(), [anne], open);
    expect(attempt).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'OPEN', reason }] });
    expect(attempt.detail).toContain(words);
    expect(made.alerts).toEqual([reason]);
    expect(logins(server)).toEqual([]);
  });

  it('reads what is offered after STARTTLS, not before', async () => {
    const server = await relayOffering(['AUTH LOGIN'], 'starttls');
    expect(await deliver(server)).toMatchObject(accepted);
    expect(logins(server)).toEqual(['AUTH LOGIN']);
  });

  it('tries LOGIN once, on the same connection, when the server refuses PLAIN itself', async () => {
    const server = await relay();
    server.replyTo('AUTH', { address: 'PLAIN', reply: '504 5.5.4 Unrecognized authentication type' });
    const two = await relayOffering(['AUTH PLAIN LOGIN']);
    two.replyTo('AUTH', { address: 'PLAIN', reply: '504 5.5.4 Unrecognized authentication type' });
    expect(await deliver(two)).toMatchObject(accepted);
    expect(two).toMatchObject({ connectionCount: 1, loginCount: 1 });
    expect(logins(two)).toEqual(['AUTH PLAIN', 'AUTH LOGIN']);
  });

  it('reports what LOGIN was refused with, and the reply to PLAIN when LOGIN got none', async () => {
    const server = await relayOffering(['AUTH PLAIN LOGIN']);
    server.replyTo('AUTH', { address: 'PLAIN', reply: '501 5.5.2 Cannot decode' });
    server.replyTo('AUTH', { address: 'LOGIN', reply: '535 5.7.8 Bad credentials', times: 1 });
    expect(await deliver(server)).toMatchObject({ outcomes: [{ reason: '535 5.7.8' }], detail: 'AUTH LOGIN was refused with 535 5.7.8' });
    server.closeAt('AUTH', { address: 'LOGIN' });
    expect(await deliver(server)).toMatchObject({ outcomes: [{ reason: '501 5.5.2' }] });
    expect(logins(server)).toEqual(['AUTH PLAIN', 'AUTH LOGIN', 'AUTH PLAIN', 'AUTH LOGIN']);
  });

  it.each([
    '530 5.7.0 Required',
    '534 5.7.9 App password',
    '535 5.7.8 Wrong',
    '538 5.7.11 Encrypt',
    '454 4.7.0 Later',
    '432 4.7.12 Change',
  ])('tries no second mechanism after %s', async (reply) => {
    const server = await relayOffering(['AUTH PLAIN LOGIN']);
    server.replyTo('AUTH', { reply });
    expect(await deliver(server)).toMatchObject({ kind: 'connection-failed', outcomes: [{ reply }] });
    expect(logins(server)).toEqual(['AUTH PLAIN']);
  });

  it('tries no second mechanism where LOGIN is not offered', async () => {
    const server = await relayOffering(['AUTH PLAIN CRAM-MD5']);
    server.replyTo('AUTH', { reply: '504 5.5.4 Unrecognized' });
    expect(await deliver(server)).toMatchObject({ outcomes: [{ reason: '504 5.5.4' }] });
    expect(logins(server)).toEqual(['AUTH PLAIN']);
  });

  it('uses the mechanism of ?auth= only', async () => {
    const server = await relayOffering(['AUTH PLAIN LOGIN CRAM-MD5']);
    for (const auth of ['login', 'CRAM-MD5', 'plain']) expect(await deliver(server, `?auth=${auth}`)).toMatchObject(accepted);
    expect(logins(server)).toEqual(['AUTH LOGIN', 'AUTH CRAM-MD5', 'AUTH PLAIN']);
    server.replyTo('AUTH', { reply: '504 5.5.4 Unrecognized', times: 1 });
    expect(await deliver(server, '?auth=plain')).toMatchObject({ outcomes: [{ reason: '504 5.5.4' }] });
    const without = await relayOffering(['AUTH PLAIN']);
    const refused = await deliver(without, '?auth=cram-md5');
    expect(refused).toMatchObject({ outcomes: [{ verdict: 'OPEN', reason: 'ENOAUTH' }] });
    expect(refused.detail).toBe(
      'the server does not offer CRAM-MD5, which ?auth= in SMTP_URL requires; it offers PLAIN; no password was sent',
    );
    expect(logins(without)).toEqual([]);
  });

  it('is not needed for a relay without one', async () => {
    expect(await deliver(await relay({ login: false }))).toMatchObject(accepted);
  });
});
