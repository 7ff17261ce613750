/** Mails from the queue through a real worker process to a real SMTP server over TLS. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MailRecord, type MailState, waits } from '@posthouse/contract';
import { AppProcess, CertificateAuthority, RedisProcess, SmtpServer } from '@posthouse/devkit';
import { MailQueue, type NewMail, newMailId, newRecord, Sealer, sealKeys } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const secret = 'f'.repeat(64);
const entry = fileURLToPath(new URL('worker-with-waits.mjs', import.meta.url));
const templatesDir = fileURLToPath(new URL('../../../templates', import.meta.url));
/** Waits that a test can sit out. */
const quick = {
  retry: [50, 50],
  retryJitter: 0,
  deferral: { first: 100, most: 200 },
  smtp: { transaction: 3000 },
  queue: { lock: 1500, stalled: 700 },
};

const redis = new RedisProcess();
let dir: string;
let caFile: string;
let ca: CertificateAuthority;
let smtp: SmtpServer;
let queue: MailQueue;
const workers: AppProcess[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-worker-'));
  ca = await CertificateAuthority.create();
  caFile = join(dir, 'ca.pem');
  await ca.writeCa(caFile);
  await redis.start();
});
afterAll(async () => {
  await redis.stop();
  await rm(dir, { recursive: true });
});
beforeEach(async () => {
  await redis.cli('FLUSHALL');
  smtp = new SmtpServer({ ca, mode: 'implicit-tls' });
  await smtp.start();
  queue = new MailQueue(redis.url, new Sealer(sealKeys(secret)), waits, () => undefined);
  await queue.start();
  await expect.poll(() => queue.isReady()).toBe(true);
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  await queue.stop();
  await smtp.stop();
});

async function startWorker(env: NodeJS.ProcessEnv = {}, scaled: object = quick): Promise<AppProcess> {
  const worker = new AppProcess({
    name: 'worker',
    entry,
    args: [JSON.stringify(scaled)],
    env: {
      PATH: process.env['PATH'],
      REDIS_URL: redis.url,
      SMTP_URL: smtp.url,
      SMTP_CA_FILE: caFile,
      POSTHOUSE_SECRET: secret,
      TEMPLATES_DIR: templatesDir,
      ...env,
    },
    readyWhen: (line) => /logged in|cannot be used/.test(line),
  });
  workers.push(worker);
  await worker.start();
  return worker;
}

async function accept(change: Partial<NewMail> = {}): Promise<string> {
  const record = newRecord(
    newMailId(),
    {
      apiKey: 'test',
      envelope: {
        from: { name: 'Your House Today', address: 'hello@example.com' },
        to: [{ address: 'anne@example.net' }],
        cc: [],
        bcc: [],
        replyTo: [],
      },
      content: {
        template: { name: 'signup', locale: 'ko', data: { nickname: 'Anne', email: 'anne@example.net' } },
        attachments: [],
        headers: {},
      },
      priority: 'normal',
      tags: [],
      ...change,
    },
    Date.now(),
  );
  await queue.accept([record]);
  return record.id;
}

async function reaches(id: string, state: MailState): Promise<MailRecord> {
  await expect.poll(async () => (await queue.read(id))?.state, { timeout: 15_000, interval: 20 }).toBe(state);
  return (await queue.read(id, true)) as MailRecord;
}

const envelope = (to: string[], bcc: string[] = []) => {
  const mailboxes = (addresses: string[]) => addresses.map((address) => ({ address }));
  return { from: { address: 'hello@example.com' }, to: mailboxes(to), cc: [], bcc: mailboxes(bcc), replyTo: [] };
};

