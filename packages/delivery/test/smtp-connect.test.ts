/** How a provider is reached: look-up, addresses, TLS, and the scheme of its URL. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { DeliveryAttempt } from '@posthouse/contract';
import { CertificateAuthority, UnansweredPort } from '@posthouse/devkit';
import { afterEach, describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { smtpProviders } from '../src/provider.ts';
import { addressLiteral, type Lookup, SmtpConnector } from '../src/smtp-connect.ts';
import { anne, ca, client, relay, server, useRelay } from './relay-fixture.ts';
import { type ClientOptions, open, patient, sampleMessage } from './sample-message.ts';

useRelay();

/** A message to a server, through a client of its own. */
async function deliver(to: { url: string }, options: ClientOptions = {}, trust: CertificateAuthority | undefined = ca) {
  return await new MessageDelivery([client(to, trust, options)]).deliver(sampleMessage(), [anne], open);
}

/** The URL of a server with another scheme. */
const withScheme = (scheme: string, { url }: { url: string }) => ({ url: url.replace(/^\w+/, scheme) });

const addresses =
  (...found: string[]): Lookup =>
  async () =>
    found;

const accepted = { kind: 'attempted', outcomes: [{ verdict: 'ACCEPT' }] };
const outcome = ({ outcomes: [first] }: DeliveryAttempt) => [first?.verdict, first?.reason];

