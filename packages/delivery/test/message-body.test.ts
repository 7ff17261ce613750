import { SmtpServer } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, server, useRelay } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

useRelay();

describe('the gate', () => {
  it('denied: no byte of the message is sent, and the next mail is not disturbed', async () => {
    const made = client(server, ca);
    const delivery = new MessageDelivery([made]);
    const denied = await delivery.deliver(sampleMessage(), [anne], async () => ({ kind: 'denied', why: 'cancelled' }));
    expect(denied).toMatchObject({ kind: 'gate-denied', outcomes: [{ verdict: 'DEFER', reason: 'gate-denied' }] });
    expect(denied.steps.at(-1)).toMatchObject({ command: 'CLOSED', reply: 'cancelled' });
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    expect(server.messages).toHaveLength(1);
    expect(made.circuit.reports).toEqual(['healthy', 'healthy']);
  });

  it('is called once, after the server replied 354, and not for a mail whose recipients are all rejected', async () => {
    const calls: number[] = [];
    const gate = async () => {
      calls.push(server.messages.length);
      return { kind: 'open' } as const;
    };
    const delivery = new MessageDelivery([client(server, ca)]);
    server.replyTo('RCPT', { reply: '550 5.1.1 No such user', times: 1 });
    await delivery.deliver(sampleMessage(), [anne], gate);
    expect(calls).toEqual([]);
    await delivery.deliver(sampleMessage(), [anne], gate);
    expect(calls).toEqual([0]);
  });

  it('denied: no other provider is tried', async () => {
    const second = new SmtpServer({ ca, mode: 'implicit-tls' });
    await second.start();
    const delivery = new MessageDelivery([client(server, ca, { query: '?name=first' }), client(second, ca, { query: '?name=second' })]);
    const attempt = await delivery.deliver(sampleMessage(), [anne], async () => ({ kind: 'lease-lost' }));
    await second.stop();
    expect(attempt.kind).toBe('lease-lost');
    expect(second.connectionCount).toBe(0);
  });

  it('a lease lost before the gate ends the transaction at once; after the gate the message is sent', async () => {
    const leaseLost = new AbortController();
    server.hangAt('MAIL', { times: 1 });
    const delivery = new MessageDelivery([client(server, ca)]);
    const delivering = delivery.deliver(sampleMessage(), [anne], open, leaseLost.signal);
    await expect.poll(() => server.withheldReplies).toBeGreaterThan(0);
    leaseLost.abort();
    expect(await delivering).toMatchObject({ kind: 'lease-lost', outcomes: [{ verdict: 'DEFER', reason: 'lease-lost' }] });

    const late = new AbortController();
    const gate = async () => {
      setImmediate(() => late.abort());
      return { kind: 'open' } as const;
    };
    expect(await delivery.deliver(sampleMessage(), [anne], gate, late.signal)).toMatchObject({
      kind: 'attempted',
      outcomes: [{ verdict: 'ACCEPT' }],
    });
  });
});
