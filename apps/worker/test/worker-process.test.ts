/** A worker when its provider, its configuration or its process fails. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '@posthouse/contract';
import type { NewMail } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { envelope, quick, templatesDir, WorkerFixture } from './worker-fixture.ts';

const fixture = new WorkerFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

/** For workers that die: others take over their mails soon. */
const shortLease = { ...quick, queue: { lock: 1500, stalled: 700 } };

describe('a worker', () => {
  it('keeps mails while the SMTP server is down: three arrive once it is back, with no attempt used before', async () => {
    const worker = await fixture.startWorker();
    await fixture.smtp.stop();
    const ids = [await fixture.accept(), await fixture.accept(), await fixture.accept()];
    for (const id of ids) await expect.poll(async () => (await fixture.queue.read(id))?.deferralCount).toBeGreaterThan(0);
    await fixture.smtp.start();
    for (const id of ids)
      expect(await fixture.reaches(id, 'sent')).toMatchObject({
        attemptCount: 1,
        lastDeferral: { reason: expect.stringMatching(/^(ECONNREFUSED|circuit-open)$/) },
      });
    expect(fixture.smtp.messages).toHaveLength(3);
    expect(worker.output.join('\n')).toMatch(/ECONNREFUSED/);
  });

  it('refuses a server whose certificate it cannot verify, logs why, and sends nothing', async () => {
    const worker = await fixture.startWorker({ SMTP_CA_FILE: undefined });
    expect(worker.output.join('\n')).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE.*certificate.*provider check failed/);
    await expect.poll(() => worker.output.join('\n')).toMatch(/all circuits open: consumer paused/);
    const id = await fixture.accept();
    await expect.poll(() => fixture.smtp.connectionCount).toBeGreaterThan(2);
    expect(await fixture.queue.read(id)).toMatchObject({ state: expect.stringMatching(/queued|retrying/), attemptCount: 0 });
    expect(fixture.smtp).toMatchObject({ loginCount: 0, messages: [] });
  });

  it('logs at its start that a login is refused, and sends once it works', async () => {
    fixture.smtp.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials', times: 2 });
    const worker = await fixture.startWorker();
    expect(worker.output.join('\n')).toMatch(
      /535 5\.7\.8.*login refused or required.*AUTH PLAIN was refused with 535.*provider check failed/,
    );
    expect(worker.output.join('\n')).not.toContain('horse');
    expect(await fixture.reaches(await fixture.accept(), 'sent')).toMatchObject({ attemptCount: 1 });
  });

  it('gives a relay that refuses addresses a full name in EHLO', async () => {
    fixture.smtp.replyTo('EHLO', { address: '[127.0.0.1]', reply: '421 4.7.0 Try again later, closing connection. (EHLO)' });
    const worker = await fixture.startWorker({ MAIL_FROM: 'Posthouse <hello@example.com>' });
    expect(worker.output.join('\n')).toContain('provider check succeeded');
    expect(fixture.smtp.openingCommands[0]).toMatch(/^EHLO [a-z0-9-]+\./);
  });

  it('logs that the URL has the wrong scheme, and which one to write', async () => {
    const url = fixture.smtp.url.replace('smtps:', 'smtp:');
    const worker = await fixture.startWorker({ SMTP_URL: url }, { ...quick, smtp: { schemeCheck: 200 } });
    const logs = () => worker.output.join('\n');
    expect(logs()).toMatch(/wrong-scheme.*write smtps:\/\/ instead of smtp:\/\/.*provider check failed/);
    expect(logs()).toMatch(/wrong-scheme.*smtps:\/\/ is TLS from the first byte, smtp:\/\/ is STARTTLS.*provider alert/);
    const id = await fixture.accept();
    await expect.poll(() => logs()).toContain('all circuits open: consumer paused');
    expect(await fixture.queue.read(id)).toMatchObject({ attemptCount: 0 });
  });

  it('names the phase in which a provider does not reply, and does not probe another one later for it', async () => {
    const second = await fixture.startSmtp();
    // Also when it is probed before the test goes on.
    fixture.smtp.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials' });
    second.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials', times: 1 });
    const url = `${fixture.smtp.url}?name=silent,${second.url}?name=second`;
    // Longer than any phase of the other provider, also on a busy machine.
    const smtp = { slowLog: 1000, slowPhase: 1500 };
    const circuit = { ...quick.circuit, login: { initial: 1000, max: 2000 } };
    const worker = await fixture.startWorker({ SMTP_URL: url }, { ...quick, smtp, circuit });
    await expect.poll(() => worker.output.filter((line) => line.includes('provider check failed'))).toHaveLength(2);
    await expect.poll(() => worker.output.join('\n')).toContain('no provider passed its check; mails wait');
    fixture.smtp.hangAt('CONNECT');
    const id = await fixture.accept();
    expect(await fixture.reaches(id, 'sent')).toMatchObject({ receipt: { provider: 'second' } });
    const logged = () => worker.output.filter((line) => line.includes('"provider":"silent"')).map((line) => JSON.parse(line));
    const phase = { phase: 'the greeting' };
    await expect.poll(logged).toContainEqual(expect.objectContaining({ ...phase, msg: 'provider slow' }));
    expect(logged()).toContainEqual(expect.objectContaining({ ...phase, msg: 'provider takes long to reply' }));
  });

  it('that is killed during a delivery: another worker delivers the mail', async () => {
    fixture.smtp.hangAt('MAIL', { times: 1 });
    const first = await fixture.startProcess({}, shortLease);
    const id = await fixture.accept();
    await expect.poll(() => fixture.smtp.withheldReplies).toBeGreaterThan(0);
    first.kill('SIGKILL');
    await first.exit;
    await fixture.startWorker({}, shortLease);
    expect(await fixture.reaches(id, 'sent')).toMatchObject({ attemptCount: 1 });
    expect(fixture.smtp.messages).toHaveLength(1);
  });

  it('at SIGTERM puts back what has not begun, finishes what has, records what gets no reply as unknown, and exits 0', async () => {
    const worker = await fixture.startProcess({}, { ...quick, smtp: { stopGrace: 4000 } });
    const accept = async (name: string, change: Partial<NewMail> = {}) =>
      await fixture.accept({ envelope: envelope([`${name}@example.net`]), ...change });
    fixture.smtp.hangAt('RCPT', { address: 'before@example.net' });
    fixture.smtp.delayAt('DOT', { address: 'late@example.net', delayMs: 1000 });
    for (const address of ['never@example.net', 'held@example.net']) fixture.smtp.hangAt('DOT', { address });
    const before = await accept('before');
    const never = await accept('never');
    const held = await accept('held', { onUncertain: 'hold' });
    const late = await accept('late');
    // One hangs at RCPT and at the pipelined DATA, two at the end of their message.
    await expect.poll(() => [fixture.smtp.withheldReplies, fixture.smtp.messages.length]).toEqual([4, 3]);
    worker.kill('SIGTERM');
    expect(await worker.exit).toMatchObject({ code: 0 });
    expect(await fixture.queue.read(before)).toMatchObject({
      state: 'retrying',
      attemptCount: 0,
      deferralCount: 1,
      lastDeferral: { reason: 'worker-stopping' },
    });
    expect(await fixture.queue.read(late)).toMatchObject({ state: 'sent', attemptCount: 1 });
    expect(await fixture.queue.read(never)).toMatchObject({ state: 'retrying', attempts: [{ verdict: 'UNKNOWN', reason: 'no-reply' }] });
    expect(await fixture.queue.read(held)).toMatchObject({ state: 'uncertain', attemptCount: 1 });
  });

  it('keeps a record small and readable when a server replies 900 KB to 50 recipients, three times', async () => {
    await fixture.startWorker();
    const to = Array.from({ length: 50 }, (_, number) => `reader-${number}@example.net`);
    fixture.smtp.replyTo('MAIL', { reply: `450 4.2.0 ${'x'.repeat(900_000)}` });
    const record = await fixture.reaches(await fixture.accept({ envelope: envelope(to) }), 'failed');
    expect(record.attempts).toHaveLength(3);
    for (const { outcomes, steps } of record.attempts) {
      expect(outcomes).toHaveLength(50);
      for (const { reply } of [...outcomes, ...steps]) expect(reply?.length).toBeLessThanOrEqual(limits.replyLength);
      expect(outcomes[0]).toMatchObject({ code: 450, enhancedCode: '4.2.0' });
    }
    expect(JSON.stringify(record).length).toBeLessThan(3.5 * limits.attemptBytes);
  });

  it('logs that Redis may evict mails, and nothing that is not a log line', async () => {
    await fixture.redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const worker = await fixture.startWorker();
    await fixture.reaches(await fixture.accept(), 'sent');
    await fixture.redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    const messages = worker.output.map((line) => JSON.parse(line).msg);
    expect(messages.filter((message) => /evict/i.test(message))).toEqual(['Redis may evict mails when it is full']);
  });

  it('sends all mail to MAIL_REDIRECT_TO', async () => {
    await fixture.startWorker({ MAIL_REDIRECT_TO: 'staging@example.com', MAIL_RETURN_PATH: 'bounces@example.com' });
    const record = await fixture.reaches(await fixture.accept(), 'sent');
    expect(fixture.smtp.messages[0]).toMatchObject({ from: 'bounces@example.com', to: ['staging@example.com'] });
    expect(record.recipients).toMatchObject([{ address: 'anne@example.net', state: 'accepted' }]);
  });

  it('starts and stops its services in the order that worker.ts gives reasons for', async () => {
    const worker = await fixture.startWorker({ LOG_LEVEL: 'debug', SMTP_URL: `${fixture.smtp.url}?name=ses` });
    const order = [
      'connection to Redis',
      'connection of requests',
      'template set',
      'report of the template set',
      'worker heartbeat',
      'connections to ses',
      'login check',
      'warm-up',
      'mail consumer',
      'client of ses',
      'circuit monitor',
      'pause monitor',
      'bulk runner',
      'sweeper',
    ];
    await expect.poll(() => services(worker.output, 'service started')).toEqual(order);
    await worker.stop();
    expect(services(worker.output, 'service stopped')).toEqual(order.toReversed());
  });

  it('shares the mails with other workers, each sent once', async () => {
    await Promise.all([fixture.startWorker(), fixture.startWorker(), fixture.startWorker()]);
    const ids = await Promise.all(Array.from({ length: 60 }, () => fixture.accept()));
    for (const id of ids) await fixture.reaches(id, 'sent');
    expect(fixture.smtp.arrivals.size).toBe(60);
    expect([...fixture.smtp.arrivals.values()].every((count) => count === 1)).toBe(true);
  });
});

