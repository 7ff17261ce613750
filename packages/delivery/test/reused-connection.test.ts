/** RFC 5321 section 3.8: a server may end a connection at any time. That says nothing about the mail, nor about the provider. */
import { relayProfile, SmtpServer } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { ca, client, server, useRelay } from './relay-fixture.ts';
import { open } from './sample-message.ts';

useRelay();

const envelope = { from: 'hello@example.com', to: ['anne@example.org', 'bob@example.org'] };
const message = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
const accepted = { kind: 'attempted', outcomes: [{ verdict: 'ACCEPT' }, { verdict: 'ACCEPT' }] };

describe('a connection that has been used before', () => {
  it.each(['MAIL', 'RCPT', 'DATA'] as const)('and replies 421 to %s: the mail goes at once over a fresh one', async (phase) => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.replyTo(phase, { reply: '421 4.4.2 Too many messages in this connection', times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject(accepted);
    expect(server).toMatchObject({ connectionCount: 2, loginCount: 2 });
    expect([...server.arrivals.values()]).toEqual([2, 2]);
    expect(made.circuit.reports).toEqual(['healthy', 'healthy']);
  });

  it.each(['MAIL', 'RCPT', 'DATA'] as const)('and closes at %s without a reply: the mail goes at once over a fresh one', async (phase) => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.closeAt(phase, { times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject(accepted);
    expect(server.connectionCount).toBe(2);
    expect(made.circuit.reports).toEqual(['healthy', 'healthy']);
  });

  it('and replies 421 after the message: the mail is put back, and the circuit stays closed', async () => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.replyTo('DOT', { reply: '421 4.3.0 Closing', times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({
      outcomes: [
        { verdict: 'DEFER', reason: '421 4.3.0' },
        { verdict: 'DEFER', reason: '421 4.3.0' },
      ],
    });
    expect(server.messages).toHaveLength(1);
    expect(made.circuit.reports).toEqual(['healthy', 'healthy']);
  });

  it('and closes after the message: the outcome is unknown, and nothing is repeated', async () => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.closeAt('DOT', { times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'UNKNOWN' }, { verdict: 'UNKNOWN' }] });
    expect([...server.arrivals.values()]).toEqual([2, 2]);
  });

  it('and refuses a recipient with another code: that is the answer', async () => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.replyTo('RCPT', { address: 'bob@example.org', reply: '550 5.1.1 No such user', times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }, { verdict: 'FAIL' }] });
    expect(server.connectionCount).toBe(1);
  });

  it('and replies 421 to RSET after a refusal: the refusal stands, and the next mail takes a fresh one', async () => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.replyTo('MAIL', { reply: '550 5.7.1 Refused\r\n421 4.4.2 Closing', times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'FAIL' }, { verdict: 'FAIL' }] });
    expect(await made.deliver(envelope, message, open)).toMatchObject(accepted);
    expect(server.messages).toHaveLength(2);
  });

  it('for a login only, and was ended while it was idle: the first mail takes a fresh one', async () => {
    const made = client(server, ca);
    expect(await made.login()).toBeUndefined();
    server.replyTo('MAIL', { reply: '421 4.4.2 Idle for too long', times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject(accepted);
    expect(made.circuit.reports).toEqual(['healthy']);
  });
});

describe('a fresh connection', () => {
  it.each(['MAIL', 'DATA'] as const)('that replies 421 to %s of its first transaction: the provider is busy', async (phase) => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.replyTo(phase, { reply: '421 4.3.2 Too busy', times: 2 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'OPEN', reason: '421 4.3.2' }, {}] });
    expect(server.connectionCount).toBe(2);
    expect(made.circuit.reports).toEqual(['healthy', '421 4.3.2 after 1 for 30000']);
  });

  it('that replies 421 to RCPT of its first transaction: the provider is busy after five such mails, as one recipient may be the cause', async () => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.replyTo('RCPT', { reply: '421 4.3.2 Too busy', times: 2 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'DEFER', reason: '421 4.3.2' }, {}] });
    expect(server.connectionCount).toBe(2);
    expect(made.circuit.reports).toEqual(['healthy', '421 4.3.2 after 5 for 30000']);
  });

  it('that is refused in the greeting: the provider is busy, and nothing was sent', async () => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.replyTo('MAIL', { reply: '421 4.4.2 Closing', times: 1 });
    server.replyTo('CONNECT', { reply: '421 4.3.2 Too busy', times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'OPEN' }, {}] });
    expect(made.circuit.reports).toEqual(['healthy', '421 4.3.2 after 1 for 30000']);
  });
});

describe('a limit of messages per connection', () => {
  const deliverMany = async (made: ReturnType<typeof client>, count: number) => {
    const attempts = await Promise.all(Array.from({ length: count }, () => made.deliver(envelope, message, open)));
    return new Set(attempts.flatMap(({ outcomes }) => outcomes.map(({ verdict }) => verdict)));
  };

  it('of the server costs a connection each time, and nothing else', async () => {
    const relay = new SmtpServer({ ca, mode: 'starttls', profile: relayProfile('exim', { messagesPerConnection: 10 }) });
    await relay.start();
    const made = client(relay, ca, { query: '?pool=1' });
    expect(await deliverMany(made, 100)).toEqual(new Set(['ACCEPT']));
    expect(relay.messages).toHaveLength(100);
    expect(relay.connectionCount).toBe(10);
    expect(new Set(made.circuit.reports)).toEqual(new Set(['healthy']));
    await made.pool.stop();
    await relay.stop();
  });

  it('of ours closes a connection in time', async () => {
    const made = client(server, ca, { query: '?pool=1&messages=3' });
    expect(await deliverMany(made, 7)).toEqual(new Set(['ACCEPT']));
    expect(server.connectionCount).toBe(3);
    await expect.poll(() => server.openConnections).toBe(1);
  });
});
