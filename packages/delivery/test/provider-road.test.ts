/** What a road makes of a circuit and a rate that cannot be asked: they are Redis's, and Redis may be full. */
import { CertificateAuthority, SmtpServer } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ProviderRoad } from '../src/provider-road.ts';
import { open, roadTo } from './sample-message.ts';

const ca = await CertificateAuthority.create();
const server = new SmtpServer({ ca, mode: 'implicit-tls' });
const roads: ProviderRoad[] = [];
beforeAll(() => server.start());
afterEach(() => Promise.all(roads.splice(0).map(({ pool }) => pool.stop())));
afterAll(() => server.stop());

const envelope = { from: 'hello@example.com', to: ['anne@example.org'] };
const message = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');

function road(options?: Parameters<typeof roadTo>[2]): ReturnType<typeof roadTo> {
  const made = roadTo(server, ca, options);
  roads.push(made);
  return made;
}

it('a message that was taken is taken, even when the circuit cannot be told', async () => {
  const made = road();
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
  const before = server.messages.length;
  const made = road({ query: '?rate=10/s', place: new Error('OOM command not allowed') });
  expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'DEFER', reason: 'rate' }] });
  expect(server.messages).toHaveLength(before);
});
