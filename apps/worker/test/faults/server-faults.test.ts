/** Faults of an SMTP server: down, silent, slow, and refusing some recipients. */
import { timings } from '@posthouse/contract';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, signUp, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();

/** The timings of production that decide whose a mail is, all divided by the same number. */
function dividedBy(divisor: number): object {
  const divide = (group: object) =>
    Object.fromEntries(Object.entries(group).map(([name, ms]) => [name, typeof ms === 'number' ? ms / divisor : ms]));
  const { smtp, reply, heartbeat, queue } = timings;
  return {
    smtp: { dot: smtp.dot / divisor },
    reply: divide(reply),
    // Shorter than the reply takes, but not so short that a busy worker misses it.
    heartbeat: { ...divide(heartbeat), gone: Math.min(heartbeat.gone, 60_000 / divisor) },
    queue: divide({ lock: queue.lock, stalled: queue.stalled }),
  };
}

/** The server may take that long, in ms, in a phase whose deadline the test waits for. */
const withDeadline = (phase: object) => ({ ...scaled, smtp: { ...scaled.smtp, ...phase } });

beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

describe('an SMTP server', () => {
  it('is down: no attempt is used, few probes, and all mails are delivered after', async () => {
    const mails = atFullSize ? 1000 : 100;
    await Promise.all([fixture.startWorker(), fixture.startWorker()]);
    await fixture.smtp.stop();
    const down = performance.now();
    await fixture.post(signUps(mails));
    await expect.poll(() => fixture.logs).toContain('consumer paused');
    const probes = () => fixture.logs.match(/probe failed/g)?.length ?? 0;
    await expect.poll(probes, { timeout: 120_000 }).toBeGreaterThanOrEqual(atFullSize ? 30 : 2);
    // Backoff of 0.5, 1, 2, 2, … s instead of 10 s to 5 m.
    expect(probes()).toBeLessThanOrEqual((performance.now() - down) / scaled.circuit.unreachable.max + 3);
    await fixture.smtp.start();
    const { sent, doubled, records } = await census(fixture, 'SMTP server down, 60 s scaled from 10 min', 60_000);
    expect({ sent, doubled }).toEqual({ sent: mails, doubled: 0 });
    for (const { attemptCount } of records) expect(attemptCount).toBe(1);
  });

  it('does not reply to DATA: the mail is sent again, once', async () => {
    fixture.smtp.hangAt('DATA', { times: 3 });
    await fixture.startWorker({}, withDeadline({ data: 3000 }));
    await fixture.post(signUps(10));
    const { sent, doubled, records } = await census(fixture, 'no reply to DATA');
    expect({ sent, doubled }).toEqual({ sent: 10, doubled: 0 });
    for (const { attemptCount } of records) expect(attemptCount).toBe(1);
  });

  describe.each(['hangAt', 'closeAt'] as const)('after the message does %s', (fault) => {
    it.each([
      ['resend', { sent: 10, uncertain: 0, doubled: 3 }],
      ['hold', { sent: 7, uncertain: 3, doubled: 0 }],
    ])('leaves an unknown outcome: %s', async (onUncertain, ends) => {
      fixture.smtp[fault]('DOT', { times: 3 });
      await fixture.startWorker({}, withDeadline({ dot: 3000 }));
      await fixture.post(signUps(10, { onUncertain }));
      const row = `${fault === 'hangAt' ? 'no reply' : 'close'} after the message, ${onUncertain}`;
      const { sent, uncertain, doubled, records } = await census(fixture, row);
      expect({ sent, uncertain, doubled }).toEqual(ends);
      expect(records.filter(({ attempts }) => attempts[0]?.verdict === 'UNKNOWN')).toHaveLength(3);
    });
  });

  it('replies 250 after 65 s, as one that scans the message first: one copy', async () => {
    const divisor = atFullSize ? 1 : 20;
    fixture.smtp.delayAt('DOT', { delayMs: 65_000 / divisor });
    await Promise.all([fixture.startWorker({}, dividedBy(divisor)), fixture.startWorker({}, dividedBy(divisor))]);
    await fixture.post(signUps(5));
    const { sent, doubled, records } = await census(fixture, '250 only after 65 s', 100_000);
    expect({ sent, doubled }).toEqual({ sent: 5, doubled: 0 });
    for (const { attemptCount, attempts } of records) {
      expect(attemptCount).toBe(1);
      expect(attempts[0]?.durationMs).toBeGreaterThanOrEqual(65_000 / divisor);
    }
  });

  it('never replies to one message: it is sent twice, and then a person decides', async () => {
    const impatient = { ...withDeadline({ dot: 2000 }), reply: { ...scaled.reply, unknown: 100 } };
    fixture.smtp.hangAt('DOT', { address: 'reader-1@example.net' });
    await fixture.startWorker({}, impatient);
    await fixture.post(signUps(3));
    const { sent, uncertain, doubled, records } = await census(fixture, 'never a reply to one message, resend');
    expect({ sent, uncertain, doubled }).toEqual({ sent: 2, uncertain: 1, doubled: 1 });
    expect(records[1]).toMatchObject({ state: 'uncertain', attemptCount: 2, unansweredCount: 2, recipients: [{ reason: 'EDEADLINE' }] });
  });

  it('sends a reply byte by byte: the deadline ends it, other connections go on', async () => {
    fixture.smtp.trickleAt('RCPT', { gapMs: 1000, address: 'reader-3@example.net', times: 1 });
    await fixture.startWorker({}, withDeadline({ rcpt: 3000 }));
    await fixture.post(signUps(50));
    const { sent, doubled, records } = await census(fixture, 'a reply sent byte by byte');
    expect({ sent, doubled }).toEqual({ sent: 50, doubled: 0 });
    const [slow] = records.splice(3, 1);
    expect(slow).toMatchObject({ attemptCount: 1, deferralCount: 1, lastDeferral: { reason: 'EDEADLINE' } });
    for (const { attemptCount, deferralCount } of records)
      expect({ attemptCount, deferralCount }).toEqual({ attemptCount: 1, deferralCount: 0 });
  });

  it('refuses some recipients: each has its own outcome, and accepted ones are never sent to again', async () => {
    fixture.smtp.replyTo('RCPT', { address: 'later@example.net', reply: '450 4.2.0 Greylisted', times: 1 });
    fixture.smtp.replyTo('RCPT', { address: 'busy@example.net', reply: '451 4.7.1 Try again', times: 2 });
    fixture.smtp.replyTo('RCPT', { address: 'gone@example.net', reply: '550 5.1.1 No such user' });
    await fixture.startWorker();
    await fixture.post([signUp(1, { to: ['anne@example.net', 'later@example.net', 'busy@example.net', 'gone@example.net'] })]);
    const { doubled, records } = await census(fixture, 'recipients rejected with 250, 450, 451, 550');
    expect(doubled).toBe(0);
    expect(records).toMatchObject([
      {
        state: 'sent',
        partial: true,
        attemptCount: 3,
        recipients: [{ state: 'accepted' }, { state: 'accepted' }, { state: 'accepted' }, { state: 'rejected', reason: '550 5.1.1' }],
      },
    ]);
    expect(fixture.smtp.arrivals.size).toBe(3);
  });
});
