import type { SmtpPhase } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, server, useRelay } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

useRelay();

const envelope = { from: 'hello@example.com', to: ['anne@example.org'] };
const message = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');

describe('a provider client', () => {
  it('reports to the circuit what concerns the provider, and only that', async () => {
    const made = client(server, ca);
    const delivery = new MessageDelivery([made]);
    const reports = async (phase: SmtpPhase, reply: string, times = 1) => {
      made.circuit.reports.length = 0;
      server.replyTo(phase, { reply, times });
      await delivery.deliver(sampleMessage(), [anne], open);
      return made.circuit.reports;
    };
    expect(await reports('RCPT', '550 5.1.1 No such user')).toEqual(['healthy']);
    expect(await reports('DOT', '451 4.7.1 Later')).toEqual(['healthy']);
    expect(await reports('DOT', '451 4.3.0 Later')).toEqual(['451 4.3.0 after 5 for 30000']);
    expect(await reports('RCPT', '550 5.4.5 Daily limit')).toEqual(['550 5.4.5 after 1 for 600000']);
    expect(await reports('DOT', '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException')).toEqual([
      '554 5.2.0 after 1 for 600000, quota',
    ]);
    // The reused connection says it first, then a fresh one.
    expect(await reports('MAIL', '421 4.3.2 Closing', 2)).toEqual(['421 4.3.2 after 1 for 30000']);
    expect(await reports('AUTH', '535 5.7.8 No')).toEqual(['535 5.7.8 after 1 for 60000']);
    expect(made.circuit.steps).toEqual(['DOT', 'RCPT', 'DOT', 'MAIL', 'AUTH']);
    expect(made.alerts).toEqual(['550 5.4.5', '554 5.2.0', '535 5.7.8']);
    await server.stop();
    made.circuit.reports.length = 0;
    await delivery.deliver(sampleMessage(), [anne], open);
    expect(made.circuit.reports).toEqual(['ECONNREFUSED after 5 for 10000']);
  });

  it('is not used while its circuit is open; the next one is', async () => {
    const first = client(server, ca, { query: '?name=first' });
    first.circuit.isOpen = true;
    const alone = await new MessageDelivery([first]).deliver(sampleMessage(), [anne], open);
    expect(alone).toMatchObject({ kind: 'circuit-open', provider: 'first', outcomes: [{ verdict: 'DEFER', reason: 'circuit-open' }] });
    const both = await new MessageDelivery([first, client(server, ca, { query: '?name=second' })]).deliver(sampleMessage(), [anne], open);
    expect(both).toMatchObject({ provider: 'second', outcomes: [{ verdict: 'ACCEPT' }] });
  });

  it('waits for a sending slot, and defers the mail when that is too far away', async () => {
    const near = await new MessageDelivery([client(server, ca, { query: '?rate=10/s', slotInMs: 150 })]).deliver(
      sampleMessage(),
      [anne],
      open,
    );
    expect(near.durationMs).toBeGreaterThan(100);
    const far = await new MessageDelivery([client(server, ca, { query: '?rate=10/s', slotInMs: 600_000 })]).deliver(
      sampleMessage(),
      [anne],
      open,
    );
    expect(far).toMatchObject({ kind: 'rate-limited', outcomes: [{ verdict: 'DEFER', reason: 'rate-limited', waitMs: 600_000 }] });
  });

  it('stops waiting for a sending slot when the worker stops or the lease is lost', async () => {
    const stopping = client(server, ca, { query: '?rate=1/h', slotInMs: 200_000 });
    const waiting = new MessageDelivery([stopping]).deliver(sampleMessage(), [anne], open);
    await stopping.stop();
    expect(await waiting).toMatchObject({ kind: 'worker-stopping', outcomes: [{ verdict: 'DEFER', reason: 'worker-stopping' }] });
    const leaseLost = new AbortController();
    const losing = new MessageDelivery([client(server, ca, { query: '?rate=1/h', slotInMs: 200_000 })]).deliver(
      sampleMessage(),
      [anne],
      open,
      leaseLost.signal,
    );
    leaseLost.abort();
    expect(await losing).toMatchObject({ kind: 'lease-lost', outcomes: [{ verdict: 'DEFER', reason: 'lease-lost' }] });
    expect(server.connectionCount).toBe(0);
  });

  it('opens the circuit for as long as the server asks', async () => {
    const made = client(server, ca);
    server.replyTo('MAIL', { reply: '421 4.3.2 Try again in 2 hours', times: 1 });
    await new MessageDelivery([made]).deliver(sampleMessage(), [anne], open);
    expect(made.circuit.reports).toEqual(['421 4.3.2 after 1 for 7200000']);
  });

  it('costs one refused login, however many mails wait for it', async () => {
    server.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials' });
    const made = client(server, ca, { query: '?pool=20' });
    const delivery = new MessageDelivery([made]);
    const attempts = await Promise.all(Array.from({ length: 20 }, () => delivery.deliver(sampleMessage(), [anne], open)));
    expect(attempts.every(({ kind, outcomes }) => kind === 'connection-failed' && outcomes[0]?.verdict === 'OPEN')).toBe(true);
    expect(made.circuit.reports).toEqual(['535 5.7.8 after 1 for 60000']);
    expect(server.connectionCount).toBe(1);
  });

  it('opens no connection for a mail that waited for its sending slot while the circuit opened', async () => {
    const made = client(server, ca, { query: '?rate=20/s', slotInMs: 50 });
    const waiting = made.deliver(envelope, message, open);
    made.circuit.isOpen = true;
    expect(await waiting).toMatchObject({ kind: 'circuit-open' });
    expect(server.connectionCount).toBe(0);
  });

  it('keeps an acceptance when the circuit cannot be updated', async () => {
    const made = client(server, ca);
    made.circuit.error = new Error('OOM command not allowed');
    expect(await made.deliver(envelope, message, open)).toMatchObject({
      outcomes: [{ verdict: 'ACCEPT' }],
      receipt: { accepted: envelope.to },
    });
    server.replyTo('MAIL', { reply: '421 4.3.2 Closing', times: 2 });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'OPEN', reason: '421 4.3.2' }] });
    expect(made.alerts).toEqual(['OOM command not allowed', 'OOM command not allowed']);
  });

  it('sends nothing and uses no attempt when the sending rate cannot be read', async () => {
    const made = client(server, ca, { query: '?rate=10/s', slotInMs: new Error('OOM command not allowed') });
    expect(await made.deliver(envelope, message, open)).toMatchObject({
      kind: 'rate-limited',
      outcomes: [{ verdict: 'DEFER', reason: 'rate-unknown' }],
    });
    expect(server.messages).toHaveLength(0);
  });
});