describe('a mail', () => {
  it('is rendered, delivered and written down, and its content is wiped', async () => {
    const worker = await startWorker();
    const id = await accept();
    const record = await reaches(id, 'sent');
    const [message] = smtp.messages;
    expect(message).toMatchObject({ from: 'hello@example.com', to: ['anne@example.net'], messageId: `<${id}@example.com>` });
    expect(record).toMatchObject({
      partial: false,
      attemptCount: 1,
      deferralCount: 0,
      renderedHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      recipients: [{ address: 'anne@example.net', state: 'accepted', code: 250, provider: 'localhost' }],
      receipt: { provider: 'localhost', accepted: ['anne@example.net'], response: expect.stringMatching(/^250 /) },
    });
    expect(record.attempts[0]?.steps.map(({ command }) => command.split(' ')[0])).toEqual(['MAIL', 'RCPT', 'DATA', '.']);
    expect(record.content).toBeUndefined();
    await expect.poll(() => redis.cli('EXISTS', `{posthouse}:mail:${id}`)).toBe('0');
    expect(worker.output.join('\n')).not.toMatch(/anne|horse|Anne/);
  });

  it('written by the caller gets a text part from its HTML, keeps bcc out of the headers', async () => {
    await startWorker();
    const written = { subject: 'Your receipt', html: '<h1>Thanks</h1><p>7 nights</p>' };
    await accept({
      content: { written, attachments: [], headers: { 'X-Order': '7' } },
      envelope: envelope(['anne@example.net'], ['dan@example.net']),
    });
    const [message] = await smtp.waitForMessages(1);
    expect(message?.to).toEqual(['anne@example.net', 'dan@example.net']);
    const raw = message?.raw.toString() ?? '';
    expect(raw).toMatch(/multipart\/alternative/);
    expect(raw).toMatch(/text\/plain[\s\S]*Thanks[\s\S]*7 nights[\s\S]*text\/html/);
    expect(raw).toMatch(/^X-Order: 7\r$/m);
    expect(raw).not.toMatch(/dan@|^bcc/im);
  });

  it('that is scheduled waits for its time', async () => {
    await startWorker();
    const scheduledAt = Date.now() + 700;
    const id = await accept({ scheduledAt });
    expect((await queue.read(id))?.state).toBe('scheduled');
    await reaches(id, 'sent');
    expect(smtp.messages[0]?.at).toBeGreaterThanOrEqual(scheduledAt);
  });

  it('that is refused for now is tried again on the schedule, with the same Message-ID; each attempt is on record', async () => {
    smtp.replyTo('DOT', { reply: '451 4.3.0 Try again later', times: 2 });
    await startWorker();
    const record = await reaches(await accept(), 'sent');
    expect(record.attempts.map(({ number, verdict, reason }) => [number, verdict, reason])).toEqual([
      [1, 'RETRY', '451 4.3.0'],
      [2, 'RETRY', '451 4.3.0'],
      [3, 'ACCEPT', expect.stringMatching(/^250/)],
    ]);
    expect(smtp.messages).toHaveLength(1);
  });

  it('fails when the schedule is used up, and keeps its content for a retry', async () => {
    smtp.replyTo('RCPT', { reply: '451 4.7.1 Greylisted' });
    await startWorker();
    const record = await reaches(await accept(), 'failed');
    expect(record).toMatchObject({
      attemptCount: 3,
      recipients: [{ state: 'refused', reason: '451 4.7.1' }],
      content: { template: { name: 'signup' } },
    });
    expect(await redis.cli('ZCARD', '{posthouse}:mail:failed')).toBe('1');
  });

  it('that is refused for good fails at once', async () => {
    smtp.replyTo('RCPT', { reply: '550 5.1.1 <anne@example.net> unknown' });
    await startWorker();
    const record = await reaches(await accept(), 'failed');
    expect(record).toMatchObject({ attemptCount: 1, attempts: [{ verdict: 'FAIL', reason: '550 5.1.1' }] });
    expect(record.attempts[0]?.outcomes[0]?.reply).toContain('unknown');
  });

  it('with several recipients is never sent again to those who were accepted', async () => {
    smtp.replyTo('RCPT', { address: 'bob@example.net', reply: '451 4.7.1 Greylisted', times: 1 });
    smtp.replyTo('RCPT', { address: 'eve@example.net', reply: '550 5.1.1 No such user' });
    await startWorker();
    const record = await reaches(await accept({ envelope: envelope(['anne@example.net', 'bob@example.net', 'eve@example.net']) }), 'sent');
    expect(record).toMatchObject({ partial: true, attemptCount: 2 });
    expect(record.recipients.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'refused']);
    expect([...smtp.arrivals.values()]).toEqual([1, 1]);
  });

  it('fails, with the reason, when its template is gone or its data no longer fits', async () => {
    await startWorker();
    const content = (name: string, data: Record<string, unknown>) => ({
      template: { name, locale: 'ko', data },
      attachments: [],
      headers: {},
    });
    const gone = await reaches(await accept({ content: content('gone', {}) }), 'failed');
    expect(gone.attempts[0]).toMatchObject({ reason: 'template-unknown', steps: [] });
    const misfit = await reaches(await accept({ content: content('signup', { nickname: 'Anne' }) }), 'failed');
    expect(misfit.attempts[0]).toMatchObject({ reason: 'template-data', detail: expect.stringContaining('/email') });
    expect(smtp.messages).toEqual([]);
  });
});

