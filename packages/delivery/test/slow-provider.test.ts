/** A provider that replies, but takes long: another provider gets the mail. */
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, relay, server, useRelay } from './relay-fixture.ts';
import { open, patient, sampleMessage } from './sample-message.ts';

useRelay();

/** A phase is slow after a time that the other phases of a test do not need, even on a busy machine. */
const slow = (change: object = {}) => patient({ slowPhase: 1500, ...change });
const send = (delivery: MessageDelivery) => delivery.deliver(sampleMessage(), [anne], open);

describe('a slow provider', () => {
  it('keeps the mails that it is sent; those that wait for a connection, and new ones, go to another provider', async () => {
    const second = await relay();
    const delivery = new MessageDelivery([
      client(server, ca, { query: '?pool=2&name=first', timings: slow({ slowFor: 300 }) }),
      client(second, ca, { query: '?name=second', timings: slow() }),
    ]);
    // Its connections are open before one of their phases turns slow.
    await Promise.all([send(delivery), send(delivery)]);
    server.hangAt('DOT', { lost: true, times: 2 });
    const atFirst = [send(delivery), send(delivery)];
    await expect.poll(() => server.withheldReplies).toBe(2);
    const waiting = await Promise.all([send(delivery), send(delivery), send(delivery)]);
    expect(waiting.map(({ receipt, detail }) => [receipt?.provider, detail])).toEqual(
      Array(3).fill(['second', 'Skipped: first (provider-slow).']),
    );
    expect((await send(delivery)).receipt?.provider).toBe('second');
    expect(second.messages).toHaveLength(4);
    server.killConnections();
    for (const attempt of await Promise.all(atFirst))
      expect(attempt).toMatchObject({ provider: 'first', outcomes: [{ verdict: 'UNKNOWN' }] });
    // Its last slow phase has ended: after a while it is the first choice again.
    await expect.poll(async () => (await send(delivery)).receipt?.provider).toBe('first');
  });

  it('gets the mail where no other can take it', async () => {
    const second = client(await relay(), ca, { query: '?name=second' });
    const first = client(server, ca, { query: '?pool=1&name=first', timings: patient({ slowPhase: 60, slowFor: 60_000 }) });
    const delivery = new MessageDelivery([first, second]);
    second.circuit.isOpen = true;
    server.delayAt('DOT', { delayMs: 150, times: 1 });
    const attempts = await Promise.all([send(delivery), send(delivery)]);
    expect(attempts.map(({ receipt }) => receipt?.provider)).toEqual(['first', 'first']);
    expect(first.mustWait).toBe(true);
    expect((await send(delivery)).receipt?.provider).toBe('first');
  });
});
