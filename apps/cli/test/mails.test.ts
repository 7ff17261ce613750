import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { MailRecord } from '@posthouse/contract';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import {
  AuditLog,
  importRecords,
  MailQueue,
  newMailId,
  newRecord,
  ProviderCircuit,
  RequestConnection,
  Sealer,
  sealKeys,
  WorkerConnection,
  WorkerHeartbeat,
} from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Ended, run } from './command-line.ts';

const redis = new RedisProcess();
const secret = 'f'.repeat(64);
let connection: RequestConnection;
let queue: MailQueue;
const templates = fileURLToPath(new URL('../../../templates', import.meta.url));

beforeAll(async () => {
  await redis.start();
  connection = new RequestConnection(redis.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
  await connection.start();
  await connection.whenReady();
  queue = new MailQueue(connection);
});
afterAll(async () => {
  await connection.stop();
  await redis.stop();
});

const env = () => ({ REDIS_URL: redis.url, POSTHOUSE_SECRET: secret, TEMPLATES_DIR: templates });
const mails = (...args: string[]) => run(['mails', ...args], { env: env() });
const clock = Date.now() - 3_600_000;

/** A mail of an hour ago. @param to each has its outcome */
function mailTo(to: string[], more: Partial<MailRecord> = {}, minute = 0): MailRecord {
  const envelope = { from: { address: 'hello@example.com' }, to: to.map((address) => ({ address })), cc: [], bcc: [], replyTo: [] };
  const data = { nickname: 'Anne', resetUrl: 'https://example.com/reset?token=planted', expiresInMinutes: 5 };
  const content = { template: { name: 'password-reset', locale: 'en', data }, attachments: [], headers: {} };
  const record = newRecord(newMailId(), { apiKey: 'shop', envelope, content, priority: 'normal', tags: ['vip'] }, clock + minute * 60_000);
  return { ...record, ...more };
}

/** In a final state. */
async function imported(record: MailRecord): Promise<string> {
  await importRecords(connection, [record]);
  return record.id;
}

/** `send --wait` of a mail that an API has accepted and that stays as it is. */
async function sendAndWait({ id, state }: MailRecord): Promise<Ended> {
  const api = createServer((request, response) => {
    response.writeHead(request.method === 'POST' ? 202 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, state }));
  });
  await once(api.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void api.close());
  const POSTHOUSE_URL = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  return await run(['send', 'password-reset', '--to', 'anne@example.com', '--wait'], {
    env: { ...env(), POSTHOUSE_URL, POSTHOUSE_KEY: 'key' },
    commandLine: { mailWait: 0 },
  });
}

const rejected = { state: 'rejected', reason: '550 5.1.1', provider: 'ses' } as const;
const ended = { endedAt: clock + 60_000, nextAttemptAt: undefined } as unknown as Partial<MailRecord>;
const failedMail = (address: string) => {
  const record = mailTo([address], { state: 'failed', ...ended });
  return { ...record, recipients: record.recipients.map((recipient) => ({ ...recipient, ...rejected })) };
};

describe('mails list', () => {
  it('lists pages of a filter, newest first, as lines and as the API does', async () => {
    const accepted = [0, 1, 2].map((minute) => mailTo([`list-${minute}@list.example`, 'other@list.example'], {}, minute));
    await queue.accept(accepted);
    const filter = ['--recipient', 'list.example', '--state', 'queued', '--limit', '2'];
    const first = JSON.parse((await mails('list', ...filter, '--json')).stdout);
    expect(first.mails.map(({ id }: { id: string }) => id)).toEqual([accepted[2]?.id, accepted[1]?.id]);
    expect(first.mails[0]).toMatchObject({ state: 'queued', template: 'password-reset', createdAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    const { stdout } = await mails('list', ...filter, '--cursor', first.next);
    const [head, recipients, ...more] = stdout.split('\n');
    expect(head).toMatch(new RegExp(`^${accepted[0]?.id}  queued      \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ$`));
    expect([recipients, more]).toEqual(['  list-0@list.example and 1 more  password-reset', ['']]);
    expect((await mails('list', '--template', 'none')).stdout).toBe('No matching mails.\n');
  });

  it('ends with one error, at once, where Redis refuses the login', async () => {
    await redis.cli('ACL', 'SETUSER', 'anne', 'on', '>right', '~*', '&*', '+@all');
    const REDIS_URL = `redis://anne:planted@127.0.0.1:${redis.port}`;
    const { code, stdout, stderr } = await run(['mails', 'list', '--json'], { env: { ...env(), REDIS_URL } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr).errors).toEqual([
      { code: 'redis-login-refused', message: expect.stringContaining('correct user and password in REDIS_URL') },
    ]);
    expect(stderr).not.toContain('planted');
  });

  it('reports everything that is wrong with the filter', async () => {
    const { code, stderr } = await mails('list', '--state', 'lost', '--from', 'yesterday', '--limit', '101');
    expect(code).toBe(2);
    expect(stderr.match(/^✗ --(state|from|limit) .* \[invalid-value\]$/gm)).toHaveLength(3);
    expect((await mails('list', '--cursor', 'x')).stderr).toContain('--cursor is not the end of a page');
  });
});

describe('mails show', () => {
  it('shows recipients and what was done, but no content unless it is asked for, and then masked', async () => {
    const id = await imported(failedMail('anne@example.com'));
    const { stdout } = await mails('show', id);
    expect(stdout).toContain('\n  anne@example.com  rejected  550 5.1.1 via ses\n'.trimEnd());
    expect(stdout).not.toContain('nickname');
    const shown = JSON.parse((await mails('show', id, '--content', '--json')).stdout);
    expect(shown).toMatchObject({ id, state: 'failed', content: { template: { name: 'password-reset', data: { nickname: 'Anne' } } } });
    for (const text of [JSON.stringify(shown), (await mails('show', id, '--content')).stdout]) expect(text).not.toContain('planted');
    expect(JSON.parse((await mails('show', id, '--json')).stdout).content).toBeUndefined();
  });

  it('says which provider a waiting mail waits for, and why that is not used', async () => {
    const record = mailTo(['anne@example.com']);
    await queue.accept([record]);
    const worker = new WorkerConnection(redis.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
    await worker.start();
    const provider = { name: 'ses', host: 'smtp.example.com', account: 'a' };
    const heartbeat = new WorkerHeartbeat(worker, () => ({ version: '1', concurrency: 1, providers: [provider] }));
    try {
      const hour = 3_600_000;
      await new ProviderCircuit(worker, provider).fail('535 5.7.8', { after: 1, wait: { initial: hour, max: hour } });
      await heartbeat.start();
      const why =
        /^Waits for +the provider ses, which is not used at the moment: 535 5\.7\.8: the provider rejects the login; .*; next check at /m;
      await expect.poll(async () => (await mails('show', record.id)).stdout).toMatch(why);
      expect((await mails('show', record.id)).stdout).not.toContain('Next attempt');
      expect(await sendAndWait(record)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /is still queued\. It waits for the provider ses, which is not used at the moment: 535 .*\[still-waiting\]/,
        ),
      });
    } finally {
      await heartbeat.stop();
      await worker.stop();
    }
  });

  it('makes control characters of others harmless', async () => {
    const record = mailTo(['anne@example.com'], { tags: ['a\u001b[2Jb\u202ec'] });
    await queue.accept([record]);
    expect((await mails('show', record.id)).stdout).toContain('a\ufffd[2Jb\ufffdc');
  });

  it.each([
    ['show', newMailId(), { code: 1, why: '[not-found]' }],
    ['retry', newMailId(), { code: 1, why: '[not-found]' }],
    ['show', '123', { code: 2, why: '✗ <id>: The id of a mail has 32 hex digits' }],
  ])('%s %s: no such mail', async (command, id, { code, why }) => {
    expect(await mails(command, id)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(why) });
  });
});

