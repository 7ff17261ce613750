/** Submission, API and Redis are killed while mails are sent with idempotency keys; clients send a mail again until it is accepted. */
import { appendFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AppProcess, freePort, SmtpServer } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SmtpClient } from '../smtp-client.ts';
import { SubmissionFixture } from '../submission-fixture.ts';

const rowsFile = process.env['POSTHOUSE_FAULT_ROWS'];
/**
 * With `npm test`: a few mails, the API is not killed, and the worker starts afterwards. A mail that a worker takes in the moment in which
 * Redis is killed waits for the end of its lease.
 */
const { mails, kills, clients, victims, atFirst } =
  rowsFile === undefined
    ? { mails: 60, kills: 2, clients: 10, victims: ['submission', 'redis'], atFirst: ['submission'] }
    : { mails: 3000, kills: 20, clients: 30, victims: ['submission', 'redis', 'api'], atFirst: ['submission', 'api', 'worker'] };

const fixture = new SubmissionFixture();
const entryOf = (app: string) => fileURLToPath(new URL(`../../../${app}/dist/main.js`, import.meta.url));
const running = new Map<string, AppProcess>();
let relay: SmtpServer;
let apiPort: number;

beforeAll(async () => {
  await fixture.start();
  await fixture.service.stop();
  relay = new SmtpServer({ ca: fixture.ca, mode: 'implicit-tls', keep: false });
  await relay.start();
  await fixture.ca.writeCa(join(fixture.dir, 'ca.pem'));
  await mkdir(join(fixture.dir, 'templates'));
  fixture.ports.tls = await freePort();
  apiPort = await freePort();
  await Promise.all(atFirst.map(start));
});
afterAll(async () => {
  await Promise.all([...running.values()].map((process) => process.stop()));
  await relay.stop();
  await fixture.stop();
});

async function start(app: string): Promise<void> {
  const env = {
    ...fixture.env,
    ...{ SUBMISSION_TLS_PORT: String(fixture.ports.tls), API_PORT: String(apiPort) },
    ...{ SMTP_URL: relay.url, SMTP_CA_FILE: join(fixture.dir, 'ca.pem') },
    ...{ MAIL_FROM: 'hello@example.com', TEMPLATES_DIR: join(fixture.dir, 'templates') },
  };
  const readyWhen = (line: string) => /"security":"tls"|provider check|"url"/.test(line) && !line.includes('"none"');
  const process = new AppProcess({ name: app, entry: entryOf(app), env, readyWhen });
  running.set(app, process);
  await process.start();
}

/** A crash, and the start after it. */
async function crash(victim: string): Promise<void> {
  if (victim === 'redis') {
    await fixture.redis.kill('SIGKILL');
    await fixture.redis.start();
    return;
  }
  const process = running.get(victim);
  process?.kill('SIGKILL');
  await process?.exit;
  await start(victim);
}

/** What a program makes again with each try: the Message-ID differs. */
function attempt(n: number, tries: number): string {
  const own = [`Message-ID: <${n}.${tries}@example.com>`, `Posthouse-Idempotency-Key: mail:${n}`, 'Posthouse-On-Uncertain: hold'];
  return ['From: anne@example.com', `Subject: No. ${n}`, ...own, '', `This is mail ${n}.`, ''].join('\r\n');
}

it('every mail arrives once', { timeout: 600_000 }, async () => {
  const began = performance.now();
  let accepted = 0;
  let crashing = Promise.resolve();
  let crashes = 0;
  const ids = new Set<string>();

  const submit = async (n: number, connection: { client?: SmtpClient }): Promise<string> => {
    for (let tries = 1; ; tries++) {
      const reply = await send(connection, () =>
        connection.client?.transaction('anne@example.com', [`reader-${n}@example.net`], attempt(n, tries)),
      );
      const id = /^250 2\.0\.0 queued as (\S+)$/.exec(reply)?.[1];
      if (id !== undefined) return id;
      // No answer, or one that passes: everything else is a mistake.
      expect(reply).toMatch(/^$|^4/);
      connection.client?.close();
      delete connection.client;
      await setTimeout(100);
    }
  };
  const send = async (connection: { client?: SmtpClient }, transaction: () => Promise<string> | undefined): Promise<string> => {
    connection.client ??= await fixture.logIn().catch(() => undefined as never);
    return (await transaction()) ?? '';
  };
  const post = async (n: number): Promise<string> => {
    for (;;) {
      const raw = Buffer.from(attempt(n, 1)).toString('base64');
      const response = await fetch(`http://127.0.0.1:${apiPort}/v1/mails`, {
        method: 'POST',
        headers: { authorization: `Bearer ${fixture.key}`, 'content-type': 'application/json', 'idempotency-key': `mail:${n}` },
        body: JSON.stringify({ to: `reader-${n}@example.net`, content: { raw }, onUncertain: 'hold' }),
      }).catch(() => undefined);
      if (response?.status === 202) return ((await response.json()) as { id: string }).id;
      expect([undefined, 408, 409, 429, 503]).toContain(response?.status);
      await setTimeout(100);
    }
  };

  let next = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const connection: { client?: SmtpClient } = {};
      while (next < mails) {
        const n = next++;
        ids.add(await (victims.length > 2 && n % 4 === 0 ? post(n) : submit(n, connection)));
        accepted += 1;
        if (crashes < kills && accepted >= ((crashes + 1) * mails) / (kills + 1)) {
          const victim = victims[crashes % victims.length] as string;
          crashes += 1;
          crashing = crashing.then(() => crash(victim));
        }
      }
      connection.client?.close();
    }),
  );
  await crashing;
  expect([crashes, ids.size]).toEqual([kills, mails]);
  if (!running.has('worker')) await start('worker');
  await expect.poll(() => relay.arrivals.size, { timeout: 300_000 }).toBe(mails);
  const recipients = [...relay.arrivals.keys()].map((arrival) => arrival.split(' ').at(-1));
  const doubled = [...relay.arrivals.values()].filter((count) => count > 1).length;
  expect({ recipients: new Set(recipients).size, doubled }).toEqual({ recipients: mails, doubled: 0 });
  if (rowsFile !== undefined) {
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const fault = 'submission, API and Redis killed, 20 times';
    appendFileSync(rowsFile, `${JSON.stringify({ fault, mails, lost: 0, doubled, uncertain: 0, seconds })}\n`);
  }
});
