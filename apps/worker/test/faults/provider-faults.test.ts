/** Faults of a provider's account: password and certificate; and failover to a second provider. */
import { CertificateAuthority } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, secrets, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

/** Connections of a worker's pool: each may be refused once. */
const pool = 10;

describe('an account', () => {
  it('with a wrong password for a while: few logins, no attempt used, all delivered without a restart', {
    timeout: 600_000,
  }, async () => {
    const right = fixture.smtp.url;
    fixture.smtp.setPassword('another');
    const timings = atFullSize ? {} : scaled;
    const worker = await fixture.startWorker({ SMTP_URL: right }, timings);
    await fixture.post(signUps(200));
    // In production a probe follows after one minute, and the next one after two more.
    await expect.poll(failedProbes, { timeout: 120_000 }).toBeGreaterThanOrEqual(atFullSize ? 1 : 2);
    // One at the start, one for each probe, and one of a probe that has not ended.
    expect(refusedLogins()).toBeLessThanOrEqual(failedProbes() + 2);
    fixture.smtp.setPassword(secrets.smtpPassword);
    const { sent, failed, doubled, records } = await census(fixture, 'wrong password, 200 mails waiting', 300_000);
    expect({ sent, failed, doubled }).toEqual({ sent: 200, failed: 0, doubled: 0 });
    for (const { attemptCount } of records) expect(attemptCount).toBe(1);
    expect(worker.output.join('\n')).not.toContain(secrets.smtpPassword);
  });

  it.each([
    {
      fault: 'credentials revoked while mails are sent',
      inject: async () => fixture.smtp.setPassword('another'),
      fix: async () => fixture.smtp.setPassword(secrets.smtpPassword),
    },
    {
      fault: 'certificate swapped while mails are sent',
      inject: async () => fixture.smtp.swapCertificate({ ca: await CertificateAuthority.create() }),
      fix: () => fixture.smtp.swapCertificate(),
    },
  ])('$fault: one refusal for each connection, then only probes', async ({ fault, inject, fix }) => {
    await fixture.startWorker({ SMTP_URL: `${fixture.smtp.url}?rate=50/s` });
    await fixture.post(signUps(150, { onUncertain: 'hold' }));
    await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(20);
    await inject();
    const before = fixture.smtp.connectionCount;
    fixture.smtp.killConnections();
    await expect.poll(() => fixture.logs).toContain('consumer paused');
    await expect.poll(failedProbes).toBeGreaterThan(1);
    expect(fixture.smtp.connectionCount - before).toBeLessThanOrEqual(pool + failedProbes() + 1);
    await fix();
    const { sent, uncertain, failed, doubled, records } = await census(fixture, fault);
    expect({ failed, doubled, ended: sent + uncertain }).toEqual({ failed: 0, doubled: 0, ended: 150 });
    // A connection that was closed in the middle of a message leaves an unknown outcome.
    expect(uncertain).toBeLessThanOrEqual(pool);
    for (const { attemptCount } of records) expect(attemptCount).toBe(1);
  });

  it('with a wrong password on one worker of two: the other worker delivers', async () => {
    const wrong = fixture.smtp.url.replace(/:[^:@]+@/, ':wrong@');
    await Promise.all([fixture.startWorker({ SMTP_URL: wrong }), fixture.startWorker()]);
    await fixture.post(signUps(100));
    const { sent, doubled, records } = await census(fixture, 'one worker of two with a wrong password');
    expect({ sent, doubled }).toEqual({ sent: 100, doubled: 0 });
    for (const { attemptCount } of records) expect(attemptCount).toBe(1);
  });
});

describe('two providers', () => {
  it('the first refuses connections: mails arrive through the second, and the record names it', async () => {
    const second = await fixture.startSmtp();
    await fixture.startWorker({ SMTP_URL: `${fixture.smtp.url}?name=first,${second.url}?name=second` });
    await fixture.smtp.stop();
    await fixture.post(signUps(100));
    const { sent, doubled, records } = await census(fixture, 'first provider of two down');
    expect({ sent, doubled }).toEqual({ sent: 100, doubled: 0 });
    for (const { attemptCount, receipt } of records)
      expect({ attemptCount, provider: receipt?.provider }).toEqual({ attemptCount: 1, provider: 'second' });
    // It comes back: new mails go through the first provider again.
    await fixture.smtp.start();
    await expect.poll(() => fixture.logs).toContain('probe succeeded');
    await fixture.post(signUps(5));
    expect(await census(fixture, 'first provider of two up again')).toMatchObject({ sent: 105, doubled: 0 });
    expect(fixture.smtp.arrivals.size).toBe(5);
  });
});

describe('a provider that takes small mails only', () => {
  const mode = 'implicit-tls';
  const profile = { title: 'small', mode, ehlo: ['SIZE 100000', 'AUTH LOGIN'], limits: {}, refusals: {} } as const;
  const attachments = [{ filename: 'a.txt', content: Buffer.alloc(100_000, 'a').toString('base64') }];
  const mails = () => [...signUps(20), ...signUps(20, { attachments })];

  it('the next one takes the large ones; without one they fail with the reason, and the small ones are sent', async () => {
    const small = await fixture.startSmtp({ profile });
    const worker = await fixture.startWorker({ SMTP_URL: `${small.url}?name=small,${fixture.smtp.url}?name=large` });
    await fixture.post(mails());
    const both = await census(fixture, 'first provider of two takes small mails only');
    expect(both).toMatchObject({ sent: 40, doubled: 0 });
    expect(both.records.map(({ receipt }) => receipt?.provider)).toEqual([...Array(20).fill('small'), ...Array(20).fill('large')]);
    for (const { attemptCount, deferralCount } of both.records)
      expect({ attemptCount, deferralCount }).toEqual({ attemptCount: 1, deferralCount: 0 });
    await worker.stop();

    fixture.acknowledged.length = 0;
    fixture.begunAt = 0;
    await fixture.startWorker({ SMTP_URL: `${small.url}?name=small` });
    await fixture.post(mails());
    const alone = await census(fixture, 'the only provider takes small mails only');
    expect(alone).toMatchObject({ sent: 20, failed: 20, doubled: 0 });
    for (const { state, attempts } of alone.records.slice(20))
      expect({ state, attempts }).toMatchObject({ state: 'failed', attempts: [{ reason: 'too-large-for-provider' }] });
  });
});

function failedProbes(): number {
  return fixture.logs.match(/probe failed/g)?.length ?? 0;
}

function refusedLogins(): number {
  return fixture.smtp.connectionCount - fixture.smtp.loginCount;
}