describe('a worker with another POSTHOUSE_SECRET', () => {
  const accept = (count: number) => Promise.all(Array.from({ length: count }, () => fixture.accept()));

  it('under the same name exits 1 when it first reaches Redis, long after its start, and harms no mail', async () => {
    const ids = await accept(20);
    await fixture.redis.kill('SIGKILL');
    // It may take a mail before it has compared the keys, and puts it back.
    const soon = { ...shortLease, reply: { ...quick.reply, rollout: 10 } };
    const worker = await fixture.startProcess({ POSTHOUSE_SECRET: 'e'.repeat(64) }, soon);
    await expect.poll(() => worker.output.join('\n')).toContain('Redis cannot be reached');
    await fixture.redis.start();
    expect(await worker.exit).toMatchObject({ code: 1 });
    expect(worker.output.filter((line) => line.startsWith('✗'))).toEqual([
      expect.stringMatching(/POSTHOUSE_SECRET has another key under the name "0".*A new key needs a new name/),
    ]);
    await fixture.startWorker({}, soon);
    for (const id of ids) expect(await fixture.reaches(id, 'sent')).toMatchObject({ attemptCount: 1, deferralCount: 0 });
  });

  it('under another name puts the mails back, and a worker that has their key sends them', async () => {
    const ids = await accept(20);
    const worker = await fixture.startWorker(
      { POSTHOUSE_SECRET: `other:${'e'.repeat(64)}` },
      { ...quick, reply: { ...quick.reply, rollout: 200 } },
    );
    const deferred = { state: 'retrying', attemptCount: 0, lastDeferral: { reason: 'key-missing' } };
    for (const id of ids) await expect.poll(() => fixture.queue.read(id)).toMatchObject(deferred);
    expect(worker.output.filter((line) => line.includes('mail key missing'))).toHaveLength(1);
    await worker.stop();
    await fixture.startWorker();
    for (const id of ids) expect(await fixture.reaches(id, 'sent')).toMatchObject({ attemptCount: 1, deferralCount: 0 });
    expect(fixture.smtp.messages).toHaveLength(20);
  });
});

