/** Notifications of incidents, with a real Redis: one message at the beginning and one at the end, from one process, whatever the target does. */
import { type IncidentMessage, limits } from '@posthouse/contract';
import { patientDurations } from '@posthouse/devkit';
import { Metrics } from '@posthouse/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { type IncidentChannel, IncidentNotifier } from '../../src/monitoring/incident-notifier.ts';
import { incidentsIn } from '../../src/monitoring/incidents.ts';
import { QueueMeter } from '../../src/monitoring/queue-measurement.ts';
import { addQueueMetrics } from '../../src/monitoring/queue-metrics.ts';
import { notifierKey } from '../../src/redis/keys.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const fixture = new OperationsFixture();
const notifiers: IncidentNotifier[] = [];
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(async () => {
  await setPolicy('noeviction');
  await fixture.start();
});
afterEach(async () => {
  await Promise.all(notifiers.splice(0).map((notifier) => notifier.stop()));
  await fixture.stop();
});

const { timings } = patientDurations();
const at = { ...timings.monitoring.notifier, intervalMs: 20, gone: 0 };
for (const kind of Object.keys(at.after)) at.after = { ...at.after, [kind]: 0 };
const quick = { ...timings, monitoring: { ...timings.monitoring, queueReading: 0, redisSettings: 0, notifier: at } };

/** An incident that begins and ends on demand: what was to be sent before it has been sent when its message comes. */
const setPolicy = (policy: string) => fixture.redis.config('SET', 'maxmemory-policy', policy);
const evicts = 'redis-not-durable began';

/** A process that notifies. @returns what it has sent */
async function notify(
  channel: Partial<IncidentChannel> = {},
  received: IncidentMessage[] = [],
  target = at.target,
): Promise<IncidentMessage[]> {
  const send = async (message: IncidentMessage) => void received.push(message);
  const monitoring = { ...quick.monitoring, notifier: { ...at, target } };
  const connection = await fixture.newRequestConnection({ ...quick, monitoring });
  const notifier = new IncidentNotifier(connection, { name: 'webhook', send, isQuiet: () => false, ...channel }, () => undefined);
  notifiers.push(notifier);
  await notifier.start();
  return received;
}
const names = (messages: readonly IncidentMessage[]) => messages.map(({ kind, event }) => `${kind} ${event}`);
/** Durability is another risk of this Redis, if its settings say so. */
const withoutForgets = (messages: readonly IncidentMessage[]) => messages.filter(({ subject }) => subject !== 'forgets');

it('sends one message at the beginning and one at the end, from one of three processes, also after that one has ended', async () => {
  const [{ id = '' } = {}] = await fixture.acceptedMails(1);
  const received = await notify();
  await notify({}, received);
  await notify({}, received);
  await expect.poll(() => names(withoutForgets(received))).toEqual(['no-worker began']);
  expect(received.find(({ kind }) => kind === 'no-worker')).toEqual({
    version: 1,
    event: 'began',
    kind: 'no-worker',
    severity: 'critical',
    summary: '1 mail is due and no worker runs',
    since: expect.stringMatching(/Z$/),
    runbook: 'docs/operations.md#posthousenoworker',
  });
  await notifiers.shift()?.stop();
  await setPolicy('allkeys-lru');
  await expect.poll(() => names(withoutForgets(received))).toEqual(['no-worker began', evicts]);
  await fixture.queue.cancel(id);
  await notifiers.shift()?.stop();
  await expect.poll(() => names(withoutForgets(received)).at(-1)).toBe('no-worker ended');
  await setPolicy('noeviction');
  const all = ['no-worker began', evicts, 'no-worker ended', 'redis-not-durable ended'];
  await expect.poll(() => names(withoutForgets(received))).toEqual(all);
  const summary = 'the risk that Redis may evict mails when it is full is over';
  expect(received.at(-1)).toMatchObject({ summary, until: expect.stringMatching(/Z$/) });
});

it('tries a message again that did not arrive, and gives up after some tries', async () => {
  const attempts: IncidentMessage[] = [];
  const send = async (message: IncidentMessage) => {
    attempts.push(message);
    throw new Error('refused');
  };
  const triesOf = (kind: string) => attempts.filter((message) => message.kind === kind).length;
  await fixture.acceptedMails(1);
  await notify({ send });
  await expect.poll(() => triesOf('no-worker')).toBe(limits.incidents.tries);
  await setPolicy('allkeys-lru');
  await expect.poll(() => triesOf('redis-not-durable')).toBeGreaterThanOrEqual(limits.incidents.tries);
  expect(triesOf('no-worker')).toBe(limits.incidents.tries);
});

