import { MailFailure } from '@posthouse/contract';
import { CertificateAuthority, type SmtpPhase, SmtpServer } from '@posthouse/devkit';
import PostalMime from 'postal-mime';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import type { ProviderRoad } from '../src/provider-road.ts';
import { open, quick, roadTo, sampleMessage } from './sample-message.ts';

let ca: CertificateAuthority;
let server: SmtpServer;
const roads: ProviderRoad[] = [];

function road(...args: Parameters<typeof roadTo>): ReturnType<typeof roadTo> {
  const made = roadTo(...args);
  roads.push(made);
  return made;
}

const anne = 'anne@example.org';
const bob = 'bob@example.org';

beforeAll(async () => {
  ca = await CertificateAuthority.create();
});
beforeEach(async () => {
  server = new SmtpServer({ ca, mode: 'implicit-tls' });
  await server.start();
});
afterEach(async () => {
  for (const { pool } of roads.splice(0)) await pool.stop();
  await server.stop();
});

describe('a delivery', () => {
  it.each(['implicit-tls', 'starttls'] as const)('arrives over %s with a receipt and its steps', async (mode) => {
    const relay = new SmtpServer({ ca, mode });
    await relay.start();
    const delivered = await new MessageDelivery([road(relay, ca)]).deliver(sampleMessage(), [anne, bob], open);
    await relay.stop();

    const [message] = relay.messages;
    expect(message).toMatchObject({ from: 'hello@example.com', to: [anne, bob], authUser: 'posthouse' });
    expect((await PostalMime.parse(message?.raw ?? '')).subject).toBe('가입해주셔서 감사합니다!');
    expect(delivered.outcomes).toMatchObject([
      { address: anne, verdict: 'ACCEPT', code: 250 },
      { address: bob, verdict: 'ACCEPT' },
    ]);
    expect(delivered.receipt).toMatchObject({ provider: 'localhost', accepted: [anne, bob], response: expect.stringMatching(/^250 /) });
    expect(delivered.steps.map(({ command }) => command.split(' ')[0])).toEqual(['MAIL', 'RCPT', 'RCPT', 'DATA', '.']);
    expect(JSON.stringify(delivered.steps)).not.toContain('horse');
  });

  it('uses one connection and one login for mail after mail', async () => {
    const delivery = new MessageDelivery([road(server, ca)]);
    for (let n = 0; n < 5; n++) await delivery.deliver(sampleMessage(), [anne], open);
    expect(server).toMatchObject({ connectionCount: 1, loginCount: 1 });
    expect(server.messages).toHaveLength(5);
  });

  it('opens no more connections than the pool has, and serves those who wait', async () => {
    const delivery = new MessageDelivery([road(server, ca, { query: '?pool=2' })]);
    await Promise.all(Array.from({ length: 10 }, () => delivery.deliver(sampleMessage(), [anne], open)));
    expect(server.connectionCount).toBe(2);
    expect(server.messages).toHaveLength(10);
  });

  it('gives each recipient an outcome of its own', async () => {
    server.replyTo('RCPT', { address: bob, reply: '451 4.7.1 Greylisted' });
    server.replyTo('RCPT', { address: 'eve@example.org', reply: '550 5.1.1 No such user' });
    const delivery = new MessageDelivery([road(server, ca)]);
    const delivered = await delivery.deliver(sampleMessage(), [bob, anne, 'eve@example.org'], open);
    expect(delivered.outcomes.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['RETRY', '451 4.7.1'],
      ['ACCEPT', expect.stringMatching(/^250/)],
      ['FAIL', '550 5.1.1'],
    ]);
    expect(delivered.receipt?.accepted).toEqual([anne]);
    expect(server.messages[0]?.to).toEqual([anne]);
  });

  it('keeps the connection after a refusal, and the next mail is not disturbed', async () => {
    const delivery = new MessageDelivery([road(server, ca)]);
    for (const phase of ['MAIL', 'RCPT', 'DATA', 'DOT'] as const) {
      server.replyTo(phase, { reply: '550 5.7.1 Refused', times: 1 });
      expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'FAIL', reason: '550 5.7.1' }]);
      expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    }
    expect(server.connectionCount).toBe(1);
    expect(server.messages).toHaveLength(4);
  });

  it('takes a fresh connection when the server has closed the idle one', async () => {
    const delivery = new MessageDelivery([road(server, ca)]);
    await delivery.deliver(sampleMessage(), [anne], open);
    server.closeAt('MAIL', { times: 1 });
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    server.killConnections();
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    expect(server.messages).toHaveLength(3);
  });

  it('closes a connection that nobody uses', async () => {
    await new MessageDelivery([road(server, ca, { waits: quick })]).deliver(sampleMessage(), [anne], open);
    await expect.poll(() => server.openConnections, { timeout: quick.smtp.idle * 20 }).toBe(0);
  });

  it('sends to the redirect address only, and names the true recipients in a header', async () => {
    const delivery = new MessageDelivery([road(server, ca)], {
      redirectTo: { address: 'staging@example.com' },
      returnPath: 'bounces@example.com',
    });
    const delivered = await delivery.deliver(sampleMessage({ cc: [{ address: bob }] }), [anne, bob], open);
    expect(server.messages[0]).toMatchObject({ from: 'bounces@example.com', to: ['staging@example.com'] });
    const parsed = await PostalMime.parse(server.messages[0]?.raw ?? '');
    expect(parsed).toMatchObject({ to: [{ address: 'staging@example.com' }] });
    expect(parsed.cc).toBeUndefined();
    expect(parsed.headers.find(({ key }) => key === 'x-posthouse-recipients')?.value).toBe(`${anne}, ${bob}`);
    expect(delivered.outcomes.map(({ address, verdict }) => [address, verdict])).toEqual([
      [anne, 'ACCEPT'],
      [bob, 'ACCEPT'],
    ]);
  });

  it('fails a message that cannot be composed', async () => {
    const broken = sampleMessage({ attachments: [{ filename: 'a', content: undefined as unknown as string }] });
    await expect(new MessageDelivery([road(server, ca)]).deliver(broken, [anne], open)).rejects.toBeInstanceOf(MailFailure);
  });
});

