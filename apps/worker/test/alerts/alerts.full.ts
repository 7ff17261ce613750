/**
 * Every alert rings in a real run in which something fails, and stops when it is repaired: real processes give the metrics, before, during and after, and
 * promtool evaluates the rules over time that passes only there. For `npm run test:alerts`, because it needs promtool.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createApiKey, hashApiKey } from '@posthouse/access';
import { AppProcess, parseMetrics, type Samples } from '@posthouse/devkit';
import { newMailId, newRecord } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { FaultFixture, scaled, secrets, signUp, signUps } from '../faults/fault-fixture.ts';
import { envelope } from '../worker-fixture.ts';

const rules = fileURLToPath(new URL('../../../../deploy/prometheus/posthouse.rules.yml', import.meta.url));
const metricsKey = createApiKey();
const fixture = new FaultFixture();

beforeAll(async () => {
  await fixture.start();
  await fixture.startApi({ API_KEYS: `test:${hashApiKey(secrets.apiKey)},prometheus:${hashApiKey(metricsKey)}:metrics` });
});
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

const urlOf = (app: { output: readonly string[] }) => /http:\/\/127\.0\.0\.1:\d+/.exec(app.output.join('\n'))?.[0];

/** What Prometheus would read of the API and of the other processes, each as an instance of its own. Times count from now, as promtool's clock begins at 0. */
async function scrape(workers: readonly { output: readonly string[] }[] = fixture.workers): Promise<Samples> {
  const all = new Map<string, number>();
  for (const app of [fixture.api, ...workers]) {
    const response = await fetch(`${urlOf(app)}/metrics`, { headers: { authorization: `Bearer ${metricsKey}` } });
    expect(response.status).toBe(200);
    for (const [name, value] of parseMetrics(await response.text())) {
      if (!name.startsWith('posthouse_') || name.includes('_bucket')) continue;
      const instance = `instance="${urlOf(app)}"`;
      const shown = name.includes('_timestamp_seconds') ? Math.round(value - Date.now() / 1000) : value;
      all.set(name.includes('{') ? name.replace('{', `{${instance},`) : `${name}{${instance}}`, shown);
    }
  }
  return all;
}

/** What the API says of the queue, once that is so. @param workers that must say it too: each measures the queue for itself */
const queueSays =
  (name: string, workers: typeof fixture.workers = [], label = '') =>
  async () => {
    const samples = [...(await scrape(workers))].filter(([sample]) => sample.startsWith(name) && sample.includes(label));
    return samples.reduce((sum, [, value]) => sum + value, 0);
  };

const worker = (env: NodeJS.ProcessEnv = {}) => fixture.startProcess({ WORKER_PORT: '0', ...env }, scaled);

/** @returns the alerts that ring while something fails, which it does for 30 minutes from the 11th on, and an hour after its repair */
async function rings(before: Samples, during: Samples, after: Samples, at = '30m'): Promise<{ during: string[]; after: string[] }> {
  const names = new Set([...before.keys(), ...during.keys(), ...after.keys()]);
  // `1+0x10` are 11 samples, `_x11` as many without a value.
  const value = (samples: Samples, name: string, minutes: number) =>
    samples.has(name) ? `${samples.get(name)}+0x${minutes - 1}` : `_x${minutes}`;
  const series = [...names].map((name) => ({
    series: name,
    values: [value(before, name, 10), value(during, name, 30), value(after, name, 61)].join(' '),
  }));
  const ringing = async (eval_time: string) => {
    // promtool shows what it got in place of what was expected.
    const expected = {
      expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
      eval_time,
      exp_samples: [{ labels: '{alertname="none"}', value: 1 }],
    };
    const test = {
      rule_files: [rules],
      evaluation_interval: '1m',
      tests: [{ interval: '1m', input_series: series, promql_expr_test: [expected] }],
    };
    const file = join(fixture.dir, 'alerts.json');
    await writeFile(file, JSON.stringify(test));
    const { stdout, stderr } = await promisify(execFile)('promtool', ['test', 'rules', file]).catch((error) => error);
    expect(stdout + stderr).toContain('got:');
    const got = /got:([\s\S]*)/.exec(stdout + stderr)?.[1] ?? '';
    return [...new Set([...got.matchAll(/alertname="(\w+)"/g)].map(([, name]) => name as string))].sort();
  };
  return { during: await ringing(at), after: await ringing('100m') };
}

