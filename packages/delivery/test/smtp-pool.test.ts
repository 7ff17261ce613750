/** Mails that wait for a connection of the pool. */
import { relayProfile, SmtpServer } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { ca, client, server, useRelay } from './relay-fixture.ts';
import { open, patient } from './sample-message.ts';

useRelay();

const envelope = { from: 'hello@example.com', to: ['anne@example.org'] };
const message = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
const leaseLost = () => new AbortController();

/** A mail that keeps its connection until the server closes it: its gate does not open. */
async function keepConnection(made: ReturnType<typeof client>) {
  let reached: () => void = () => undefined;
  const atGate = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const attempt = made.deliver(envelope, message, () => {
    reached();
    return new Promise(() => undefined);
  });
  await atGate;
  return { attempt };
}

describe('a mail that waits for a connection in use', () => {
  it('stops waiting at once when its lease is lost, and takes no slot', async () => {
    const made = client(server, ca, { query: '?pool=1' });
    const lease = leaseLost();
    const { attempt: first } = await keepConnection(made);
    const waiting = made.deliver(envelope, message, open, lease.signal);
    const next = made.deliver(envelope, message, open);
    lease.abort();
    const attempt = await Promise.race([waiting, first]);
    expect(attempt).toMatchObject({ kind: 'lease-lost', steps: [], outcomes: [{ verdict: 'DEFER', reason: 'lease-lost' }] });
    server.killConnections();
    expect(await first).toMatchObject({ kind: 'attempted', outcomes: [{ verdict: 'DEFER' }] });
    expect(await next).toMatchObject({ kind: 'attempted', outcomes: [{ verdict: 'ACCEPT' }] });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    expect(server.messages).toHaveLength(2);
  });

  it('is put back when the worker stops, while the transaction that uses the connection goes on', async () => {
    const made = client(server, ca, { query: '?pool=1' });
    const { attempt: first } = await keepConnection(made);
    const waiting = made.deliver(envelope, message, open);
    await made.stop();
    expect(await waiting).toMatchObject({ kind: 'worker-stopping', outcomes: [{ verdict: 'DEFER', reason: 'worker-stopping' }] });
    expect(server.openConnections).toBe(1);
    server.killConnections();
    expect(await first).toMatchObject({ kind: 'attempted' });
  });

  it('is one of many: none is left behind when all leases are lost', async () => {
    const made = client(server, ca, { query: '?pool=1' });
    const lease = leaseLost();
    const { attempt: first } = await keepConnection(made);
    const waiting = Array.from({ length: 30 }, () => made.deliver(envelope, message, open, lease.signal));
    lease.abort();
    expect(new Set((await Promise.all(waiting)).map(({ kind }) => kind))).toEqual(new Set(['lease-lost']));
    server.killConnections();
    await first;
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
  });
});

describe('a password that is changed while mails are sent', () => {
  it('costs one refused login for each connection, however many mails wait for it', async () => {
    const made = client(server, ca, { query: '?pool=2' });
    const using = [await keepConnection(made), await keepConnection(made)];
    const waiting = Array.from({ length: 8 }, () => made.deliver(envelope, message, open));
    server.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials' });
    server.killConnections();
    await Promise.all(using.map(({ attempt }) => attempt));
    const attempts = await Promise.all(waiting);
    expect(new Set(attempts.map(({ kind, outcomes }) => `${kind} ${outcomes[0]?.verdict}`))).toEqual(new Set(['connection-failed OPEN']));
    expect(server.connectionCount).toBe(4);
    server.clearFaults();
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
  });
});

