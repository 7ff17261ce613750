/** A relay without SMTPUTF8, for recipients that need it and others that do not. */
import PostalMime from 'postal-mime';
import { expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, relayOffering, server, useRelay } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

useRelay();

const annyeong = '안네@example.org';
const message = () => sampleMessage({ to: [{ address: annyeong }], cc: [{ address: anne }, { address: annyeong }] });
const failed = { address: annyeong, verdict: 'FAIL', reason: 'smtputf8-not-offered' };

it('the recipients that need it fail, and the others get the message without them', async () => {
  const ascii = await relayOffering(['AUTH PLAIN', '8BITMIME']);
  const attempt = await new MessageDelivery([client(ascii, ca)]).deliver(message(), [annyeong, anne], open);
  expect(attempt).toMatchObject({ kind: 'attempted', receipt: { accepted: [anne] } });
  expect(attempt.outcomes).toMatchObject([failed, { address: anne, verdict: 'ACCEPT' }]);
  const [received] = ascii.messages;
  expect(received?.to).toEqual([anne]);
  const parsed = await PostalMime.parse(received?.raw ?? '');
  expect([parsed.to, parsed.cc]).toEqual([undefined, [{ name: '', address: anne }]]);
  expect(parsed.html).toContain('안녕, Anne');
});

it('a later attempt for the others alone is made without them as well', async () => {
  const ascii = await relayOffering(['AUTH PLAIN', '8BITMIME']);
  const attempt = await new MessageDelivery([client(ascii, ca)]).deliver(message(), [anne], open);
  expect(attempt.outcomes).toMatchObject([{ address: anne, verdict: 'ACCEPT' }]);
});

it('nobody fails while the message cannot be sent at all', async () => {
  const ascii = await relayOffering(['AUTH PLAIN', '8BITMIME']);
  ascii.replyTo('MAIL', { reply: '421 4.3.2 Shutting down' });
  const attempt = await new MessageDelivery([client(ascii, ca)]).deliver(message(), [annyeong, anne], open);
  expect(attempt.outcomes).toMatchObject([
    { address: annyeong, verdict: expect.stringMatching(/^(DEFER|OPEN)$/), reason: '421 4.3.2' },
    { address: anne, reason: '421 4.3.2' },
  ]);
});

it('the next provider that offers it gets the whole message', async () => {
  const ascii = await relayOffering(['AUTH PLAIN', '8BITMIME']);
  const clients = [client(ascii, ca, { query: '?name=first' }), client(server, ca, { query: '?name=second' })];
  const attempt = await new MessageDelivery(clients).deliver(message(), [annyeong, anne], open);
  expect(attempt.provider).toBe('second');
  expect(attempt.outcomes.map(({ verdict }) => verdict)).toEqual(['ACCEPT', 'ACCEPT']);
  expect(ascii.messages).toEqual([]);
});

it.each([{ from: { address: '안네@example.com' } }, { replyTo: [{ address: '안네@example.com' }] }])(
  'a sender or reply address that needs it cannot be left out: %j',
  async (change) => {
    const ascii = await relayOffering(['AUTH PLAIN', '8BITMIME']);
    const attempt = await new MessageDelivery([client(ascii, ca)]).deliver(sampleMessage(change), [anne], open);
    expect(attempt).toMatchObject({ kind: 'unsupported', outcomes: [{ ...failed, address: anne }] });
  },
);
