import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CertificateAuthority } from '../src/certificate-authority.ts';
import { type RelayLimitName, type RelayName, type RelayProfile, relayNames, relayProfile, relayProfiles } from '../src/relay-profiles.ts';
import { SmtpServer } from '../src/smtp-server.ts';
import { WireClient } from './wire-client.ts';

const ca = await CertificateAuthority.create();
const clients: WireClient[] = [];
let server: SmtpServer;

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function started(name: RelayName, numbers: Partial<Record<RelayLimitName, number>> = {}): Promise<SmtpServer> {
  server = new SmtpServer({ ca, mode: 'implicit-tls', profile: relayProfile(name, numbers) });
  await server.start();
  return server;
}

/** A client that has been greeted. */
async function connected(): Promise<WireClient> {
  const client = await WireClient.connect(server, ca);
  clients.push(client);
  return client;
}

async function loggedIn(): Promise<WireClient> {
  const client = await connected();
  await client.reply();
  await client.send('EHLO client.example');
  await client.send(`AUTH LOGIN ${btoa('posthouse')}`);
  expect(await client.send(btoa('correct horse'))).toMatch(/^235 /);
  return client;
}

/** Sends one mail. @returns the first reply that is neither 250 nor 354, or else the last one */
async function sendMail(client: WireClient): Promise<string> {
  let reply = '';
  for (const line of ['MAIL FROM:<hello@example.com>', 'RCPT TO:<anne@example.com>', 'DATA', 'Subject: Hello\r\n\r\nHello\r\n.']) {
    reply = await client.send(line);
    if (!/^(250|354)/.test(reply)) break;
  }
  return reply;
}

const wire = ({ reply }: { reply: string }) => `${reply}\r\n`;
const mechanismsOf = ({ ehlo }: RelayProfile) =>
  ehlo
    .find((line) => line.startsWith('AUTH '))
    ?.split(' ')
    .slice(1);

describe.each(relayNames)('%s', (name) => {
  const profile: RelayProfile = relayProfiles[name];
  beforeAll(() => started(name));
  afterAll(() => server.stop());

  test('offers what its profile lists, and takes a mail', async () => {
    const client = await connected();
    await client.reply();
    const [, ...offered] = (await client.send('EHLO client.example')).trimEnd().split('\r\n');
    expect(offered.map((line) => line.slice(4))).toEqual(profile.ehlo);
    expect(await client.send(`AUTH PLAIN ${btoa('\0posthouse\0correct horse')}`)).toMatch(
      mechanismsOf(profile)?.includes('PLAIN') ? /^235 / : /^504 /,
    );
    expect(await sendMail(await loggedIn())).toMatch(/^250 /);
  });

  test('offers STARTTLS in place of AUTH before TLS', async () => {
    const startTls = new SmtpServer({ ca, mode: 'starttls', profile });
    await startTls.start();
    const client = await WireClient.connectWithoutTls(startTls);
    clients.push(client);
    await client.reply();
    const offered = await client.send('EHLO client.example');
    await startTls.stop();
    expect(offered).toContain('STARTTLS\r\n');
    expect(offered).not.toContain('AUTH');
  });

  test('has replies that start with a code, and no two of one meaning', () => {
    const replies = [...Object.values(profile.limits), ...Object.values(profile.refusals)].map(({ reply }) => reply);
    for (const reply of replies) expect(reply).toMatch(/^(?:([45]\d\d)-[^\r\n]+\r\n)*[45]\d\d [^\r\n]+$/);
    expect(new Set(replies).size).toBe(replies.length);
  });

  test.each(Object.entries(profile.refusals))('refuses as planned: %s', async (_, refusal) => {
    server.refuse(refusal, { times: 1 });
    const client = await connected();
    const greeting = await client.reply();
    const login = async () => {
      await client.send('EHLO client.example');
      await client.send(`AUTH LOGIN ${btoa('posthouse')}`);
      return client.send(btoa('correct horse'));
    };
    const reply = { CONNECT: async () => greeting, AUTH: login }[refusal.phase as string] ?? (() => login().then(() => sendMail(client)));
    expect(await reply()).toBe(wire(refusal));
  });
});

