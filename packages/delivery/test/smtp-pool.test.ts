/** Mails that wait for a connection of the pool. */
import { describe, expect, it } from 'vitest';
import { ca, client, server } from './relay-fixture.ts';
import { open } from './sample-message.ts';

const envelope = { from: 'hello@example.com', to: ['anne@example.org'] };
const message = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
const leaseLost = () => new AbortController();

describe('a mail that waits for a connection in use', () => {
  it('stops waiting at once when its lease is lost, and takes no slot', async () => {
    server.hangAt('MAIL', { times: 1 });
    const made = client(server, ca, { query: '?pool=1' });
    const lease = leaseLost();
    const first = made.deliver(envelope, message, open);
    await expect.poll(() => server.withheldReplies).toBeGreaterThan(0);
    const waiting = made.deliver(envelope, message, open, lease.signal);
    const next = made.deliver(envelope, message, open);
    lease.abort();
    const attempt = await waiting;
    expect(attempt).toMatchObject({ kind: 'lease-lost', steps: [], outcomes: [{ verdict: 'DEFER', reason: 'lease-lost' }] });
    expect(attempt.durationMs).toBeLessThan(1000);
    server.killConnections();
    expect(await first).toMatchObject({ kind: 'attempted', outcomes: [{ verdict: 'DEFER' }] });
    expect(await next).toMatchObject({ kind: 'attempted', outcomes: [{ verdict: 'ACCEPT' }] });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    expect(server.messages).toHaveLength(2);
  });

  it('is put back when the worker stops, while the transaction that uses the connection goes on', async () => {
    server.hangAt('MAIL', { times: 1 });
    const made = client(server, ca, { query: '?pool=1' });
    const first = made.deliver(envelope, message, open);
    await expect.poll(() => server.withheldReplies).toBeGreaterThan(0);
    const waiting = made.deliver(envelope, message, open);
    await made.stop();
    expect(await waiting).toMatchObject({ kind: 'worker-stopping', outcomes: [{ verdict: 'DEFER', reason: 'worker-stopping' }] });
    expect(server.openConnections).toBe(1);
    server.killConnections();
    expect(await first).toMatchObject({ kind: 'attempted' });
  });

  it('is one of many: none is left behind when all leases are lost', async () => {
    server.hangAt('MAIL', { times: 1 });
    const made = client(server, ca, { query: '?pool=1' });
    const lease = leaseLost();
    const first = made.deliver(envelope, message, open);
    await expect.poll(() => server.withheldReplies).toBeGreaterThan(0);
    const waiting = Array.from({ length: 30 }, () => made.deliver(envelope, message, open, lease.signal));
    lease.abort();
    expect(new Set((await Promise.all(waiting)).map(({ kind }) => kind))).toEqual(new Set(['lease-lost']));
    server.killConnections();
    await first;
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
  });
});

describe('a mail that waits for the first connection, which another mail opens', () => {
  it('stops waiting at once when its lease is lost, and opens none', async () => {
    server.hangAt('AUTH', { times: 1 });
    const made = client(server, ca, { query: '?pool=2' });
    const lease = leaseLost();
    const first = made.deliver(envelope, message, open);
    await expect.poll(() => server.connectionCount).toBe(1);
    const waiting = made.deliver(envelope, message, open, lease.signal);
    lease.abort();
    const attempt = await waiting;
    expect(attempt.kind).toBe('lease-lost');
    expect(attempt.durationMs).toBeLessThan(1000);
    server.killConnections();
    expect(await first).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'DEFER' }] });
    expect(server.connectionCount).toBe(1);
  });
});
