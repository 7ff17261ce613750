/** A provider that replies, but takes long: another provider gets the mail. */
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, relay, server, useRelay } from './relay-fixture.ts';
import { open, quick, sampleMessage } from './sample-message.ts';

useRelay();

const slow = { ...quick, smtp: { ...quick.smtp, dot: 20_000, slowPhase: 60, slowFor: 300 } };
const send = (delivery: MessageDelivery) => delivery.deliver(sampleMessage(), [anne], open);

describe('a slow provider', () => {
  it('keeps the mails that it is sent; those that wait for a connection, and new ones, go to another provider', async () => {
    const second = await relay();
    server.hangAt('DOT', { lost: true, times: 2 });
    const delivery = new MessageDelivery([
      client(server, ca, { query: '?pool=2&name=first', timings: slow }),
      client(second, ca, { query: '?name=second', timings: slow }),
    ]);
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
    const second = client(await relay(), ca, { query: '?name=second', timings: slow });
    const first = client(server, ca, { query: '?pool=1&name=first', timings: slow });
    const delivery = new MessageDelivery([first, second]);
    second.circuit.isOpen = true;
    server.delayAt('DOT', { delayMs: 150, times: 1 });
    const attempts = await Promise.all([send(delivery), send(delivery)]);
    expect(attempts.map(({ receipt }) => receipt?.provider)).toEqual(['first', 'first']);
    expect(first.mustWait).toBe(true);
    expect((await send(delivery)).receipt?.provider).toBe('first');
  });
});