describe('mails retry and cancel', () => {
  const audited = async (target: string) =>
    (await new AuditLog(connection).page(50)).entries
      .filter((entry) => entry.target === target)
      .map(({ role, action, detail }) => ({ role, action, detail }));

  it('retries a failed mail once it is confirmed, and writes it into the audit log', async () => {
    const id = await imported(failedMail('anne@example.com'));
    const unconfirmed = await mails('retry', id);
    expect(unconfirmed).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/rejected.*\n {2}anne@example\.com\nNothing was done: .* \[confirmation-missing\]/),
    });
    expect((await queue.read(id))?.state).toBe('failed');
    expect(await mails('retry', id, '--yes', '--json')).toMatchObject({
      code: 0,
      stdout: `{"id":"${id}","state":"queued","changed":true}\n`,
    });
    expect(await audited(id)).toEqual([{ role: 'command line', action: 'retry', detail: 'now queued' }]);
    expect((await queue.read(id))?.actions).toMatchObject([{ action: 'retry', role: 'command line' }]);
    expect((await mails('retry', id)).stdout).toBe('Nothing had to be changed: the mail is queued.\n');
  });

  it('sends an uncertain mail again with an explicit option only', async () => {
    const record = mailTo(['anne@example.com'], { state: 'uncertain', ...ended });
    const id = await imported({
      ...record,
      recipients: record.recipients.map((recipient) => ({ ...recipient, uncertain: true as const })),
    });
    const refused = await mails('retry', id, '--yes');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/With --uncertain it is sent again .* \[outcome-unknown\]/) });
    expect((await queue.read(id))?.state).toBe('uncertain');
    expect((await mails('retry', id, '--uncertain', '--yes')).stdout).toBe('Queued again for recipients whose outcome is unknown.\n');
    expect(await audited(id)).toMatchObject([{ action: 'sendAgain', detail: 'now queued' }]);
  });

  it('cancels a mail that waits; not one that has ended', async () => {
    const record = mailTo(['anne@example.com']);
    await queue.accept([record]);
    expect(await mails('cancel', record.id, '--yes')).toMatchObject({ code: 0, stdout: 'Cancelled.\n' });
    expect((await mails('cancel', record.id, '--json')).stdout).toContain('"changed":false');
    const failed = await imported(failedMail('anne@example.com'));
    expect((await mails('cancel', failed)).stderr).toMatch(/This mail is failed: .* \[mail-state-conflict\]/);
    expect(await mails('retry', record.id, '--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('[mail-state-conflict]') });
  });
});

describe('mails copy', () => {
  it('sends a new mail to the recipients; a content with sensitive values to nobody else', async () => {
    const id = await imported(failedMail('anne@example.com'));
    const elsewhere = await mails('copy', id, '--to', 'eve@example.com', '--yes');
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('[sensitive-content]') });
    const copied = JSON.parse((await mails('copy', id, '--yes', '--json')).stdout);
    expect(copied).toMatchObject({ copyOf: id, state: 'queued' });
    expect((await queue.read(copied.id))?.recipients).toMatchObject([{ address: 'anne@example.com', state: 'pending' }]);
    expect((await mails('show', id)).stdout).toContain(copied.id);
    expect((await mails('copy', id)).stderr).toContain(`Copies were sent before: ${copied.id}.`);
  });

  it('reports addresses that are none, before it reaches Redis', async () => {
    const { code, stderr } = await run(['mails', 'copy', newMailId(), '--to', 'a b', '--to', 'c'], {});
    expect(code).toBe(2);
    expect(stderr.match(/An address such as anne@example\.com/g)).toHaveLength(2);
  });
});