describe('a worker that cannot start', () => {
  const refusal = async (env: NodeJS.ProcessEnv) => {
    const error = await fixture.startProcess(env).catch((cause: Error) => cause);
    expect(await fixture.lastProcess?.exit).toMatchObject({ code: 1 });
    return (error as Error).message;
  };

  it('names every error of its configuration', async () => {
    const content = await refusal({ SMTP_URL: 'nonsense', POSTHOUSE_SECRET: '', REDIS_URL: 'x' });
    expect(content).toMatch(/3 configuration errors[\s\S]*REDIS_URL[\s\S]*SMTP_URL[\s\S]*POSTHOUSE_SECRET|3 configuration errors/);
    for (const name of ['SMTP_URL', 'POSTHOUSE_SECRET', 'REDIS_URL']) expect(content).toContain(`- ${name} `);
  });

  it('names the file, the line and the reason of a template that does not compile', async () => {
    const broken = join(fixture.dir, 'broken');
    await cp(templatesDir, broken, { recursive: true });
    const file = join(broken, 'signup', 'template.mjml');
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    await writeFile(file, [...lines, '{{nope}}', ''].join('\n'));
    expect(await refusal({ TEMPLATES_DIR: broken })).toContain(`signup/template.mjml:${lines.length + 1}`);
  });
});

/** The services that a worker's debug log names with an event, in order. */
function services(output: readonly string[], event: string): string[] {
  const lines = output.map((line): { msg?: string; part?: string } => JSON.parse(line));
  return lines.flatMap(({ msg, part }) => (msg === event && part !== undefined ? [part] : []));
}