describe('a worker', () => {
  it('waits out an SMTP server that is away: three mails arrive once it is back, and no attempt was used', async () => {
    const worker = await startWorker();
    await smtp.stop();
    const ids = [await accept(), await accept(), await accept()];
    for (const id of ids) await expect.poll(async () => (await queue.read(id))?.deferralCount, { timeout: 10_000 }).toBeGreaterThan(0);
    await smtp.start();
    for (const id of ids) expect(await reaches(id, 'sent')).toMatchObject({ attemptCount: 1, lastDeferral: { reason: 'ECONNREFUSED' } });
    expect(smtp.messages).toHaveLength(3);
    expect(worker.output.join('\n')).toMatch(/ECONNREFUSED/);
  });

  it('refuses a server whose certificate it cannot verify, says so, and sends nothing', async () => {
    const worker = await startWorker({ SMTP_CA_FILE: undefined });
    expect(worker.output.join('\n')).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE.*cannot be used: .*certificate/);
    const id = await accept();
    await expect
      .poll(async () => (await queue.read(id))?.lastDeferral?.reason, { timeout: 10_000 })
      .toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(smtp).toMatchObject({ loginCount: 0, messages: [] });
  });

  it('says at its start that a login is refused, and sends when it works again', async () => {
    smtp.replyTo('AUTH', { reply: '535 5.7.8 Bad credentials', times: 2 });
    const worker = await startWorker();
    expect(worker.output.join('\n')).toMatch(/cannot be used: Invalid login: 535/);
    expect(worker.output.join('\n')).not.toContain('horse');
    expect(await reaches(await accept(), 'sent')).toMatchObject({ attemptCount: 1 });
  });

  it('that is killed in the middle leaves its mail to another', async () => {
    smtp.hangAt('MAIL', { times: 1 });
    const first = await startWorker({}, { ...quick, smtp: { transaction: 30_000 } });
    const id = await accept();
    await reaches(id, 'sending');
    first.kill('SIGKILL');
    await first.exit;
    await startWorker();
    expect(await reaches(id, 'sent')).toMatchObject({ attemptCount: 1 });
    expect(smtp.messages).toHaveLength(1);
  });

  it('finishes at SIGTERM what it has in hand, and exits 0', async () => {
    const worker = await startWorker();
    smtp.hangAt('DOT', { times: 1, lost: true });
    const id = await accept();
    await reaches(id, 'sending');
    worker.kill('SIGTERM');
    expect(await worker.exit).toMatchObject({ code: 0 });
    expect(await queue.read(id)).toMatchObject({ state: 'retrying', attemptCount: 1 });
  });

  it('sends every mail to one address where it is told to', async () => {
    await startWorker({ MAIL_REDIRECT_TO: 'staging@example.com', MAIL_RETURN_PATH: 'bounces@example.com' });
    const record = await reaches(await accept(), 'sent');
    expect(smtp.messages[0]).toMatchObject({ from: 'bounces@example.com', to: ['staging@example.com'] });
    expect(record.recipients).toMatchObject([{ address: 'anne@example.net', state: 'accepted' }]);
  });

  it('shares the mails with others, each sent once', async () => {
    await Promise.all([startWorker(), startWorker(), startWorker()]);
    const ids = await Promise.all(Array.from({ length: 60 }, () => accept()));
    for (const id of ids) await reaches(id, 'sent');
    expect(smtp.arrivals.size).toBe(60);
    expect([...smtp.arrivals.values()].every((count) => count === 1)).toBe(true);
  });
});

describe('a worker that cannot start', () => {
  const refusal = async (env: NodeJS.ProcessEnv) => {
    const error = await startWorker(env).catch((fault: Error) => fault);
    expect(await workers.at(-1)?.exit).toMatchObject({ code: 1 });
    return (error as Error).message;
  };

  it('names every fault of its configuration', async () => {
    const said = await refusal({ SMTP_URL: 'nonsense', POSTHOUSE_SECRET: '', REDIS_URL: 'x' });
    expect(said).toMatch(/3 faults[\s\S]*REDIS_URL[\s\S]*SMTP_URL[\s\S]*POSTHOUSE_SECRET|3 faults/);
    for (const name of ['SMTP_URL', 'POSTHOUSE_SECRET', 'REDIS_URL']) expect(said).toContain(`- ${name} `);
  });

  it('names the file, the line and the reason of a template that does not compile', async () => {
    const { cp, readFile, writeFile } = await import('node:fs/promises');
    const broken = join(dir, 'broken');
    await cp(templatesDir, broken, { recursive: true });
    const file = join(broken, 'signup', 'template.mjml');
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    await writeFile(file, [...lines, '{{nope}}', ''].join('\n'));
    expect(await refusal({ TEMPLATES_DIR: broken })).toContain(`signup/template.mjml:${lines.length + 1}`);
  });
});
