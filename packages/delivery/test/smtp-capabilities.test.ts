/** Messages that a provider cannot take: the next one is asked. */
import type { SmtpServer } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { parseCapabilities } from '../src/smtp-capabilities.ts';
import { anne, ca, client, relay, relayOffering, server, useRelay } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

useRelay();

const envelope = { from: 'hello@example.com', to: [anne] };
const large = () => sampleMessage({ text: 'x'.repeat(20_000) });
const named = (to: SmtpServer, name: string) => client(to, ca, { query: `?name=${name}` });

describe('parseCapabilities', () => {
  it.each([
    [
      '250-relay.example\n250-PIPELINING\n250-SIZE 1000\n250-AUTH PLAIN LOGIN\n250-8BITMIME\n250 SMTPUTF8',
      ['PLAIN', 'LOGIN'],
      1000,
      true,
      true,
    ],
    ['250-relay.example\n250-size 0\n250 auth=login', ['LOGIN'], undefined, false, false],
    ['250-relay.example\n250-SIZE\n250-AUTH LOGIN\n250 AUTH=LOGIN PLAIN', ['LOGIN', 'PLAIN'], undefined, false, false],
    ['250-SIZE 5 AUTH PLAIN 8BITMIME\n250 SIZE 99999999999999999999', [], undefined, false, false],
    ['250-a\n250 AUTH PLAIN\r LOGIN', ['PLAIN', 'LOGIN'], undefined, false, false],
    ['250 relay.example', [], undefined, false, false],
  ])('reads %j', (reply, mechanisms, maxSize, eightBitMime, smtpUtf8) => {
    expect(parseCapabilities(reply)).toEqual({ mechanisms, maxSize, eightBitMime, smtpUtf8 });
  });
});

describe('a message that the provider cannot take', () => {
  it('goes to the next provider, and the connection takes other messages', async () => {
    const small = await relayOffering(['SIZE 10000', 'AUTH PLAIN']);
    const delivery = new MessageDelivery([named(small, 'first'), named(server, 'second')]);
    const attempt = await delivery.deliver(large(), [anne], open);
    expect(attempt).toMatchObject({ kind: 'attempted', provider: 'second', detail: 'Skipped: first (too-large-for-provider).' });
    expect(attempt.outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    expect(await delivery.deliver(sampleMessage(), [anne], open)).toMatchObject({ provider: 'first', outcomes: [{ verdict: 'ACCEPT' }] });
    expect(small).toMatchObject({ connectionCount: 1, messages: { length: 1 } });
  });

  it('fails when no provider can, with the reason, and without a command to the server', async () => {
    const small = await relayOffering(['SIZE 10000', 'AUTH PLAIN']);
    const made = named(small, 'only');
    const attempt = await new MessageDelivery([made]).deliver(large(), [anne], open);
    expect(attempt).toMatchObject({ kind: 'unsupported', provider: 'only', steps: [] });
    expect(attempt.outcomes).toMatchObject([{ verdict: 'FAIL', reason: 'too-large-for-provider' }]);
    expect(attempt.detail).toMatch(/^the message has \d{5} bytes, and the server accepts 10000$/);
    expect(made.circuit.reports).toEqual([]);
    expect(made.alerts).toEqual([]);
  });

  it('waits while another provider may take it later, whichever comes first', async () => {
    const small = await relayOffering(['SIZE 10000', 'AUTH PLAIN']);
    const down = await relay();
    await down.stop();
    const open1 = named(server, 'open');
    open1.circuit.isOpen = true;
    const deliver = (...clients: ReturnType<typeof named>[]) => new MessageDelivery(clients).deliver(large(), [anne], open);
    expect(await deliver(named(down, 'down'), named(small, 'small'))).toMatchObject({ provider: 'down', outcomes: [{ verdict: 'DEFER' }] });
    expect(await deliver(named(small, 'small'), named(down, 'down'))).toMatchObject({ provider: 'down', outcomes: [{ verdict: 'DEFER' }] });
    expect(await deliver(open1, named(small, 'small'))).toMatchObject({ kind: 'circuit-open', outcomes: [{ verdict: 'DEFER' }] });
    expect(await deliver(named(small, 'small'), open1)).toMatchObject({ kind: 'circuit-open', outcomes: [{ verdict: 'DEFER' }] });
  });

  it('needs SMTPUTF8 for an address that is not ASCII', async () => {
    const ascii = await relayOffering(['AUTH PLAIN', '8BITMIME']);
    const alone = await new MessageDelivery([named(ascii, 'only')]).deliver(sampleMessage(), ['müller@example.org'], open);
    expect(alone).toMatchObject({ kind: 'unsupported', outcomes: [{ verdict: 'FAIL', reason: 'smtputf8-not-offered' }] });
    const delivery = new MessageDelivery([named(ascii, 'first'), named(server, 'second')]);
    const attempt = await delivery.deliver(sampleMessage(), ['müller@example.org'], open);
    expect(attempt).toMatchObject({ provider: 'second', outcomes: [{ verdict: 'ACCEPT' }] });
    expect(attempt.steps[0]?.command).toContain('SMTPUTF8');
    expect(ascii.messages).toEqual([]);
  });

  it('needs 8BITMIME for bytes that are not ASCII, and declares them', async () => {
    const bytes = async () => Buffer.from('Subject: Hi\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n');
    const ascii = await relayOffering(['AUTH PLAIN', 'SMTPUTF8']);
    expect(await named(ascii, 'only').deliver(envelope, bytes, open)).toMatchObject({
      kind: 'unsupported',
      outcomes: [{ verdict: 'FAIL', reason: 'eightbitmime-not-offered' }],
    });
    const sent = await named(server, 'second').deliver(envelope, bytes, open);
    expect(sent.outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    expect(sent.steps[0]?.command).toContain('BODY=8BITMIME');
  });

  it.each([
    ['MAIL', '552 5.3.4 Message size exceeds fixed limit'],
    ['DOT', '552 5.3.4 Message too big for system'],
    ['MAIL', '550 5.6.7 Non-ASCII addresses not permitted'],
  ] as const)('may be refused by a reply at %s: %s', async (phase, reply) => {
    const first = await relay();
    first.replyTo(phase, { reply });
    const alone = await new MessageDelivery([named(first, 'only')]).deliver(sampleMessage(), [anne], open);
    expect(alone).toMatchObject({ kind: 'unsupported', outcomes: [{ verdict: 'FAIL', reply }] });
    const delivery = new MessageDelivery([named(first, 'first'), named(server, 'second')]);
    expect(await delivery.deliver(sampleMessage(), [anne], open)).toMatchObject({ provider: 'second', outcomes: [{ verdict: 'ACCEPT' }] });
  });
});