const plainServers: Server[] = [];
/** A TCP server that is no relay. */
async function plainServer(onConnection: (socket: Socket) => void): Promise<{ url: string }> {
  const plain = createServer((socket) => onConnection(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  plainServers.push(plain);
  await once(plain, 'listening');
  return { url: `smtps://user:pass@127.0.0.1:${(plain.address() as AddressInfo).port}` };
}
afterEach(() => {
  for (const plain of plainServers.splice(0)) plain.close();
});

describe('the addresses of a provider', () => {
  it('are tried in order', async () => {
    expect(await deliver(server, { lookup: addresses('127.0.0.9', '127.0.0.8', '127.0.0.1') })).toMatchObject(accepted);
  });

  it('each get a share of the time: one that does not answer leaves some for the next', async () => {
    const dead = new UnansweredPort('127.0.0.9', server.port);
    await dead.start();
    const attempt = await deliver(server, { lookup: addresses('127.0.0.9', '127.0.0.1'), timings: patient({ connect: 5000 }) });
    await dead.stop();
    expect(attempt).toMatchObject(accepted);
  });

  it('are all named when none can be reached', async () => {
    const attempt = await deliver(server, { lookup: addresses('127.0.0.8', '127.0.0.9') });
    expect(outcome(attempt)).toEqual(['DEFER', 'ECONNREFUSED']);
    expect(attempt.detail).toMatch(/^nothing listens at the provider's address and port: .*127\.0\.0\.9.*; .*127\.0\.0\.8/);
  });

  it('are looked up for each new connection', async () => {
    const first = await relay({ address: '127.0.0.2' });
    const second = await relay({ address: '127.0.0.3', port: first.port });
    const answers = [['127.0.0.2'], ['127.0.0.3']];
    const delivery = new MessageDelivery([client(first, ca, { lookup: async () => answers.shift() ?? [] })]);
    for (let n = 0; n < 2; n++) await delivery.deliver(sampleMessage(), [anne], open);
    first.killConnections();
    await delivery.deliver(sampleMessage(), [anne], open);
    expect([first.messages.length, second.messages.length, answers.length]).toEqual([2, 1, 0]);
  });

  it('may be none: the mail waits', async () => {
    expect(outcome(await deliver(server, { lookup: addresses() }))).toEqual(['DEFER', 'ENOTFOUND']);
    const unknown = Object.assign(new Error('getaddrinfo EAI_AGAIN relay.example'), { code: 'EAI_AGAIN' });
    const attempt = await deliver(server, { lookup: () => Promise.reject(unknown) });
    expect(outcome(attempt)).toEqual(['DEFER', 'EAI_AGAIN']);
    expect(attempt.detail).toMatch(/^the DNS lookup of the provider's host failed; check DNS: getaddrinfo/);
  });

  it('may never come: the deadline ends the wait', async () => {
    const attempt = await deliver(server, { lookup: () => new Promise(() => undefined), timings: patient({ connect: 100 }) });
    expect(outcome(attempt)).toEqual(['DEFER', 'EDNS']);
    expect(attempt.detail).toContain('look-up of localhost');
  });

  it('are found by the system, also when the host is an address, or ends in a dot', async () => {
    expect(await deliver({ url: server.url.replace('localhost', '127.0.0.1') })).toMatchObject(accepted);
    expect(await deliver({ url: server.url.replace('localhost', 'localhost.') }, { lookup: addresses('127.0.0.1') })).toMatchObject(
      accepted,
    );
  });
});

describe.each(['implicit-tls', 'starttls'] as const)('the certificate, over %s', (mode) => {
  it.each([
    ['is for another host', 'ERR_TLS_CERT_ALTNAME_INVALID', "the provider's certificate is for another host name"],
    ['has expired', 'CERT_HAS_EXPIRED', "the provider's certificate has expired"],
    ['is of an unknown authority', /^UNABLE_TO_/, "the provider's certificate is not trusted"],
  ])('%s: no login', async (which, reason, words) => {
    const options = { mode, hosts: which.includes('host') ? (['elsewhere.example'] as const) : (['localhost'] as const) };
    const refused = await relay({ ...options, expired: which.includes('expired') });
    const trust = which.includes('authority') ? await CertificateAuthority.create() : ca;
    const attempt = await deliver({ url: refused.url.replace('elsewhere.example', 'localhost') }, {}, trust);
    expect(attempt).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'OPEN', reason: expect.stringMatching(reason) }] });
    expect(attempt.detail?.startsWith(words)).toBe(true);
    expect(refused.openingCommands.filter((command) => command.startsWith('AUTH'))).toEqual([]);
  });

  it('is verified against ?servername=, and only against it', async () => {
    const renamed = await relay({ mode, hosts: ['relay.example'] });
    const there = { url: renamed.url.replace('relay.example', 'localhost') };
    expect(await deliver(there, { query: '?servername=relay.example' })).toMatchObject(accepted);
    expect(outcome(await deliver(there, { query: '?servername=other.example' }))).toEqual(['OPEN', 'ERR_TLS_CERT_ALTNAME_INVALID']);
    const usual = await relay({ mode });
    expect(outcome(await deliver(usual, { query: '?servername=other.example' }))).toEqual(['OPEN', 'ERR_TLS_CERT_ALTNAME_INVALID']);
  });

  it('is verified whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const untrusted = await relay({ mode });
      expect(outcome(await deliver(untrusted, {}, await CertificateAuthority.create()))).toEqual([
        'OPEN',
        expect.stringMatching(/^UNABLE_TO_/),
      ]);
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});

describe('the scheme of the URL', () => {
  /** A server that is stopped in the middle of a TLS handshake can crash Node 20. */
  const handshakeEnded = () =>
    expect.poll(() => server.errors.map(({ message }) => message)).toContain('Socket closed while initiating TLS');

  it('smtps:// at a STARTTLS port: the operator reads which scheme to use, in the record, the alert and the login check', async () => {
    const starttls = await relay({ mode: 'starttls' });
    const made = client(withScheme('smtps', starttls), ca);
    const attempt = await new MessageDelivery([made]).deliver(sampleMessage(), [anne], open);
    expect(attempt).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'OPEN', reason: 'wrong-scheme' }] });
    expect(attempt.detail).toMatch(
      /^port \d+ greets without TLS: write smtp:\/\/ instead of smtps:\/\/ in SMTP_URL \(.*wrong version number/,
    );
    expect(made.alerts).toEqual(['wrong-scheme']);
    expect(await made.login()).toMatchObject({ reason: 'wrong-scheme', detail: expect.stringContaining('write smtp://') });
  });

  it('smtp:// at a TLS port: found out when no greeting comes', async () => {
    const made = client(withScheme('smtp', server), ca, { timings: patient({ schemeCheck: 200 }) });
    const attempt = await new MessageDelivery([made]).deliver(sampleMessage(), [anne], open);
    expect(attempt).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'OPEN', reason: 'wrong-scheme' }] });
    expect(attempt.detail).toMatch(/expects TLS from the first byte: write smtps:\/\/ instead of smtp:\/\/ in SMTP_URL$/);
    expect(made.alerts).toEqual(['wrong-scheme']);
    expect(server.openingCommands).toEqual([]);
    await handshakeEnded();
  });

  it('smtp:// at a TLS port with a certificate that is not trusted: still the wrong scheme', async () => {
    const timings = patient({ schemeCheck: 200 });
    expect(outcome(await deliver(withScheme('smtp', server), { timings }, await CertificateAuthority.create()))).toEqual([
      'OPEN',
      'wrong-scheme',
    ]);
    await handshakeEnded();
  });

  it('smtp:// at a port that says nothing at all: only slow', async () => {
    const silent = await plainServer(() => undefined);
    const timings = patient({ schemeCheck: 200, connect: 500, greeting: 1000 });
    expect(outcome(await deliver(withScheme('smtp', silent), { timings }))).toEqual(['DEFER', 'EDEADLINE']);
  });

  it('smtp:// that has worked is not checked again, however slow the server is later', async () => {
    const starttls = await relay({ mode: 'starttls' });
    const timings = patient();
    const smtp = { ...timings.smtp };
    const made = client(starttls, ca, { timings: { ...timings, smtp } });
    expect(await made.login()).toBeUndefined();
    Object.assign(smtp, { schemeCheck: 200, greeting: 1000 });
    starttls.killConnections();
    starttls.hangAt('CONNECT');
    const before = starttls.connectionCount;
    expect(await made.login()).toMatchObject({ reason: 'EDEADLINE' });
    expect(starttls.connectionCount).toBe(before + 1);
  });

  it('smtps:// at a busy server that refuses before TLS: its reply decides', async () => {
    const busy = await plainServer((socket) =>
      socket.end('421-mail.example is busy\r\n421 Too many concurrent SMTP connections; please try again later\r\n'),
    );
    const attempt = await deliver(busy);
    expect(attempt.outcomes).toMatchObject([{ reason: '421', code: 421, reply: expect.stringContaining('Too many concurrent') }]);
    expect(attempt.detail).toBe('the server refused the connection before TLS');
  });

  it('smtps:// at something that is no mail server: our words stand beside those of OpenSSL', async () => {
    const attempt = await deliver(await plainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(outcome(attempt)).toEqual(['OPEN', 'ERR_SSL_WRONG_VERSION_NUMBER']);
    expect(attempt.detail).toMatch(/^TLS with the provider failed: .*wrong version number/);
  });
});

