/** What a provider says about itself and its account: who waits, what its circuit hears, and who takes over. */
import { relayProfile, relayProfiles, SmtpServer } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { anne, ca, client, server, useRelay } from './relay-fixture.ts';
import { open, patient, sampleMessage } from './sample-message.ts';

useRelay();

const envelope = { from: 'hello@example.com', to: [anne] };
const message = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
const { office365, naver, gmail, qq, ses } = relayProfiles;

describe('a quota in a permanent refusal', () => {
  it.each([office365.limits.quota, office365.refusals.dailyRecipientLimit, office365.refusals.tenantBlocked, gmail.limits.quota])(
    'fails no mail: the circuit opens, an alert is raised, and the next provider takes over at once: $reply',
    async ({ phase, reply }) => {
      server.replyTo(phase, { reply });
      const second = new SmtpServer({ ca, mode: 'implicit-tls' });
      await second.start();
      const first = client(server, ca, { query: '?name=first' });
      const delivery = new MessageDelivery([first, client(second, ca, { query: '?name=second' })]);
      expect(await delivery.deliver(sampleMessage(), [anne], open)).toMatchObject({
        provider: 'second',
        outcomes: [{ verdict: 'ACCEPT' }],
      });
      expect(first.circuit.reports).toEqual([expect.stringMatching(/^5\d\d .* after 1 for 600000, (quota|suspended)$/)]);
      expect(first.alerts).toHaveLength(1);
      await second.stop();
    },
  );

  it('puts the mail back without an attempt where there is no other provider; the circuit waits as long as the relay says', async () => {
    const made = client(server, ca);
    server.replyTo('DATA', { reply: '554 Your account is on probation. Account will be enabled in 7200 seconds' });
    const attempt = await made.deliver(envelope, message, open);
    expect(attempt.outcomes).toMatchObject([{ verdict: 'OPEN', step: 'DATA', reason: '554' }]);
    expect(attempt.outcomes[0]).not.toHaveProperty('waitMs');
    expect(made.circuit.reports).toEqual(['554 after 1 for 7200000, quota']);
  });

  it('counts on a reused connection as well, whatever the code', async () => {
    const made = client(server, ca);
    await made.deliver(envelope, message, open);
    server.replyTo('DATA', { reply: '421 Domain example.org is not allowed to send: recipient limit exceeded' });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'OPEN' }] });
    expect(server.connectionCount).toBe(1);
    expect(made.circuit.reports).toEqual(['healthy', '421 after 1 for 600000, quota']);
  });
});