describe('a limit', () => {
  afterEach(() => server.stop());

  test('of messages per connection closes the connection, and the next one takes mail', async () => {
    await started('ses', { messagesPerConnection: 2 });
    const client = await loggedIn();
    expect(await sendMail(client)).toMatch(/^250 /);
    expect(await sendMail(client)).toMatch(/^250 /);
    expect(await sendMail(client)).toBe(wire(relayProfiles.ses.limits.messagesPerConnection));
    expect(await client.reply()).toBe('');
    expect(client.closed).toBe(true);
    expect(await sendMail(await loggedIn())).toMatch(/^250 /);
  });

  test('of accepted messages holds on every connection until the limits are reset', async () => {
    await started('office365', { quota: 2 });
    const client = await loggedIn();
    await sendMail(client);
    await sendMail(await loggedIn());
    expect(await sendMail(client)).toBe(wire(relayProfiles.office365.limits.quota));
    expect(await sendMail(await loggedIn())).toBe(wire(relayProfiles.office365.limits.quota));
    expect(server.messages).toHaveLength(2);
    server.resetLimits();
    expect(await sendMail(client)).toMatch(/^250 /);
  });

  test('of connections refuses the newest, until an older one is closed', async () => {
    await started('office365', { connections: 1 });
    const first = await loggedIn();
    const second = await loggedIn();
    expect(await sendMail(second)).toBe(wire(relayProfiles.office365.limits.connections));
    expect(await sendMail(first)).toMatch(/^250 /);
    first.close();
    await expect.poll(() => server.openConnections).toBe(1);
    expect(await sendMail(second)).toMatch(/^250 /);
  });

  test('of connections refuses in the greeting where the relay does', async () => {
    await started('exim', { connections: 1 });
    await loggedIn();
    const second = await connected();
    expect(await second.reply()).toBe(wire(relayProfiles.exim.limits.connections));
    expect(await second.reply()).toBe('');
  });

  test('of logins refuses further ones, not the mails of open connections', async () => {
    await started('qq', { logins: 1 });
    const first = await loggedIn();
    expect(await (await connected()).login()).toBe(wire(relayProfiles.qq.limits.logins));
    expect(await sendMail(first)).toMatch(/^250 /);
    server.resetLimits();
    await loggedIn();
  });

  test('of messages per second passes with the second', async () => {
    await started('ses', { rate: 1 });
    const client = await loggedIn();
    expect(await sendMail(client)).toMatch(/^250 /);
    expect(await sendMail(client)).toBe(wire(relayProfiles.ses.limits.rate));
    await expect.poll(() => sendMail(client), { interval: 200 }).toMatch(/^250 /);
  });

  test('of recipients refuses those beyond it', async () => {
    await started('gmail', { recipients: 1 });
    const client = await loggedIn();
    await client.send('MAIL FROM:<hello@example.com>');
    expect(await client.send('RCPT TO:<anne@example.com>')).toMatch(/^250 /);
    expect(await client.send('RCPT TO:<bo@example.com>')).toBe(wire(relayProfiles.gmail.limits.recipients));
  });

  test('of idle time ends a connection that waits, with its reply', async () => {
    await started('ses', { idleMs: 1500 });
    const client = await loggedIn();
    expect(await client.reply()).toBe(wire(relayProfiles.ses.limits.idleMs));
    expect(await client.reply()).toBe('');
    expect(client.closed).toBe(true);
  });
});

describe('a relay', () => {
  afterEach(() => server.stop());

  test('an address literal in EHLO is refused by the Workspace relay, a host name is not', async () => {
    await started('workspace-relay');
    const literal = await connected();
    await literal.reply();
    expect(await literal.send('EHLO [127.0.0.1]')).toBe(wire(relayProfiles['workspace-relay'].refusedEhlo));
    expect(await literal.reply()).toBe('');
    await loggedIn();
  });

  test("a wrong password is refused in the relay's words", async () => {
    await started('gmail');
    expect(await (await connected()).login('posthouse', 'wrong')).toBe(wire(relayProfiles.gmail.refusals.wrongPassword));
  });

  test('a message over the SIZE of its EHLO reply is refused at MAIL', async () => {
    await started('naver');
    const client = await loggedIn();
    expect(await client.send('MAIL FROM:<hello@example.com> SIZE=20971521')).toMatch(/^552 /);
    expect(await client.send('MAIL FROM:<hello@example.com> SIZE=20971520')).toMatch(/^250 /);
  });

  test('a relay without ENHANCEDSTATUSCODES sends none with its 250', async () => {
    await started('ses');
    expect(await sendMail(await loggedIn())).toMatch(/^250 Ok: queued as /);
  });
});

test('a number for a limit that the relay does not have is an error that lists those it has', async () => {
  expect(() => relayProfile('naver', { quota: 1 })).toThrow('The relay naver has no limit "quota"; it has recipients');
});
