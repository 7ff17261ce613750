import type { SmtpPhase } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, server } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

const envelope = { from: 'hello@example.com', to: ['anne@example.org'] };
const message = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');

describe('the road to a provider', () => {
  it('tells the circuit what says something of the provider, and only that', async () => {
    const made = client(server, ca);
    const delivery = new MessageDelivery([made]);
    const told = async (phase: SmtpPhase, reply: string) => {
      made.circuit.told.length = 0;
      server.replyTo(phase, { reply, times: 1 });
      await delivery.deliver(sampleMessage(), [anne], open);
      return made.circuit.told;
    };
    expect(await told('RCPT', '550 5.1.1 No such user')).toEqual(['well']);
    expect(await told('DOT', '451 4.3.0 Later')).toEqual(['well']);
    expect(await told('RCPT', '550 5.4.5 Daily limit')).toEqual(['550 5.4.5 after 1 for 600000']);
    expect(await told('MAIL', '421 4.3.2 Closing')).toEqual(['421 4.3.2 after 1 for 30000']);
    expect(await told('AUTH', '535 5.7.8 No')).toEqual(['535 5.7.8 after 1 for 60000']);
    expect(made.alerts).toEqual(['550 5.4.5', '535 5.7.8']);
    await server.stop();
    made.circuit.told.length = 0;
    await delivery.deliver(sampleMessage(), [anne], open);
    expect(made.circuit.told).toEqual(['ECONNREFUSED after 5 for 10000']);
  });

  it('is not taken while its circuit is open, and the next one is', async () => {
    const first = client(server, ca, { query: '?name=first' });
    first.circuit.isOpen = true;
    const alone = await new MessageDelivery([first]).deliver(sampleMessage(), [anne], open);
    expect(alone).toMatchObject({ provider: 'first', outcomes: [{ verdict: 'DEFER', reason: 'circuit-open' }] });
    const both = await new MessageDelivery([first, client(server, ca, { query: '?name=second' })]).deliver(sampleMessage(), [anne], open);
    expect(both).toMatchObject({ provider: 'second', outcomes: [{ verdict: 'ACCEPT' }] });
  });

  it('waits for its place in the line, and defers when that is too far away', async () => {
    const near = await new MessageDelivery([client(server, ca, { query: '?rate=10/s', place: 150 })]).deliver(
      sampleMessage(),
      [anne],
      open,
    );
    expect(near.durationMs).toBeGreaterThanOrEqual(150);
    const far = await new MessageDelivery([client(server, ca, { query: '?rate=10/s', place: 600_000 })]).deliver(
      sampleMessage(),
      [anne],
      open,
    );
    expect(far.outcomes).toMatchObject([{ verdict: 'DEFER', reason: 'rate-limited', waitMs: 600_000 }]);
  });

  it('lets those go who wait in the line when the worker stops or loses their mail', async () => {
    const stopping = client(server, ca, { query: '?rate=1/h', place: 200_000 });
    const waiting = new MessageDelivery([stopping]).deliver(sampleMessage(), [anne], open);
    await stopping.stop();
    expect((await waiting).outcomes).toMatchObject([{ verdict: 'DEFER', reason: 'EGATEDENIED' }]);
    const leaseLost = new AbortController();
    const losing = new MessageDelivery([client(server, ca, { query: '?rate=1/h', place: 200_000 })]).deliver(
      sampleMessage(),
      [anne],
      open,
      leaseLost.signal,
    );
    leaseLost.abort();
    expect((await losing).outcomes).toMatchObject([{ verdict: 'DEFER', reason: 'EGATEDENIED' }]);
    expect(server.connectionCount).toBe(0);
  });

  it('opens the circuit for as long as the server names', async () => {
    const made = client(server, ca);
    server.replyTo('MAIL', { reply: '421 4.3.2 Try again in 2 hours', times: 1 });
    await new MessageDelivery([made]).deliver(sampleMessage(), [anne], open);
    expect(made.circuit.told).toEqual(['421 4.3.2 after 1 for 7200000']);
  });

  it('costs one refused login, however many mails wait for it', async () => {
    server.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials' });
    const made = client(server, ca, { query: '?pool=20' });
    const delivery = new MessageDelivery([made]);
    const delivered = await Promise.all(Array.from({ length: 20 }, () => delivery.deliver(sampleMessage(), [anne], open)));
    expect(delivered.every(({ outcomes }) => outcomes[0]?.verdict === 'OPEN')).toBe(true);
    expect(made.circuit.told).toEqual(['535 5.7.8 after 1 for 60000']);
    expect(server.connectionCount).toBe(1);
  });

  it('a message that was taken is taken, even when the circuit cannot be told', async () => {
    const made = client(server, ca);
    made.circuit.fault = new Error('OOM command not allowed');
    expect(await made.deliver(envelope, message, open)).toMatchObject({
      outcomes: [{ verdict: 'ACCEPT' }],
      receipt: { accepted: envelope.to },
    });
    server.replyTo('MAIL', { reply: '421 4.3.2 Closing', times: 1 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'OPEN', reason: '421 4.3.2' }] });
    expect(made.alerts).toEqual(['OOM command not allowed', 'OOM command not allowed']);
  });

  it('without an answer of the rate nothing is sent, and no attempt is used', async () => {
    const made = client(server, ca, { query: '?rate=10/s', place: new Error('OOM command not allowed') });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'DEFER', reason: 'rate-unknown' }] });
    expect(server.messages).toHaveLength(0);
  });
});
