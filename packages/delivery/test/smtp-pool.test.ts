/** Mails that wait for a connection of the pool. */
import type { Socket } from 'node:net';
import { relayProfile, SmtpServer } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { rawRelay } from './raw-relay.ts';
import { ca, client, server, useRelay } from './relay-fixture.ts';
import { open, patient } from './sample-message.ts';

useRelay();

const envelope = { from: 'hello@example.com', to: ['anne@example.org'] };
const message = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
const leaseLost = () => new AbortController();

/** A mail that keeps its connection until the server closes it, or the lease is lost: its gate does not open. */
async function keepConnection(made: ReturnType<typeof client>, lease?: AbortSignal) {
  let reached: () => void = () => undefined;
  const atGate = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const closed = () => {
    reached();
    return new Promise<never>(() => undefined);
  };
  const attempt = made.deliver(envelope, message, closed, lease);
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
    expect(made.circuit.reports).toEqual(['421 after 5 for 30000, busy']);
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

describe('a mail that is expected', () => {
  it('finds a connection that was opened meanwhile; no more are opened than may be used', async () => {
    const made = client(server, ca, { query: '?pool=3' });
    const withdrawals = [made.pool.expectMail()];
    expect(server.connectionCount, 'before the first login').toBe(0);
    await made.login();
    withdrawals.push(...Array.from({ length: 4 }, () => made.pool.expectMail()));
    await expect.poll(() => server.loginCount).toBe(3);
    for (const done of withdrawals) done();
    const attempts = await Promise.all(Array.from({ length: 3 }, () => made.deliver(envelope, message, open)));
    expect(attempts.flatMap(({ outcomes }) => outcomes)).toMatchObject([
      { verdict: 'ACCEPT' },
      { verdict: 'ACCEPT' },
      { verdict: 'ACCEPT' },
    ]);
    expect(server).toMatchObject({ connectionCount: 3, loginCount: 3 });
  });

  it('takes the connection that is being opened for it', async () => {
    const made = client(server, ca, { query: '?pool=3' });
    await made.login();
    const lease = leaseLost();
    const { attempt: first } = await keepConnection(made, lease.signal);
    made.pool.expectMail()();
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    expect(server.connectionCount).toBe(2);
    lease.abort();
    expect(await first).toMatchObject({ kind: 'lease-lost' });
  });

  it('shares the failure of its connection: a refused login is not repeated for it', async () => {
    const made = client(server, ca, { query: '?pool=2' });
    await made.login();
    const { attempt: first } = await keepConnection(made);
    server.replyTo('AUTH', { reply: '535 5.7.8 Wrong password' });
    const withdraw = made.pool.expectMail();
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'OPEN', reason: '535 5.7.8' }] });
    withdraw();
    expect(made.circuit.reports).toHaveLength(1);
    server.killConnections();
    await first;
  });

  it('is put back, and not sent again at once, where the server does not reply on the connection that was opened for it', async () => {
    const made = client(server, ca, { timings: patient({ rcpt: 300 }) });
    await made.login();
    server.hangAt('RCPT');
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'DEFER', reason: 'EDEADLINE' }] });
    expect(server.connectionCount).toBe(1);
  });

  it('opens no connection while the pool stops, or where a sending rate decides when it goes', async () => {
    const stopped = client(server, ca);
    const limited = client(server, ca, { query: '?rate=10/s' });
    for (const { pool } of [stopped, limited]) await pool.login();
    await stopped.pool.stop();
    for (const { pool } of [stopped, limited]) for (let n = 0; n < 2; n++) pool.expectMail();
    expect(await limited.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    expect(server.connectionCount).toBe(2);
  });

  it.each([
    ['closes idle connections at once', (socket: Socket) => void socket.end()],
    ['ends them with 421', (socket: Socket) => void socket.end('421 4.4.2 Idle\r\n')],
  ])('is sent over another one where the server %s', async (_what, close) => {
    let connections = 0;
    // One that is opened for a mail that waits for it gets its MAIL at once.
    const relay = await rawRelay({
      command: (line, socket) => {
        if (line.startsWith('EHLO') && ++connections <= 2) setImmediate(() => close(socket));
        return false;
      },
      ehlo: [],
    });
    const made = client(relay, undefined);
    await made.login();
    const withdrawals = Array.from({ length: 2 }, () => made.pool.expectMail());
    await expect.poll(() => relay.connectionCount).toBe(2);
    await relay.ended;
    for (const done of withdrawals) done();
    const attempts = await Promise.all(Array.from({ length: 2 }, () => made.deliver(envelope, message, open)));
    expect(attempts.flatMap(({ outcomes }) => outcomes)).toMatchObject([{ verdict: 'ACCEPT' }, { verdict: 'ACCEPT' }]);
    expect(relay.messages).toHaveLength(2);
  });
});