describe('a busy provider', () => {
  const busy = { reply: '451 4.3.0 Busy' };

  it('uses no attempt while it accepts nothing else, and hears of each mail once', async () => {
    const made = client(server, ca);
    server.replyTo('DOT', { ...busy, times: 3 });
    const lastTriedAt = Date.now() - 1000;
    for (const deferralCount of [0, 1, 2]) {
      const history = { deferralCount, ...(deferralCount > 0 && { lastTriedAt }) };
      const attempt = await made.deliver(envelope, message, open, undefined, history);
      expect(attempt.outcomes).toMatchObject([{ verdict: 'DEFER', waitMs: 1000 * 2 ** deferralCount }]);
    }
    expect(made.circuit.reports).toEqual(['451 4.3.0 after 5 for 30000']);
    expect(made.pool.limit).toBe(1);
  });

  it('that accepted another mail since the last try is not busy: the mail uses an attempt, and the circuit stays closed', async () => {
    const made = client(server, ca, { query: '?pool=4' });
    server.replyTo('DOT', { ...busy, address: 'poison@example.org' });
    const poison = { ...envelope, to: ['poison@example.org'] };
    expect(await made.deliver(poison, message, open)).toMatchObject({ outcomes: [{ verdict: 'DEFER' }] });
    const lastTriedAt = Date.now() - 60_000;
    await made.deliver(envelope, message, open);
    const attempt = await made.deliver(poison, message, open, undefined, { deferralCount: 1, lastTriedAt });
    expect(attempt.outcomes).toMatchObject([{ verdict: 'RETRY', reason: '451 4.3.0' }]);
    expect(attempt.outcomes[0]).not.toHaveProperty('waitMs');
    expect(made.circuit.reports).toEqual(['451 4.3.0 after 5 for 30000', 'healthy', 'healthy']);
    expect(made.pool.limit).toBe(2);
  });

  it.each([office365.limits.connections.reply, '432 4.3.2 Concurrent connections limit exceeded.'])(
    'in words that are known to be about the account never uses an attempt, also while others are accepted: %s',
    async (reply) => {
      const made = client(server, ca);
      server.replyTo('MAIL', { reply, times: 1 });
      await made.deliver(envelope, message, open);
      const lastTriedAt = Date.now() - 60_000;
      await made.deliver(envelope, message, open);
      server.replyTo('MAIL', { reply, times: 1 });
      const attempt = await made.deliver(envelope, message, open, undefined, { deferralCount: 3, lastTriedAt });
      expect(attempt.outcomes).toMatchObject([{ verdict: 'DEFER', reason: '432 4.3.2', waitMs: 8000 }]);
      expect(made.circuit.reports).toEqual(['432 4.3.2 after 5 for 30000, busy', 'healthy', '432 4.3.2 after 5 for 30000, busy']);
    },
  );

  it('that refuses several mails at the same time has failed once: it was not asked for less in between', async () => {
    const made = client(server, ca, { query: '?pool=4' });
    await Promise.all(Array.from({ length: 4 }, () => made.deliver(envelope, message, open)));
    made.circuit.reports.length = 0;
    server.replyTo('MAIL', { ...office365.limits.connections, times: 4 });
    const attempts = await Promise.all(Array.from({ length: 4 }, () => made.deliver(envelope, message, open)));
    expect(new Set(attempts.map(({ outcomes }) => outcomes[0]?.verdict))).toEqual(new Set(['DEFER']));
    expect(made.circuit.reports).toEqual(['432 4.3.2 after 5 for 30000, busy']);
    expect(made.pool.limit).toBe(2);
  });

  it('that takes nothing over one connection either is left alone for a while, and longer each time', async () => {
    const made = client(server, ca, { query: '?pool=1', timings: patient({ pause: 500, pauseMax: 1000 }) });
    server.replyTo('MAIL', { ...office365.limits.connections, times: 2 });
    for (let pause = 1; pause <= 2; pause++) {
      expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'DEFER' }] });
      expect(made.pool.isPausing).toBe(true);
    }
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    expect(made.pool.isPausing).toBe(false);
  });

  it('with three connections for five gets all mails', async () => {
    const relay = new SmtpServer({ ca, mode: 'starttls', profile: relayProfile('office365', { connections: 3 }) });
    await relay.start();
    const made = client(relay, ca);
    const deliver = async (): Promise<void> => {
      const { outcomes } = await made.deliver(envelope, message, open);
      if (outcomes[0]?.verdict === 'DEFER') await deliver();
      else expect(outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    };
    await Promise.all(Array.from({ length: 30 }, deliver));
    expect(relay.messages).toHaveLength(30);
    expect(made.pool.limit).toBeLessThanOrEqual(3);
    await made.pool.stop();
    await relay.stop();
  });
});

describe('a sending rate', () => {
  const exceeded = { ...ses.limits.rate, times: 1 };

  it('that is exceeded makes the other mails in progress wait for a moment; none of them is put back, and no connection is closed', async () => {
    const made = client(server, ca, { timings: patient({ pause: 500 }) });
    server.replyTo('DOT', exceeded);
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'DEFER', waitMs: 10_000 }] });
    expect(made.pool).toMatchObject({ isPausing: true, limit: made.provider.pool });
    expect(await made.deliver(envelope, message, open)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    expect(made.pool.isPausing).toBe(false);
    expect(server.connectionCount).toBe(1);
    expect(made.circuit.reports).toEqual(['454 after 10 for 30000, rate', 'healthy']);
  });

  it('of one provider lets the next one take the mails at once', async () => {
    const first = client(server, ca, { query: '?name=first', timings: patient({ pause: 60_000, pauseMax: 60_000 }) });
    const second = new SmtpServer({ ca, mode: 'implicit-tls' });
    await second.start();
    server.replyTo('DOT', exceeded);
    await first.deliver(envelope, message, open);
    const delivery = new MessageDelivery([first, client(second, ca, { query: '?name=second' })]);
    expect(await delivery.deliver(sampleMessage(), [anne], open)).toMatchObject({ provider: 'second', outcomes: [{ verdict: 'ACCEPT' }] });
    expect(first.pool.isPausing).toBe(true);
    await second.stop();
  });
});