describe('a mail whose worker stops', () => {
  const stopped = { kind: 'worker-stopping', steps: [], outcomes: [{ verdict: 'DEFER', reason: 'worker-stopping', waitMs: 0 }] };

  it.each(['CONNECT', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA'] as const)('is put back at once when the server hangs at %s', async (step) => {
    server.hangAt(step);
    const made = client(server, ca);
    const attempts = [made.deliver(envelope, message, open), made.deliver(envelope, message, open)];
    await expect.poll(() => server.withheldReplies).toBeGreaterThan(0);
    await made.stop();
    expect(await Promise.all(attempts)).toMatchObject([stopped, stopped]);
    expect(await made.deliver(envelope, message, open)).toMatchObject(stopped);
    expect(made.circuit.reports.filter((report) => report !== 'healthy')).toEqual([]);
  });

  it('is put back, of two recipients of which one was refused: no attempt is used', async () => {
    const to = ['gone@example.org', 'anne@example.org'];
    server.replyTo('RCPT', { address: to[0] as string, reply: '550 5.1.1 No such user' });
    server.hangAt('RCPT', { address: to[1] as string });
    const made = client(server, ca);
    const attempt = made.deliver({ ...envelope, to }, message, open);
    await expect.poll(() => server.withheldReplies).toBeGreaterThan(0);
    await made.stop();
    expect(await attempt).toMatchObject({ kind: 'worker-stopping', outcomes: [{ verdict: 'DEFER' }, { verdict: 'DEFER' }] });
  });

  it('is sent when its gate has been asked; without a reply in the grace time the outcome is unknown', async () => {
    server.delayAt('DOT', { delayMs: 50, times: 1 });
    const deliver = async (stopGrace: number) => {
      const made = client(server, ca, { timings: patient({ stopGrace }) });
      return await made.deliver(envelope, message, async () => {
        await made.stop();
        return { kind: 'open' };
      });
    };
    expect(await deliver(15_000)).toMatchObject({ kind: 'attempted', outcomes: [{ verdict: 'ACCEPT' }] });
    server.hangAt('DOT');
    const unknown = await deliver(300);
    expect(unknown).toMatchObject({ kind: 'attempted', outcomes: [{ verdict: 'UNKNOWN', reason: 'no-reply' }] });
    expect(unknown.unanswered).toBeUndefined();
  });
});

describe('the limit of connections', () => {
  const deliverMany = async (made: ReturnType<typeof client>, count: number) =>
    await Promise.all(Array.from({ length: count }, () => made.deliver(envelope, message, open)));

  it('is halved when the provider is busy, once for the transactions of one moment, and rises while it accepts mails', async () => {
    const made = client(server, ca, { query: '?pool=8' });
    await deliverMany(made, 8);
    expect(made.pool.limit).toBe(8);
    server.replyTo('MAIL', { reply: '432 4.3.2 Busy', times: 8 });
    await deliverMany(made, 8);
    expect(made.pool.limit).toBeLessThanOrEqual(4);
    await expect.poll(() => server.openConnections).toBeLessThanOrEqual(4);
    for (let n = 0; n < 10; n++) {
      server.replyTo('MAIL', { reply: '432 4.3.2 Busy', times: 1 });
      await deliverMany(made, 1);
    }
    expect(made.pool.limit).toBe(1);
    expect(new Set((await deliverMany(made, 45)).map(({ outcomes }) => outcomes[0]?.verdict))).toEqual(new Set(['ACCEPT']));
    expect(made.pool.limit).toBeGreaterThan(1);
    expect(made.pool.limit).toBeLessThan(4);
  });

  it('follows what the server accepts: a mail whose connection is one too many waits for another', async () => {
    const relay = new SmtpServer({ ca, mode: 'starttls', profile: relayProfile('exim', { connections: 2 }) });
    await relay.start();
    const made = client(relay, ca, { query: '?pool=6' });
    const attempts = await deliverMany(made, 40);
    expect(new Set(attempts.map(({ outcomes }) => outcomes[0]?.verdict))).toEqual(new Set(['ACCEPT']));
    expect(new Set(made.circuit.reports)).toEqual(new Set(['healthy']));
    expect(relay.messages).toHaveLength(40);
    await made.pool.stop();
    await relay.stop();
  });

  it('does not help where no connection is open: the provider is busy', async () => {
    server.replyTo('CONNECT', { reply: '421 Too many concurrent SMTP connections', times: 1 });
    const made = client(server, ca);
    expect(await made.deliver(envelope, message, open)).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'DEFER' }] });
    expect(made.circuit.reports).toEqual(['421 after 5 for 30000']);
  });
});

describe('a mail that waits for the first connection, which another mail opens', () => {
  it('stops waiting at once when its lease is lost, and opens none', async () => {
    server.hangAt('AUTH', { times: 1 });
    const made = client(server, ca, { query: '?pool=2' });
    const lease = leaseLost();
    const first = made.deliver(envelope, message, open);
    await expect.poll(() => server.openConnections).toBe(1);
    const waiting = made.deliver(envelope, message, open, lease.signal);
    lease.abort();
    expect((await Promise.race([waiting, first])).kind).toBe('lease-lost');
    server.killConnections();
    expect(await first).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'DEFER' }] });
    expect(server.connectionCount).toBe(1);
  });
});