it('a target that hangs holds up neither another channel nor the end of the process', async () => {
  await fixture.acceptedMails(1);
  await notify({ name: 'slack', send: () => new Promise(() => undefined) }, [], 50);
  const received = await notify();
  await expect.poll(() => names(received)).toContain('no-worker began');
  await notifiers[0]?.stop();
  // It may still arrive: another process waits for the end of the lease.
  expect(await fixture.redis.exists(notifierKey('slack'))).toBe(1);
});

it('keeps the lease while a message is being sent', async () => {
  await fixture.acceptedMails(1);
  const sendings: (() => void)[] = [];
  await notify({ send: () => new Promise((resolve) => void sendings.push(resolve)) });
  await expect.poll(() => sendings.length).toBe(1);
  await fixture.redis.pexpire(notifierKey('webhook'), at.lease / 2);
  await expect.poll(() => fixture.redis.pttl(notifierKey('webhook'))).toBeGreaterThan(at.lease / 2);
  expect(sendings.length).toBe(1);
  sendings[0]?.();
});

it('in quiet hours reports only that no worker runs, and the rest afterwards', async () => {
  let isQuiet = true;
  await setPolicy('allkeys-lru');
  const [{ id = '' } = {}] = await fixture.acceptedMails(1);
  const received = await notify({ isQuiet: () => isQuiet });
  await expect.poll(() => names(received)).toEqual(['no-worker began']);
  await fixture.queue.cancel(id);
  await expect.poll(() => names(received)).toEqual(['no-worker began', 'no-worker ended']);
  isQuiet = false;
  await expect.poll(() => names(received)).toContain(evicts);
});

it('does not report a Redis whose settings cannot be read; the metrics say so', async () => {
  const meter = new QueueMeter(await fixture.newRequestConnection(quick));
  const measured = await meter.measure();
  const risksOf = (redisRisks: typeof measured.redisRisks) =>
    incidentsIn({ ...measured, redisRisks }, { sent: 0, failed: 0 }, timings.monitoring).map(({ subject }) => subject);
  expect(risksOf(['unknown'])).toEqual([]);
  expect(risksOf(['evicts', 'forgets'])).toEqual(['evicts', 'forgets']);

  const overdue = (ms: number) => {
    const due = { ...measured.due, high: { mails: 1, oldestMs: ms } };
    return incidentsIn({ ...measured, workers: 1, due }, { sent: 0, failed: 0 }, timings.monitoring)[0]?.summary;
  };
  expect(overdue(61_000)).toBe('a mail of the priority high has been due for 1 minute');
  expect(overdue(120_000)).toBe('a mail of the priority high has been due for 2 minutes');

  const metrics = new Metrics('worker', '1');
  addQueueMetrics(metrics, meter);
  await fixture.redis.call('ACL', 'SETUSER', 'default', '-config');
  onTestFinished(async () => void (await fixture.redis.call('ACL', 'SETUSER', 'default', '+config')));
  const risks = [...(await metrics.text()).matchAll(/^posthouse_redis_risk\{risk="(\w+)"\} (\d)$/gm)].map(([, risk, value]) => [
    risk,
    value,
  ]);
  expect(Object.fromEntries(risks)).toEqual({ evicts: '0', forgets: '0', unknown: '1' });
});

it('says of a provider what its reply means, and of every refused login that it is one', async () => {
  const measured = await new QueueMeter(await fixture.newRequestConnection(quick)).measure();
  const incidentsOf = (reason: string, step: 'AUTH' | 'RCPT') => {
    const provider = { name: 'm365', host: 'smtp.example.com', circuit: 'open', reason, step } as const;
    const unused = { connections: 0, maxConnections: 1, pool: 1, isPaused: false, nextSlotMs: 0 };
    const found = incidentsIn({ ...measured, providers: [{ ...provider, ...unused }] }, { sent: 0, failed: 0 }, timings.monitoring);
    return found.filter(({ subject }) => subject === 'm365').map(({ kind, summary }) => `${kind}: ${summary}`);
  };
  expect(incidentsOf('550 5.7.30', 'AUTH')).toEqual([
    'circuit-open: the provider m365 is not used, because it fails: 550 5.7.30 (logins with a password are switched off (Microsoft 365); use OAuth)',
    'login-refused: the provider m365 refuses the login: 550 5.7.30 (logins with a password are switched off (Microsoft 365); use OAuth)',
  ]);
  expect(incidentsOf('450 4.7.1', 'RCPT')).toEqual([
    'circuit-open: the provider m365 is not used, because it fails: 450 4.7.1 (greylisted: asks to try again later)',
  ]);
});
