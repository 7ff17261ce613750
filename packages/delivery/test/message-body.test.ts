import { SmtpServer } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, server } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

describe('the gate', () => {
  it('that is shut keeps every byte of the message back, and the next mail is not disturbed', async () => {
    const made = client(server, ca);
    const delivery = new MessageDelivery([made]);
    const shut = await delivery.deliver(sampleMessage(), [anne], async () => ({ kind: 'denied', why: 'cancelled' }));
    expect(shut).toMatchObject({ outcomes: [{ verdict: 'DEFER', reason: 'EGATEDENIED' }] });
    expect(shut.steps.at(-1)).toMatchObject({ command: 'CLOSED', reply: 'cancelled' });
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    expect(server.messages).toHaveLength(1);
    expect(made.circuit.told).toEqual(['well', 'well']);
  });

  it('is asked once, after the server said 354, and not at all for a mail that nobody will take', async () => {
    const asked: number[] = [];
    const gate = async () => {
      asked.push(server.messages.length);
      return { kind: 'open' } as const;
    };
    const delivery = new MessageDelivery([client(server, ca)]);
    server.replyTo('RCPT', { reply: '550 5.1.1 No such user', times: 1 });
    await delivery.deliver(sampleMessage(), [anne], gate);
    expect(asked).toEqual([]);
    await delivery.deliver(sampleMessage(), [anne], gate);
    expect(asked).toEqual([0]);
  });

  it('is not asked of another provider when it was shut', async () => {
    const second = new SmtpServer({ ca, mode: 'implicit-tls' });
    await second.start();
    const delivery = new MessageDelivery([client(server, ca, { query: '?name=first' }), client(second, ca, { query: '?name=second' })]);
    await delivery.deliver(sampleMessage(), [anne], async () => ({ kind: 'lease-lost' }));
    await second.stop();
    expect(second.connectionCount).toBe(0);
  });

  it('a mail that is lost before it is left at once; behind it the send goes on', async () => {
    const leaseLost = new AbortController();
    server.hangAt('MAIL', { times: 1 });
    const delivery = new MessageDelivery([client(server, ca)]);
    const delivering = delivery.deliver(sampleMessage(), [anne], open, leaseLost.signal);
    await expect.poll(() => server.loginCount).toBe(1);
    leaseLost.abort();
    expect((await delivering).outcomes).toMatchObject([{ verdict: 'DEFER', reason: 'EGATEDENIED' }]);

    const late = new AbortController();
    const gate = async () => {
      setImmediate(() => late.abort());
      return { kind: 'open' } as const;
    };
    expect((await delivery.deliver(sampleMessage(), [anne], gate, late.signal)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
  });
});