it('no worker, and overdue mails', async () => {
  const before = await scrape();
  const content = {
    template: { name: 'signup', locale: 'en', data: { nickname: 'Anne', email: 'anne@example.net' } },
    attachments: [],
    headers: {},
  };
  const mail = { apiKey: 'test', envelope: envelope(['anne@example.net']), content, tags: [] };
  for (const priority of ['high', 'normal', 'low'] as const)
    await fixture.queue.accept([newRecord(newMailId(), { ...mail, priority }, Date.now() - 2 * 3_600_000)]);
  await expect.poll(queueSays('posthouse_mails_due')).toBe(3);
  const during = await scrape();
  await worker();
  await expect.poll(queueSays('posthouse_mails{')).toBe(3);
  await expect.poll(queueSays('posthouse_mails_due', fixture.workers)).toBe(0);
  const result = await rings(before, during, await scrape());
  expect(result).toEqual({ during: ['PosthouseMailOverdue', 'PosthouseNoWorker'], after: [] });
});

it('login refused, circuit open', async () => {
  const first = await worker();
  const before = await scrape();
  fixture.smtp.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials' });
  fixture.smtp.killConnections();
  await fixture.post([signUp(1)]);
  await expect.poll(queueSays('posthouse_login_refused')).toBe(1);
  const during = await scrape();
  fixture.smtp.clearFaults();
  await expect.poll(queueSays('posthouse_circuit_open', fixture.workers)).toBe(0);
  expect(first.pid).toBeDefined();
  const result = await rings(before, during, await scrape());
  expect(result).toEqual({ during: ['PosthouseCircuitOpen', 'PosthouseLoginRefused'], after: [] });
});

it('many mails fail', async () => {
  await worker();
  // A series that begins with its first failure has no increase: Prometheus must have seen it before.
  fixture.smtp.replyTo('RCPT', { reply: '550 5.1.1 No such user' });
  await fixture.reaches((await fixture.post([signUp(0)]))[0] as string, 'failed');
  const before = await scrape();
  for (const id of await fixture.post(signUps(12))) await fixture.reaches(id, 'failed');
  const during = await scrape();
  fixture.smtp.clearFaults();
  for (const id of await fixture.post(signUps(3))) await fixture.reaches(id, 'sent');
  expect(await rings(before, during, await scrape())).toEqual({ during: ['PosthouseFailureRatio'], after: [] });
});

it('an uncertain mail', async () => {
  await worker();
  const before = await scrape();
  fixture.smtp.hangAt('DOT', { times: 1 });
  const [id = ''] = await fixture.post([signUp(1, { onUncertain: 'hold' })]);
  await expect.poll(() => fixture.smtp.withheldReplies).toBe(1);
  fixture.smtp.killConnections();
  await fixture.reaches(id, 'uncertain');
  await expect.poll(queueSays('posthouse_mails{')).toBe(1);
  const during = await scrape();
  await fixture.queue.resolve(id, 'delivered');
  await expect.poll(queueSays('posthouse_mails{', fixture.workers, 'state="uncertain"')).toBe(0);
  expect(await rings(before, during, await scrape())).toEqual({ during: ['PosthouseUncertain'], after: [] });
});

it('a long pause, and one by another tool', async () => {
  await worker();
  const before = await scrape();
  const since = Date.now() - 5 * 3_600_000;
  await fixture.redis.cli(
    'HSET',
    '{posthouse}:pauses',
    'p1',
    JSON.stringify({ scope: 'tag', match: 'news', by: 'anne', since, sealed: '' }),
  );
  await expect.poll(queueSays('posthouse_paused_seconds')).toBeGreaterThan(4 * 3600);
  const during = await scrape();
  await fixture.redis.cli('DEL', '{posthouse}:pauses');
  await expect.poll(queueSays('posthouse_paused_seconds', fixture.workers)).toBe(0);
  expect(await rings(before, during, await scrape())).toEqual({ during: ['PosthousePausedLong'], after: [] });
});