describe('a limit of the rate of connections', () => {
  const frequency = qq.limits.connections;

  it('opens the circuit as for a busy provider, not as for a refused login, without an alert; then fewer connections are used', async () => {
    const made = client(server, ca);
    server.replyTo(frequency.phase, frequency);
    expect(await made.deliver(envelope, message, open)).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'OPEN' }] });
    expect(made.circuit.reports).toEqual(['550 after 1 for 30000, connection-rate']);
    expect(made.alerts).toEqual([]);
    expect(made.pool.limit).toBe(made.provider.pool / 2);
  });

  it('leaves the connections that are open: the mails wait for those', async () => {
    const relay = new SmtpServer({ ca, mode: 'implicit-tls', profile: relayProfile('qq', { connections: 1 }) });
    await relay.start();
    const made = client(relay, ca);
    const attempts = await Promise.all(Array.from({ length: 10 }, () => made.deliver(envelope, message, open)));
    expect(new Set(attempts.map(({ outcomes }) => outcomes[0]?.verdict))).toEqual(new Set(['ACCEPT']));
    expect(new Set(made.circuit.reports)).toEqual(new Set(['healthy']));
    await made.pool.stop();
    await relay.stop();
  });
});

describe('a sender that the account may not use', () => {
  const refused = { ...naver.refusals.senderNotAllowed };

  it("waits with an alert: it may be every mail's. The circuit opens after five such mails", async () => {
    const made = client(server, ca);
    server.refuse(refused);
    const attempt = await made.deliver(envelope, message, open);
    expect(attempt.outcomes).toMatchObject([{ verdict: 'DEFER', waitMs: 60_000 }]);
    expect(made.circuit.reports).toEqual(['554 5.7.1 after 5 for 600000, sender-not-allowed']);
    expect(made.alerts).toEqual(['554 5.7.1']);
  });

  it("is this mail's own where others are accepted: it fails", async () => {
    const made = client(server, ca);
    server.refuse(refused, { times: 1 });
    await made.deliver(envelope, message, open);
    const lastTriedAt = Date.now() - 60_000;
    await made.deliver(envelope, message, open);
    server.refuse(refused, { times: 1 });
    expect(await made.deliver(envelope, message, open, undefined, { deferralCount: 1, lastTriedAt })).toMatchObject({
      outcomes: [{ verdict: 'FAIL', reason: '554 5.7.1' }],
    });
  });
});

describe('too many recipients', () => {
  const all = { from: 'hello@example.com', to: ['a@example.org', 'b@example.org', 'c@example.org'] };

  it('of which some are accepted: the others follow at once', async () => {
    server.replyTo('RCPT', { reply: '452 4.5.3 Too many recipients', address: 'c@example.org', times: 1 });
    const { outcomes } = await client(server, ca).deliver(all, message, open);
    expect(outcomes).toMatchObject([{ verdict: 'ACCEPT' }, { verdict: 'ACCEPT' }, { verdict: 'RETRY', waitMs: 0 }]);
  });

  it.each([{ to: ['a@example.org'] }, { to: all.to }])(
    'of which none is accepted: nothing was achieved, so the mail waits: $to',
    async ({ to }) => {
      server.replyTo('RCPT', { reply: '452 4.5.3 Too many recipients' });
      const made = client(server, ca);
      for (const deferralCount of [0, 1, 2]) {
        const { outcomes } = await made.deliver({ ...all, to }, message, open, undefined, { deferralCount });
        expect(new Set(outcomes.map(({ verdict, waitMs }) => `${verdict} ${waitMs}`))).toEqual(
          new Set([`DEFER ${60_000 * 2 ** deferralCount}`]),
        );
      }
    },
  );

  it('of which the accepted ones are lost with the message: the mail waits', async () => {
    server.replyTo('RCPT', { reply: '452 4.5.3 Too many recipients', address: 'c@example.org' });
    server.replyTo('DOT', { reply: '451 4.7.1 Later' });
    const { outcomes } = await client(server, ca).deliver(all, message, open);
    expect(outcomes).toMatchObject([{ verdict: 'RETRY' }, { verdict: 'RETRY' }, { verdict: 'DEFER', waitMs: 60_000 }]);
  });
});