describe('a provider in trouble', () => {
  const deferred = (reason: string | RegExp, verdict = 'DEFER') => ({ verdict, reason: expect.stringMatching(reason) });

  it('whose certificate cannot be verified is refused before the login', async () => {
    const delivered = await new MessageDelivery([road(server, undefined)]).deliver(sampleMessage(), [anne], open);
    expect(delivered.outcomes).toMatchObject([deferred('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'OPEN')]);
    expect(delivered.detail).toMatch(/certificate/);
    expect(server.loginCount).toBe(0);
    expect(server.messages).toEqual([]);
  });

  it('whose certificate is for another host is refused', async () => {
    const other = new SmtpServer({ ca, mode: 'starttls', hosts: ['elsewhere.example'] });
    await other.start();
    const here = { url: other.url.replace('elsewhere.example', 'localhost') };
    const delivered = await new MessageDelivery([road(here, ca)]).deliver(sampleMessage(), [anne], open);
    await other.stop();
    expect(delivered.outcomes).toMatchObject([{ verdict: 'OPEN' }]);
    expect(delivered.detail).toMatch(/altnames|certificate/i);
    expect(other.loginCount).toBe(0);
  });

  it('that refuses the login, or the connection, defers the mail', async () => {
    server.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials', times: 1 });
    const delivery = new MessageDelivery([road(server, ca)]);
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([deferred('535 5.7.8', 'OPEN')]);
    server.replyTo('CONNECT', { reply: '554 5.7.1 Go away', times: 1 });
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([deferred('554', 'OPEN')]);
    await server.stop();
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([deferred('ECONNREFUSED')]);
  });

  it.each([
    ['CONNECT', 'DEFER'],
    ['AUTH', 'DEFER'],
    ['MAIL', 'DEFER'],
    ['DATA', 'DEFER'],
    ['DOT', 'UNKNOWN'],
  ] as const)('that hangs at %s is left at the deadline: %s', async (phase, verdict) => {
    server.hangAt(phase);
    const delivered = await new MessageDelivery([road(server, ca, { waits: quick })]).deliver(sampleMessage(), [anne], open);
    expect(delivered.outcomes).toMatchObject([{ verdict }]);
    expect(delivered.durationMs).toBeLessThan(quick.smtp.transaction + 400);
  });

  it('that closes after the message leaves nobody knowing', async () => {
    server.closeAt('DOT');
    const delivered = await new MessageDelivery([road(server, ca)]).deliver(sampleMessage(), [anne], open);
    expect(delivered.outcomes).toMatchObject([{ verdict: 'UNKNOWN', waitMs: 90_000 }]);
    expect(server.messages).toHaveLength(1);
  });

  it('that says 421 defers the mail and loses the connection', async () => {
    server.replyTo('DATA', { reply: '421 4.3.2 Shutting down', times: 1 });
    const delivery = new MessageDelivery([road(server, ca)]);
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([deferred('421 4.3.2', 'OPEN')]);
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
  });

  it('is passed over for the next one', async () => {
    const down = new SmtpServer({ ca, mode: 'implicit-tls' });
    await down.start();
    await down.stop();
    const delivered = await new MessageDelivery([
      road(down, ca, { query: '?name=first' }),
      road(server, ca, { query: '?name=second' }),
    ]).deliver(sampleMessage(), [anne], open);
    expect(delivered).toMatchObject({ provider: 'second', outcomes: [{ verdict: 'ACCEPT' }] });
  });
});

describe('the gate', () => {
  it('that is shut keeps every byte of the message back, and the next mail is not disturbed', async () => {
    const made = road(server, ca);
    const delivery = new MessageDelivery([made]);
    const shut = await delivery.deliver(sampleMessage(), [anne], async () => ({ denied: 'cancelled' }));
    expect(shut).toMatchObject({ outcomes: [{ verdict: 'DEFER', reason: 'EGATE' }] });
    expect(shut.steps.at(-1)).toMatchObject({ command: 'CLOSED', reply: 'cancelled' });
    expect((await delivery.deliver(sampleMessage(), [anne], open)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    expect(server.messages).toHaveLength(1);
    expect(made.circuit.told).toEqual(['well', 'well']);
  });

  it('is asked once, after the server said 354, and not at all for a mail that nobody will take', async () => {
    const asked: number[] = [];
    const gate = async () => {
      asked.push(server.messages.length);
      return 'open' as const;
    };
    const delivery = new MessageDelivery([road(server, ca)]);
    server.replyTo('RCPT', { reply: '550 5.1.1 No such user', times: 1 });
    await delivery.deliver(sampleMessage(), [anne], gate);
    expect(asked).toEqual([]);
    await delivery.deliver(sampleMessage(), [anne], gate);
    expect(asked).toEqual([0]);
  });

  it('is not asked of another provider when it was shut', async () => {
    const second = new SmtpServer({ ca, mode: 'implicit-tls' });
    await second.start();
    const delivery = new MessageDelivery([road(server, ca, { query: '?name=first' }), road(second, ca, { query: '?name=second' })]);
    await delivery.deliver(sampleMessage(), [anne], async () => ({ denied: 'lease-lost' }));
    await second.stop();
    expect(second.connectionCount).toBe(0);
  });

  it('a mail that is lost before it is left at once; behind it the send goes on', async () => {
    const lost = new AbortController();
    server.hangAt('MAIL', { times: 1 });
    const delivery = new MessageDelivery([road(server, ca)]);
    const delivering = delivery.deliver(sampleMessage(), [anne], open, lost.signal);
    await expect.poll(() => server.loginCount).toBe(1);
    lost.abort();
    expect((await delivering).outcomes).toMatchObject([{ verdict: 'DEFER', reason: 'EGATE' }]);

    const late = new AbortController();
    const gate = async () => {
      setImmediate(() => late.abort());
      return 'open' as const;
    };
    expect((await delivery.deliver(sampleMessage(), [anne], gate, late.signal)).outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
  });
});

describe('the road to a provider', () => {
  it('tells the circuit what says something of the provider, and only that', async () => {
    const made = road(server, ca);
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
    const first = road(server, ca, { query: '?name=first' });
    first.circuit.isOpen = true;
    const alone = await new MessageDelivery([first]).deliver(sampleMessage(), [anne], open);
    expect(alone).toMatchObject({ provider: 'first', outcomes: [{ verdict: 'DEFER', reason: 'circuit-open' }] });
    const both = await new MessageDelivery([first, road(server, ca, { query: '?name=second' })]).deliver(sampleMessage(), [anne], open);
    expect(both).toMatchObject({ provider: 'second', outcomes: [{ verdict: 'ACCEPT' }] });
  });

  it('waits for its place in the line, and defers when that is too far away', async () => {
    const near = await new MessageDelivery([road(server, ca, { query: '?rate=10/s', place: 150 })]).deliver(sampleMessage(), [anne], open);
    expect(near.durationMs).toBeGreaterThanOrEqual(150);
    const far = await new MessageDelivery([road(server, ca, { query: '?rate=10/s', place: 600_000 })]).deliver(
      sampleMessage(),
      [anne],
      open,
    );
    expect(far.outcomes).toMatchObject([{ verdict: 'DEFER', reason: 'rate', waitMs: 600_000 }]);
  });

  it('lets those go who wait in the line when the worker stops or loses their mail', async () => {
    const stopping = road(server, ca, { query: '?rate=1/h', place: 200_000 });
    const waiting = new MessageDelivery([stopping]).deliver(sampleMessage(), [anne], open);
    await stopping.stop();
    expect((await waiting).outcomes).toMatchObject([{ verdict: 'DEFER', reason: 'EGATE' }]);
    const lost = new AbortController();
    const losing = new MessageDelivery([road(server, ca, { query: '?rate=1/h', place: 200_000 })]).deliver(
      sampleMessage(),
      [anne],
      open,
      lost.signal,
    );
    lost.abort();
    expect((await losing).outcomes).toMatchObject([{ verdict: 'DEFER', reason: 'EGATE' }]);
    expect(server.connectionCount).toBe(0);
  });

  it('opens the circuit for as long as the server names', async () => {
    const made = road(server, ca);
    server.replyTo('MAIL', { reply: '421 4.3.2 Try again in 2 hours', times: 1 });
    await new MessageDelivery([made]).deliver(sampleMessage(), [anne], open);
    expect(made.circuit.told).toEqual(['421 4.3.2 after 1 for 7200000']);
  });

  it('costs one refused login, however many mails wait for it', async () => {
    server.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials' });
    const made = road(server, ca, { query: '?pool=20' });
    const delivery = new MessageDelivery([made]);
    const delivered = await Promise.all(Array.from({ length: 20 }, () => delivery.deliver(sampleMessage(), [anne], open)));
    expect(delivered.every(({ outcomes }) => outcomes[0]?.verdict === 'OPEN')).toBe(true);
    expect(made.circuit.told).toEqual(['535 5.7.8 after 1 for 60000']);
    expect(server.connectionCount).toBe(1);
  });
});
