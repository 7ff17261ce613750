/** Limits and refusals of real relays, at real workers. */
import { relayProfile, SmtpServer } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { census } from './census.ts';
import { FaultFixture, secrets, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

/** A relay that behaves like one that people use, with other numbers in its limits. */
async function startRelay(...profile: Parameters<typeof relayProfile>): Promise<SmtpServer> {
  const { mode } = relayProfile(...profile);
  const relay = new SmtpServer({ ca: fixture.ca, mode, profile: relayProfile(...profile), pass: secrets.smtpPassword, keep: false });
  fixture.servers.push(relay);
  await relay.start();
  return relay;
}

describe('a relay that ends each connection after ten messages', () => {
  it('costs new connections: no attempt, no deferral, no open circuit', async () => {
    const relay = await startRelay('ses', { messagesPerConnection: 10, rate: 1_000_000 });
    await fixture.startWorker({ SMTP_URL: relay.url });
    await fixture.post(signUps(200));
    const { sent, doubled, records } = await census(fixture, 'ten messages a connection');
    expect({ sent, doubled }).toEqual({ sent: 200, doubled: 0 });
    for (const { attemptCount, deferralCount } of records)
      expect({ attemptCount, deferralCount }).toEqual({ attemptCount: 1, deferralCount: 0 });
    expect(relay.connectionCount).toBeGreaterThanOrEqual(20);
    expect(fixture.logs).not.toContain('circuit opened');
  });
});
