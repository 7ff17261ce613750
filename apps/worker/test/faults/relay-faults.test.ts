/** Limits and refusals of the relays that people use, at real workers: none of them uses an attempt, and no mail fails for one. */
import { type RelayName, type RelayRefusal, relayProfile, relayProfiles, type SmtpServer } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

/** `npm test` has the first row of a table, the fault run all of them: packages/delivery tests the same replies without processes. */
const rows = <Row>(table: readonly Row[]): readonly Row[] => (atFullSize ? table : table.slice(0, 1));
const mails = atFullSize ? 200 : 40;

/** Circuits that a quota has opened are probed soon, because each row needs that. */
const timings = {
  ...scaled,
  reply: { ...scaled.reply, senderNotAllowed: { initial: 300, max: 1000 } },
  circuit: { ...scaled.circuit, quota: { initial: 300, max: 1000 } },
};
const { office365, ses, gmail, 'workspace-relay': workspace, naver, qq } = relayProfiles;

/** More mails per second than workers here can send. */
const anyRate = 1_000_000;

type Limits = NonNullable<Parameters<typeof relayProfile>[1]>;

/** A relay that behaves like one that people use, with other numbers in its limits. */
async function startRelay(name: RelayName, limits: Limits = {}): Promise<SmtpServer> {
  return await fixture.startSmtp({ mode: relayProfiles[name].mode, profile: relayProfile(name, limits) });
}

/** Every mail is sent once, with one attempt. */
async function expectAllSent(fault: string, count = mails): Promise<void> {
  const { sent, failed, doubled, records } = await census(fixture, fault);
  expect({ sent, failed, doubled }).toEqual({ sent: count, failed: 0, doubled: 0 });
  expect(new Set(records.map(({ attemptCount }) => attemptCount))).toEqual(new Set([1]));
}

const alerts = () => fixture.logs.split('\n').filter((line) => line.includes('provider alert'));

describe('a limit of the relay', () => {
  it.each(
    rows<{ fault: string; relay: RelayName; limits: Limits; workers?: number }>([
      { fault: 'Office 365: 3 connections for two workers', relay: 'office365', limits: { connections: 3 }, workers: 2 },
      { fault: 'Exim: 3 connections, 10 messages each', relay: 'exim', limits: { connections: 3, messagesPerConnection: 10 } },
      { fault: 'QQ: 3 connections, refused with 550', relay: 'qq', limits: { connections: 3 } },
      { fault: 'Exim: 3 connections for two workers', relay: 'exim', limits: { connections: 3 }, workers: 2 },
      { fault: 'Amazon SES: 14 mails a second', relay: 'ses', limits: { rate: 14 } },
      { fault: 'Amazon SES: 14 mails a second for two workers', relay: 'ses', limits: { rate: 14 }, workers: 2 },
    ]),
  )('slows the workers down, and costs nothing else: $fault', async ({ fault, relay: name, limits, workers = 1 }) => {
    const relay = await startRelay(name, limits);
    await Promise.all(Array.from({ length: workers }, () => fixture.startWorker({ SMTP_URL: relay.url }, atFullSize ? {} : scaled)));
    await fixture.post(signUps(mails));
    await expectAllSent(fault);
    expect(alerts()).toEqual([]);
    expect(fixture.logs).not.toContain('circuit opened');
  });

  it('of ten messages a connection costs new connections, and at most twice the time', async () => {
    const unlimited = await startRelay('ses', { rate: anyRate });
    const limited = await startRelay('ses', { rate: anyRate, messagesPerConnection: 10 });
    const rounds = atFullSize ? 5 : 1;
    const seconds = { unlimited: 0, limited: 0 };
    for (let round = 1; round <= rounds; round++) {
      if (atFullSize) seconds.unlimited += await secondsFor(unlimited, 200);
      seconds.limited += await secondsFor(limited, 200);
    }
    const ratio = atFullSize ? `${(seconds.limited / seconds.unlimited).toFixed(2)} × the time without` : '';
    await expectAllSent(`ten messages a connection: ${ratio}`, fixture.acknowledged.length);
    // The rest is what remains open of each round's pool.
    expect(limited.connectionCount).toBeGreaterThanOrEqual(20 * rounds);
    expect(limited.connectionCount).toBeLessThanOrEqual(26 * rounds);
    expect(fixture.logs).not.toContain('circuit opened');
    const deferrals = await Promise.all(fixture.acknowledged.map(async (id) => (await fixture.record(id))?.deferralCount));
    expect(new Set(deferrals)).toEqual(new Set([0]));
  });

  /** How long one worker takes for that many mails, from the request to the last arrival. */
  async function secondsFor(relay: SmtpServer, count: number): Promise<number> {
    const worker = await fixture.startWorker({ SMTP_URL: relay.url });
    const startedAt = Date.now();
    const before = relay.arrivals.size;
    await fixture.post(signUps(count));
    await expect.poll(() => relay.arrivals.size).toBe(before + count);
    const seconds = (Date.now() - startedAt) / 1000;
    await worker.stop();
    return seconds;
  }
});

