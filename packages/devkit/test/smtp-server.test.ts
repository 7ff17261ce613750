import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterEach, expect, test } from 'vitest';
import { CertificateAuthority } from '../src/certificate-authority.ts';
import { SmtpServer, type SmtpServerOptions } from '../src/smtp-server.ts';
import { WireClient } from './wire-client.ts';

const ca = await CertificateAuthority.create();
const running: SmtpServer[] = [];

async function started(options: Partial<SmtpServerOptions> = {}): Promise<SmtpServer> {
  const server = new SmtpServer({ ca, mode: 'implicit-tls', ...options });
  running.push(server);
  await server.start();
  return server;
}

/** Sends one mail with nodemailer to the server's url, trusting the authority. */
async function send(server: SmtpServer, { trust = ca, to = ['anne@example.com'] }: { trust?: CertificateAuthority; to?: string[] } = {}) {
  const transport = createTransport({ url: server.url, requireTLS: true, tls: { ca: trust.caPem } });
  try {
    return await transport.sendMail({ from: 'hello@example.com', to, subject: '안녕하세요', text: 'a line\n.a dot\n' });
  } finally {
    transport.close();
  }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

test.each(['implicit-tls', 'starttls'] as const)('a mail arrives over %s', async (mode) => {
  const server = await started({ mode });
  const before = Date.now();
  const { messageId, response } = await send(server, { to: ['anne@example.com', 'bo@example.com'] });

  const message = await server.nextMessage();
  expect(message).toMatchObject({
    from: 'hello@example.com',
    to: ['anne@example.com', 'bo@example.com'],
    messageId,
    authUser: 'posthouse',
  });
  expect(message.at).toBeGreaterThanOrEqual(before);
  expect(message.raw.toString()).toMatch(/^Subject: =\?UTF-8\?[\s\S]*\r\n\r\na line\r\n\.a dot\r\n$/m);
  expect(response).toBe(`250 2.0.0 Ok: queued as ${message.id}`);
  expect(server.messages).toEqual([message]);
  expect(server.arrivals.get(`${messageId} bo@example.com`)).toBe(1);
  expect(server).toMatchObject({ connectionCount: 1, loginCount: 1, errors: [] });
});

test('the url has the address and percent-encoded credentials', async () => {
  const server = await started({ mode: 'starttls', user: 'post@relay', pass: 'a:b/c?d', hosts: ['127.0.0.1'] });
  expect(server.url).toBe(`smtp://post%40relay:a%3Ab%2Fc%3Fd@127.0.0.1:${server.port}`);
  await send(server);
});

test.each([
  ['a client that does not know the authority refuses', {}, await CertificateAuthority.create()],
  ['an expired certificate is refused', { expired: true }, ca],
  ['a certificate for another host is refused', { hosts: ['localhost.example'] as const }, ca],
])('%s', async (_, options, trust) => {
  const server = await started(options);
  const url = server.url.replace('localhost.example', 'localhost');
  const transport = createTransport({ url, tls: { ca: trust.caPem } });
  await expect(transport.verify()).rejects.toMatchObject({ code: 'ESOCKET' });
  expect(server).toMatchObject({ connectionCount: 1, loginCount: 0 });
});

test('a login with a wrong password, or a mail without a login, is rejected', async () => {
  const server = await started();
  const wrong = createTransport({ url: server.url.replace('correct', 'wrong'), tls: { ca: ca.caPem } });
  await expect(wrong.verify()).rejects.toMatchObject({ code: 'EAUTH', response: '535 5.7.8 Username or password not accepted' });
  const without = createTransport({ host: 'localhost', port: server.port, secure: true, tls: { ca: ca.caPem } });
  await expect(without.sendMail({ from: 'a@example.com', to: 'b@example.com' })).rejects.toMatchObject({ responseCode: 530 });
  expect(server.loginCount).toBe(0);
});

test('a server without login takes mail and offers no login', async () => {
  const server = await started({ login: false });
  expect(server.url).toBe(`smtps://localhost:${server.port}`);
  await send(server);
  expect((await server.nextMessage()).authUser).toBe('');
  const client = await WireClient.connect(server, ca);
  expect(await client.login()).toMatch(/^500 /);
  client.close();
});

test('a changed password applies from the next login on', async () => {
  const server = await started();
  const before = createTransport({ url: server.url, tls: { ca: ca.caPem } });
  server.setPassword('new');
  await expect(before.verify()).rejects.toMatchObject({ code: 'EAUTH' });
  await send(server);
});

test('another certificate applies from the next connection on, until the next start', async () => {
  const server = await started();
  for (const swapped of [{ expired: true }, { hosts: ['elsewhere.example'] }, { ca: await CertificateAuthority.create() }]) {
    await server.swapCertificate(swapped);
    await expect(send(server)).rejects.toMatchObject({ code: 'ESOCKET' });
  }
  await server.swapCertificate();
  await send(server);
  await server.swapCertificate({ expired: true });
  await server.restart();
  await send(server);
});

test('with STARTTLS a login before TLS is rejected', async () => {
  const server = await started({ mode: 'starttls' });
  const plain = createTransport({ url: server.url, ignoreTLS: true });
  await expect(plain.verify()).rejects.toMatchObject({ responseCode: 538 });
});

test('a non-ASCII domain is reported as it was sent', async () => {
  const server = await started();
  await send(server, { to: ['anne@한국.kr'] });
  expect((await server.nextMessage()).to).toEqual(['anne@xn--3e0b707e.kr']);
});

test('a restart keeps the port and the messages', async () => {
  const server = await started();
  const { port } = server;
  await send(server);
  await server.stop();
  await expect(send(server)).rejects.toMatchObject({ code: 'ESOCKET' });
  await server.start();
  await send(server);
  await server.restart();
  await send(server);
  expect(server.port).toBe(port);
  expect(server.messages).toHaveLength(3);
});

test('a port in use is an error, not a crash', async () => {
  const server = await started();
  const { port } = server;
  await server.stop();
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  await expect(server.start()).rejects.toThrow('EADDRINUSE');
  other.close();
});

test('stop disconnects clients, also during a handshake', async () => {
  const server = await started({ mode: 'starttls' });
  const silent = connect(server.port, '127.0.0.1');
  await once(silent, 'data');
  const inHandshake = connect(server.port, '127.0.0.1');
  await once(inHandshake, 'data');
  inHandshake.write('EHLO client.example\r\n');
  await once(inHandshake, 'data');
  inHandshake.write('STARTTLS\r\n');
  await once(inHandshake, 'data');
  expect(server.openConnections).toBe(2);

  const closed = Promise.all([once(silent, 'close'), once(inHandshake, 'close')]);
  await server.stop();
  await closed;
  expect(server.openConnections).toBe(0);
});

test('stop before start and a second stop are harmless', async () => {
  const server = new SmtpServer({ ca, mode: 'implicit-tls' });
  await server.stop();
  expect(() => server.port).toThrow('start it first');
  await server.start();
  await server.stop();
  await server.stop();
});

test('it listens on the address and the port that are given', async () => {
  const first = await started({ mode: 'starttls', address: '127.0.0.2' });
  const second = await started({ mode: 'starttls', address: '127.0.0.3', port: first.port });
  const greet = async (host: string) => {
    const socket = connect(first.port, host);
    const [greeting] = await once(socket, 'data');
    socket.destroy();
    return String(greeting);
  };
  expect([await greet('127.0.0.2'), await greet('127.0.0.3'), await greet('127.0.0.3')]).toEqual(
    Array(3).fill(expect.stringMatching(/^220 /)),
  );
  expect([first.connectionCount, second.connectionCount]).toEqual([1, 2]);
});

test.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('a login with %s works where the profile offers it, and its command is kept', async (method) => {
  const profile = { title: 'test', mode: 'implicit-tls', ehlo: [`AUTH ${method}`], limits: {}, refusals: {} } as const;
  const server = await started({ profile });
  const login = async () => {
    const transport = createTransport({ url: server.url, authMethod: method, name: 'client.example', tls: { ca: ca.caPem } });
    await transport.verify().finally(() => transport.close());
  };
  await login();
  server.replyTo('AUTH', { address: method, reply: '504 5.5.4 Unrecognized', times: 1 });
  await expect(login()).rejects.toMatchObject({ responseCode: 504 });
  server.setPassword('another');
  const wrong = createTransport({ url: server.url.replace('another', 'wrong'), authMethod: method, tls: { ca: ca.caPem } });
  await expect(wrong.verify()).rejects.toMatchObject({ responseCode: 535 });
  wrong.close();
  expect(server.openingCommands.slice(0, 2)).toEqual(['EHLO client.example', `AUTH ${method}`]);
  expect(server.loginCount).toBe(1);
});