it('the API answers 503, Redis down', async () => {
  await worker();
  // The series of 503 must have begun before.
  const refused = async (count: number) => {
    await fixture.redis.kill('SIGSTOP');
    for (let n = 0; n < count; n++) expect((await fixture.run('/v1/mails', signUp(n))).status).toBe(503);
  };
  await refused(1);
  await fixture.redis.kill('SIGCONT');
  await expect.poll(queueSays('posthouse_redis_up')).toBe(1);
  const before = await scrape();
  await refused(8);
  await expect.poll(queueSays('posthouse_redis_up')).toBe(0);
  const during = await scrape();
  await fixture.redis.kill('SIGCONT');
  await expect.poll(queueSays('posthouse_redis_up')).toBe(1);
  // Requests are counted within 5 minutes.
  const result = await rings(before, during, await scrape(), '13m');
  expect(result).toEqual({ during: ['PosthouseApiUnavailable', 'PosthouseRedisDown'], after: [] });
});

it('Redis may lose mails', async () => {
  const before = await scrape();
  await fixture.redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  // The settings of Redis are read once a minute.
  await expect.poll(queueSays('posthouse_redis_risk'), { timeout: 120_000, interval: 1000 }).toBe(1);
  const during = await scrape();
  await fixture.redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  await expect.poll(queueSays('posthouse_redis_risk'), { timeout: 120_000, interval: 1000 }).toBe(0);
  expect(await rings(before, during, await scrape())).toEqual({ during: ['PosthouseRedisNotDurable'], after: [] });
});

it('a template set is refused', async () => {
  const before = await scrape([]);
  const strings = join(fixture.dir, 'signup-only/signup/locales/ko.json');
  const original = await readFile(strings, 'utf8');
  await writeFile(strings, original.slice(0, 20));
  await expect.poll(queueSays('posthouse_template_set_refused')).toBe(1);
  const during = await scrape([]);
  await writeFile(strings, original);
  await expect.poll(queueSays('posthouse_template_set_refused')).toBe(0);
  expect(await rings(before, during, await scrape([]))).toEqual({ during: ['PosthouseTemplateSetRefused'], after: [] });
});

it('the certificate of submission expires', async () => {
  const [cert, key] = [join(fixture.dir, 'submission.crt'), join(fixture.dir, 'submission.key')];
  const use = async (expired: boolean) => {
    const { certPem, keyPem } = await fixture.ca.issue({ hosts: ['localhost'], expired });
    await Promise.all([writeFile(cert, certPem), writeFile(key, keyPem)]);
  };
  await use(false);
  const submission = new AppProcess({
    ...{ name: 'submission', entry: fileURLToPath(new URL('../../../submission/dist/main.js', import.meta.url)) },
    env: {
      ...{ PATH: process.env['PATH'], ...fixture.redisEnv, POSTHOUSE_SECRET: secrets.seal, MAIL_FROM_DOMAINS: 'example.com' },
      ...{ API_KEYS: `test:${hashApiKey(secrets.apiKey)}`, SUBMISSION_CERT_FILE: cert, SUBMISSION_KEY_FILE: key },
      ...{ SUBMISSION_TLS_PORT: '0', SUBMISSION_STARTTLS_PORT: '0', SUBMISSION_HTTP_PORT: '0' },
    },
    readyWhen: (line) => line.includes('"security":"none"'),
  });
  onTestFinished(() => submission.stop());
  await submission.start();
  const expired = async () => [...(await scrape([submission]))].some(([name, left]) => name.includes('_certificate_expiry_') && left < 0);
  const before = await scrape([submission]);
  await use(true);
  await expect.poll(expired).toBe(true);
  const during = await scrape([submission]);
  await use(false);
  await expect.poll(expired).toBe(false);
  const result = await rings(before, during, await scrape([submission]));
  expect(result).toEqual({ during: ['PosthouseSubmissionCertificateExpiring'], after: [] });
});