describe('a refusal of the account', () => {
  const quota = (relay: RelayName) => ({ relay, limits: { quota: mails / 2 } });

  it.each(
    rows<{ fault: string; relay: RelayName; limits?: Limits; refusal?: RelayRefusal }>([
      { fault: 'Office 365: quota as 554 5.2.0', ...quota('office365') },
      { fault: 'Naver: sender not authorized, 554 5.7.1', relay: 'naver', refusal: naver.refusals.senderNotAllowed },
      { fault: 'QQ: logins limited, 535', relay: 'qq', refusal: qq.limits.logins },
      { fault: 'Office 365: tenant over its threshold, 550 5.7.705', relay: 'office365', refusal: office365.refusals.tenantBlocked },
      { fault: 'Amazon SES: daily quota as 454', relay: 'ses', limits: { quota: mails / 2, rate: anyRate } },
      { fault: 'Amazon SES: sending paused, 554', relay: 'ses', limits: { rate: anyRate }, refusal: ses.refusals.paused },
      { fault: 'Gmail: daily limit as 550 5.4.5', ...quota('gmail') },
      { fault: 'Gmail: too many logins, 454 4.7.0', relay: 'gmail', refusal: gmail.refusals.tooManyLogins },
      { fault: 'Workspace relay: daily limit as 550 5.7.1', ...quota('workspace-relay') },
      { fault: 'Workspace relay: address not registered, 550 5.7.1', relay: 'workspace-relay', refusal: workspace.refusals.notRegistered },
    ]),
  )('waits with one alert, and all mails go out when it is lifted: $fault', async ({ fault, relay: name, limits, refusal }) => {
    const relay = await startRelay(name, limits);
    if (refusal !== undefined) relay.refuse(refusal);
    await fixture.startWorker({ SMTP_URL: relay.url, MAIL_FROM: 'hello@example.com' }, timings);
    relay.killConnections(); // so that the next mail needs a login
    await fixture.post(signUps(mails));
    await expect.poll(() => fixture.logs).toContain('consumer paused');
    await expect.poll(() => fixture.logs).toMatch(/probe (succeeded|failed)/);
    expect(alerts()).toHaveLength(1);
    relay.clearFaults();
    relay.resetLimits();
    await expectAllSent(fault);
    expect(alerts()).toHaveLength(1);
  });

  it.each(rows([office365.limits.quota, gmail.limits.quota]))(
    'that is a quota, in a 5yz reply: no mail fails, and the second provider has those beyond it: $reply',
    async ({ reply }) => {
      const first = await startRelay(reply === gmail.limits.quota.reply ? 'gmail' : 'office365', { quota: mails / 2 });
      await fixture.startWorker({ SMTP_URL: `${first.url}?name=first,${fixture.smtp.url}?name=second` });
      await fixture.post(signUps(mails));
      await expectAllSent(`quota as ${reply.slice(0, 3)} with a second provider`);
      expect(first.arrivals.size).toBe(mails / 2);
      expect(fixture.smtp.arrivals.size).toBe(mails / 2);
      expect(alerts()).toHaveLength(1);
    },
  );
});

if (atFullSize) {
  it('a client without a name in EHLO: nothing is sent, and the log says what to set; with MAIL_FROM the mails go out', async () => {
    const relay = await startRelay('workspace-relay');
    const url = relay.url.replace('localhost', '127.0.0.1');
    const nameless = await fixture.startWorker({ SMTP_URL: url });
    await fixture.post(signUps(mails));
    await expect.poll(() => fixture.logs).toContain('consumer paused');
    expect(nameless.output.join('\n')).toMatch(/no full name for EHLO.*MAIL_FROM/);
    await nameless.stop();
    await fixture.startWorker({ SMTP_URL: url, MAIL_FROM: 'hello@example.com' });
    await expectAllSent('Workspace relay: no name in EHLO, then MAIL_FROM');
    expect(relay.openingCommands.at(-1)).toMatch(/^AUTH/);
    expect(relay.openingCommands).toContain('EHLO example.com');
  });
}
