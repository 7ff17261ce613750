import { MailFailure } from '@posthouse/contract';
import { SmtpServer } from '@posthouse/devkit';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, server, useRelay } from './relay-fixture.ts';
import { open, patient, sampleMessage } from './sample-message.ts';

useRelay();

const bob = 'bob@example.org';

describe('a delivery', () => {
  it.each(['implicit-tls', 'starttls'] as const)('succeeds over %s with a receipt and a transcript', async (mode) => {
    const relay = new SmtpServer({ ca, mode });
    await relay.start();
    const attempt = await new MessageDelivery([client(relay, ca)]).deliver(sampleMessage(), [anne, bob], open);
    await relay.stop();

    const [message] = relay.messages;
    expect(message).toMatchObject({ from: 'hello@example.com', to: [anne, bob], authUser: 'posthouse' });
    expect((await PostalMime.parse(message?.raw ?? '')).subject).toBe('가입해주셔서 감사합니다!');
    expect(attempt.outcomes).toMatchObject([
      { address: anne, verdict: 'ACCEPT', code: 250 },
      { address: bob, verdict: 'ACCEPT' },
    ]);
    expect(attempt.receipt).toMatchObject({ provider: 'localhost', accepted: [anne, bob], response: expect.stringMatching(/^250 /) });
    expect(attempt.steps.map(({ command }) => command.split(' ')[0])).toEqual(['MAIL', 'RCPT', 'RCPT', 'DATA', '.']);
    expect(JSON.stringify(attempt.steps)).not.toContain('horse');
  });

  it('holds only the bytes of a message while it waits for the gate', async () => {
    const message = sampleMessage();
    let held: unknown;
    const gate = async (replyWithinMs: number) => {
      held = [message.html, message.text];
      return await open(replyWithinMs);
    };
    await new MessageDelivery([client(server, ca)]).deliver(message, [anne], gate);
    expect(held).toEqual([undefined, undefined]);
    const { html, text } = await PostalMime.parse(server.messages[0]?.raw ?? '');
    expect([html, text]).toEqual([expect.stringContaining('안녕, Anne'), expect.stringContaining('안녕, Anne')]);
  });

  it('uses one connection and one login for mail after mail', async () => {
    const delivery = new MessageDelivery([client(server, ca)]);
    for (let n = 0; n < 5; n++) await delivery.deliver(sampleMessage(), [anne], open);
    expect(server).toMatchObject({ connectionCount: 1, loginCount: 1 });
    expect(server.messages).toHaveLength(5);
  });

  it('opens no more connections than the pool size; mails wait for one', async () => {
    const delivery = new MessageDelivery([client(server, ca, { query: '?pool=2' })]);
    await Promise.all(Array.from({ length: 10 }, () => delivery.deliver(sampleMessage(), [anne], open)));
    expect(server.connectionCount).toBe(2);
    expect(server.messages).toHaveLength(10);
  });

  it('gives each recipient its own outcome', async () => {
    server.replyTo('RCPT', { address: bob, reply: '451 4.7.1 Greylisted' });
    server.replyTo('RCPT', { address: 'eve@example.org', reply: '550 5.1.1 No such user' });
    const delivery = new MessageDelivery([client(server, ca)]);
    const attempt = await delivery.deliver(sampleMessage(), [bob, anne, 'eve@example.org'], open);
    expect(attempt.outcomes.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['RETRY', '451 4.7.1'],
      ['ACCEPT', expect.stringMatching(/^250/)],
      ['FAIL', '550 5.1.1'],
    ]);
    expect(attempt.receipt?.accepted).toEqual([anne]);
    expect(server.messages[0]?.to).toEqual([anne]);
  });

  it('keeps the connection after a refusal, and the next mail is not disturbed', async () => {
    const delivery = new MessageDelivery([client(server, ca)]);
    for (const phase of ['MAIL', 'RCPT', 'DATA', 'DOT'] as const) {
      server.replyTo(phase, { reply: '550 5.7.1 Refused', times: 1 });
      expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'FAIL', reason: '550 5.7.1' }]);
      expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    }
    expect(server.connectionCount).toBe(1);
    expect(server.messages).toHaveLength(4);
  });

  it('takes a fresh connection when the server has closed the idle one', async () => {
    const delivery = new MessageDelivery([client(server, ca)]);
    await delivery.deliver(sampleMessage(), [anne], open);
    server.closeAt('MAIL', { times: 1 });
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    server.killConnections();
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    expect(server.messages).toHaveLength(3);
  });

  it('closes an idle connection', async () => {
    await new MessageDelivery([client(server, ca, { timings: patient({ idle: 200 }) })]).deliver(sampleMessage(), [anne], open);
    await expect.poll(() => server.openConnections).toBe(0);
  });

  it('sends to the redirect address only, with the real recipients in a header', async () => {
    const delivery = new MessageDelivery([client(server, ca)], {
      redirectTo: { address: 'staging@example.com' },
      returnPath: 'bounces@example.com',
    });
    const attempt = await delivery.deliver(sampleMessage({ cc: [{ address: bob }] }), [anne, bob], open);
    expect(server.messages[0]).toMatchObject({ from: 'bounces@example.com', to: ['staging@example.com'] });
    const parsed = await PostalMime.parse(server.messages[0]?.raw ?? '');
    expect(parsed).toMatchObject({ to: [{ address: 'staging@example.com' }] });
    expect(parsed.cc).toBeUndefined();
    expect(parsed.headers.find(({ key }) => key === 'x-posthouse-recipients')?.value).toBe(`${anne}, ${bob}`);
    expect(attempt.outcomes.map(({ address, verdict }) => [address, verdict])).toEqual([
      [anne, 'ACCEPT'],
      [bob, 'ACCEPT'],
    ]);
  });

  it('fails a message that cannot be composed', async () => {
    const broken = sampleMessage({ attachments: [{ filename: 'a', content: undefined as unknown as string }] });
    await expect(new MessageDelivery([client(server, ca)]).deliver(broken, [anne], open)).rejects.toBeInstanceOf(MailFailure);
  });
});

