/** `npm run dev`: it runs API, worker, dashboard and SMTP submission, restarts or reloads them on a change, says what is missing, and stops all of them. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashApiKey, hashPassword } from '@posthouse/access';
import { AppProcess, CertificateAuthority, freePort, RedisProcess, SmtpServer } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const redis = new RedisProcess();
let smtp: SmtpServer;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-dev-'));
  const ca = await CertificateAuthority.create();
  await ca.writeCa(join(dir, 'ca.pem'));
  const { certPem, keyPem } = await ca.issue({ hosts: ['localhost'] });
  await Promise.all([writeFile(join(dir, 'tls.crt'), certPem), writeFile(join(dir, 'tls.key'), keyPem)]);
  smtp = new SmtpServer({ ca, mode: 'implicit-tls' });
  await Promise.all([redis.start(), smtp.start()]);
});

afterAll(async () => {
  await Promise.all([redis.stop(), smtp.stop()]);
  await rm(dir, { recursive: true });
});

/** Every variable is given, if only as an empty one, so that a developer's own `.env` decides nothing. */
const unset = Object.fromEntries(
  [...readFileSync(join(root, '.env.example'), 'utf8').matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => [name, '']),
);

function dev(env: NodeJS.ProcessEnv, readyWhen: (line: string) => boolean): AppProcess {
  const ports = { API_PORT: '0', DASHBOARD_PORT: '0', SUBMISSION_TLS_PORT: '0', SUBMISSION_STARTTLS_PORT: '0' };
  return new AppProcess({
    name: 'dev',
    entry: join(root, 'scripts/dev.mjs'),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...unset, ...ports, ...env },
    readyWhen,
  });
}

async function touch(file: string): Promise<void> {
  await utimes(join(root, file), new Date(), new Date());
}

function matching(process: AppProcess, pattern: RegExp): string[] {
  return process.output.filter((line) => pattern.test(line));
}

test('runs all processes, reloads templates, restarts on another change, and Ctrl-C stops them', async () => {
  const env = {
    REDIS_URL: redis.url,
    POSTHOUSE_SECRET: 'a'.repeat(64),
    API_KEYS: `test:${hashApiKey('test')}`,
    DASHBOARD_USERS: `admin:admin:${await hashPassword('correct horse battery')}`,
    SMTP_URL: smtp.url,
    SMTP_CA_FILE: join(dir, 'ca.pem'),
    MAIL_FROM: 'Posthouse <hello@example.com>',
    SUBMISSION_CERT_FILE: join(dir, 'tls.crt'),
    SUBMISSION_KEY_FILE: join(dir, 'tls.key'),
  };
  const running = dev(env, (line) => /^api +│ .* ready .*url=/.test(line));
  try {
    await running.start();
    await expect.poll(() => matching(running, /^dashboard +│ .* ready .*url=/)).toHaveLength(1);
    await expect.poll(() => matching(running, /^submission +│ .* ready .*security=tls/)).toHaveLength(1);
    await expect.poll(() => smtp.loginCount).toBe(1);

    await touch('templates/signup/template.json');
    for (const name of ['api', 'worker', 'dashboard'])
      await expect.poll(() => matching(running, new RegExp(`^${name} +│ .* template set unchanged`))).not.toEqual([]);
    expect(matching(running, /^(api|dashboard) +│ .* ready .*url=/)).toHaveLength(2);

    await touch('apps/dashboard/assets/keys.js');
    await expect.poll(() => matching(running, /^api +│ .* ready .*url=/)).toHaveLength(2);
    await expect.poll(() => matching(running, /^dashboard +│ .* ready .*url=/)).toHaveLength(2);
    await expect.poll(() => smtp.loginCount).toBe(2);

    running.kill('SIGINT');
    expect(await running.exit).toEqual({ code: 0, signal: null });
    expect(smtp.openConnections).toBe(0);
    expect(matching(running, /exited/)).toEqual([]);
  } finally {
    await running.stop();
  }
});

test('says what is missing, and tries again when a source is saved', async () => {
  const port = await freePort();
  const running = dev({ REDIS_URL: `redis://127.0.0.1:${port}` }, (line) => /^dashboard +│ exited/.test(line));
  try {
    await running.start();
    await expect.poll(() => matching(running, /^(api|worker) +│ exited \(code 1\)/)).toHaveLength(2);
    expect(running.output).toContain(`dev        │ no Redis answers at 127.0.0.1:${port}: start one (redis-server), or set REDIS_URL`);
    for (const name of ['MAIL_FROM', 'SMTP_URL', 'POSTHOUSE_SECRET']) expect(running.output.join('\n')).toContain(`${name} is not set`);

    await touch('packages/contract/src/limits.ts');
    await expect.poll(() => matching(running, /^dev +│ sources changed: restarting$/)).toHaveLength(1);
    await expect.poll(() => matching(running, /^(api|worker|dashboard) +│ exited \(code 1\)/)).toHaveLength(6);
    running.kill('SIGTERM');
    expect(await running.exit).toEqual({ code: 0, signal: null });
  } finally {
    await running.stop();
  }
});