it('a server that says goodbye after EHLO is busy: its EHLO reply was no refusal', async () => {
  const busy = await plainServer((socket) => {
    socket.write('220 relay.example\r\n');
    socket.once('data', () => socket.end('250-relay.example\r\n250 AUTH PLAIN\r\n421 4.3.2 Shutting down\r\n'));
  });
  const attempt = await deliver(withScheme('smtp', busy));
  expect(attempt).toMatchObject({ kind: 'connection-failed', outcomes: [{ reason: '421 4.3.2' }] });
  expect(attempt.detail).not.toContain('EHLO');
});

describe('STARTTLS', () => {
  /** A server without TLS that answers STARTTLS with a line, and keeps every command. */
  async function withoutTls(reply: string): Promise<{ url: string; commands: string[] }> {
    const commands: string[] = [];
    const { url } = await plainServer((socket) => {
      socket.write('220 relay.example\r\n');
      socket.on('data', (chunk) => {
        const command = chunk.toString('latin1').trim();
        commands.push(command.slice(0, 8));
        if (command.startsWith('EHLO')) socket.write('250-relay.example\r\n250 AUTH PLAIN\r\n');
        else socket.write(`${reply}\r\n`);
      });
    });
    return { url: url.replace('smtps', 'smtp'), commands };
  }

  it('that is not offered: no login, no mail', async () => {
    const plain = await withoutTls('502 5.5.1 Not implemented');
    const attempt = await deliver(plain);
    expect(outcome(attempt)).toEqual(['OPEN', '502 5.5.1']);
    expect(attempt.detail).toBe('STARTTLS was refused with 502 5.5.1');
    expect(plain.commands).toEqual(['EHLO [12', 'STARTTLS']);
  });

  it('that is followed by no TLS: our words stand beside those of OpenSSL', async () => {
    const plain = await withoutTls('220 2.0.0 Go ahead');
    const attempt = await deliver(plain);
    expect(outcome(attempt)).toEqual(['OPEN', 'ERR_SSL_WRONG_VERSION_NUMBER']);
    expect(attempt.detail).toMatch(/^TLS with the provider failed: .*wrong version number/);
    expect(plain.commands.slice(0, 2)).toEqual(['EHLO [12', 'STARTTLS']);
  });

  it('is left out for ?tls=off, to this machine only', async () => {
    const local = await relay({ mode: 'starttls', login: false });
    expect(await deliver(local, { query: '?tls=off' })).toMatchObject(accepted);
    expect(local.openingCommands).toHaveLength(1);
    for (const found of [addresses('192.0.2.1'), addresses('127.0.0.1', '192.0.2.1')]) {
      const attempt = await deliver(local, { query: '?tls=off', lookup: found });
      expect(outcome(attempt)).toEqual(['DEFER', 'ENOTFOUND']);
      expect(attempt.detail).toContain('has the address 192.0.2.1; with ?tls=off mail goes to loopback addresses (127.0.0.1, ::1) only');
    }
    expect(local.openingCommands).toHaveLength(1);
  });
});

describe('a connection that is closed at once', () => {
  it.each(['smtps', 'smtp'])('%s: the mail waits', async (scheme) => {
    const closing = await plainServer((socket) => socket.destroy());
    const attempt = await deliver(withScheme(scheme, closing));
    expect(attempt).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'DEFER', reason: expect.stringMatching(/^ECONN/) }] });
    expect(attempt.detail).toMatch(/^the connection to the provider broke: /);
  });
});

it('one secure context serves all connections of a provider', async () => {
  const [provider] = smtpProviders(server.url);
  const connector = new SmtpConnector(provider as NonNullable<typeof provider>, { ca: ca.caPem });
  const { secureContext } = connector.tls;
  for (let n = 0; n < 2; n++) (await connector.open(15_000)).destroy();
  expect(connector.tls.secureContext).toBe(secureContext);
});

it.each([
  ['192.0.2.7', '[192.0.2.7]'],
  ['::ffff:192.0.2.7', '[192.0.2.7]'],
  ['2001:db8::1', '[IPv6:2001:db8::1]'],
  ['fe80::1%eth0', '[IPv6:fe80::1]'],
])('the address literal of %s is %s', (address, literal) => {
  expect(addressLiteral(address)).toBe(literal);
});
