/** Permanent refusals in words that no table knows: whose they are follows from what happens to other mails. */
import { SmtpServer } from '@posthouse/devkit';
import { expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { ca, client, server, useRelay } from './relay-fixture.ts';
import { open, sampleMessage } from './sample-message.ts';

useRelay();

const refusal = { reply: '554 5.7.0 送信が拒否されました' };

/** The n-th mail: of another template each time, to another recipient. */
function deliver(delivery: MessageDelivery, n: number, group = n % 2 === 0 ? 'signup' : 'receipt', deferredAt?: number) {
  const deferred = deferredAt === undefined ? {} : { deferred: { reason: '554 5.7.0', at: deferredAt } };
  const history = { deferralCount: 0, mail: { id: `mail-${n}`, group }, ...deferred };
  return delivery.deliver(sampleMessage(), [`a${n}@example.org`], open, undefined, history);
}

it('five mails in a row are deferred, then the circuit opens with one alert, and the next provider takes over', async () => {
  const second = new SmtpServer({ ca, mode: 'implicit-tls' });
  await second.start();
  const first = client(server, ca, { query: '?name=first' });
  const delivery = new MessageDelivery([first, client(second, ca, { query: '?name=second' })]);
  server.replyTo('DOT', refusal);
  for (const n of [0, 1, 2, 3]) {
    expect(await deliver(delivery, n)).toMatchObject({
      kind: 'refusal-undecided',
      provider: 'first',
      outcomes: [{ verdict: 'DEFER', reason: '554 5.7.0' }],
    });
  }
  expect(first.circuit.reports).toEqual([]);
  expect(await deliver(delivery, 4)).toMatchObject({ provider: 'second', outcomes: [{ verdict: 'ACCEPT' }] });
  expect(first.circuit.reports).toEqual(['554 5.7.0 after 1 for 600000']);
  expect(first.alerts).toEqual(['554 5.7.0']);
  await second.stop();
});

it('one bad mail among good ones fails alone', async () => {
  const only = client(server, ca);
  const delivery = new MessageDelivery([only]);
  server.replyTo('DOT', { ...refusal, address: 'a1@example.org' });
  const before = Date.now();
  expect(await deliver(delivery, 1)).toMatchObject({ outcomes: [{ verdict: 'DEFER' }] });
  await expect.poll(() => Date.now()).toBeGreaterThan(before);
  for (const n of [2, 3, 4, 5, 6]) expect(await deliver(delivery, n)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
  expect(await deliver(delivery, 1, 'receipt', before)).toMatchObject({ kind: 'attempted', outcomes: [{ verdict: 'FAIL' }] });
  expect(only.circuit.reports.every((report) => report === 'healthy')).toBe(true);
});

it('one template alone never opens the circuit', async () => {
  const only = client(server, ca);
  const delivery = new MessageDelivery([only]);
  server.replyTo('DOT', refusal);
  for (const n of [0, 1, 2, 3, 4, 5, 6]) expect((await deliver(delivery, n, 'signup')).outcomes).toMatchObject([{ verdict: 'DEFER' }]);
  expect(only.circuit.reports).toEqual([]);
});

it('a probe lets other templates go first; when one is accepted the refused mails fail as theirs', async () => {
  const only = client(server, ca);
  const delivery = new MessageDelivery([only]);
  server.replyTo('DOT', refusal);
  const before = Date.now() - 1;
  for (const n of [0, 1, 2, 3, 4]) await deliver(delivery, n);
  expect(await only.probe()).toBeUndefined();
  expect(await deliver(delivery, 5)).toMatchObject({ kind: 'circuit-open' });
  server.clearFaults();
  expect(await deliver(delivery, 6, 'password-reset')).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
  server.replyTo('DOT', refusal);
  expect(await deliver(delivery, 0, 'signup', before)).toMatchObject({ outcomes: [{ verdict: 'FAIL' }] });
});

it('a command that the server does not take, and a message that is too large, are never the account’s', async () => {
  const delivery = new MessageDelivery([client(server, ca)]);
  server.replyTo('DATA', { reply: '500 5.5.1 What?' });
  expect(await deliver(delivery, 0)).toMatchObject({ outcomes: [{ verdict: 'FAIL' }] });
});