describe('a provider that fails', () => {
  const deferred = (reason: string | RegExp, verdict = 'DEFER') => ({ verdict, reason: expect.stringMatching(reason) });

  it('with a certificate that cannot be verified: no login', async () => {
    const attempt = await new MessageDelivery([client(server, undefined)]).deliver(sampleMessage(), [anne], open);
    expect(attempt.outcomes).toMatchObject([deferred('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'OPEN')]);
    expect(attempt.detail).toMatch(/certificate/);
    expect(server.loginCount).toBe(0);
    expect(server.messages).toEqual([]);
  });

  it('with a certificate for another host: no login', async () => {
    const other = new SmtpServer({ ca, mode: 'starttls', hosts: ['elsewhere.example'] });
    await other.start();
    const here = { url: other.url.replace('elsewhere.example', 'localhost') };
    const attempt = await new MessageDelivery([client(here, ca)]).deliver(sampleMessage(), [anne], open);
    await other.stop();
    expect(attempt.outcomes).toMatchObject([{ verdict: 'OPEN' }]);
    expect(attempt.detail).toMatch(/altnames|certificate/i);
    expect(other.loginCount).toBe(0);
  });

  it('refuses the login or the connection: the mail is deferred', async () => {
    server.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials', times: 1 });
    const delivery = new MessageDelivery([client(server, ca)]);
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([deferred('535 5.7.8', 'OPEN')]);
    server.replyTo('CONNECT', { reply: '554 5.7.1 Go away', times: 1 });
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([deferred('554', 'OPEN')]);
    await server.stop();
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([deferred('ECONNREFUSED')]);
  });

  it('closes the connection after the message: the outcome is unknown', async () => {
    server.closeAt('DOT');
    const attempt = await new MessageDelivery([client(server, ca)]).deliver(sampleMessage(), [anne], open);
    expect(attempt.outcomes).toMatchObject([{ verdict: 'UNKNOWN', waitMs: 90_000 }]);
    expect(server.messages).toHaveLength(1);
  });

  it('replies 421: the mail is deferred and the connection closed', async () => {
    server.replyTo('DATA', { reply: '421 4.3.2 Shutting down', times: 1 });
    const delivery = new MessageDelivery([client(server, ca)]);
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([deferred('421 4.3.2', 'OPEN')]);
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
  });

  it('cannot be reached: the next provider is used', async () => {
    const down = new SmtpServer({ ca, mode: 'implicit-tls' });
    await down.start();
    await down.stop();
    const attempt = await new MessageDelivery([
      client(down, ca, { query: '?name=first' }),
      client(server, ca, { query: '?name=second' }),
    ]).deliver(sampleMessage(), [anne], open);
    expect(attempt).toMatchObject({ provider: 'second', detail: 'Skipped: first (ECONNREFUSED).', outcomes: [{ verdict: 'ACCEPT' }] });
  });
});
