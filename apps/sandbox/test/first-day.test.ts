/**
 * The first day: `npm run init` writes .env, API and worker read it, `posthouse doctor` finds nothing wrong, and `posthouse send` shows the
 * receipt of a relay without TLS on this machine. The preview of templates sends what it shows through the same API.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppProcess, CertificateAuthority, RedisProcess, SmtpServer } from '@posthouse/devkit';
import { viewMessage } from '@posthouse/mailview';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const main = (app: string) => join(root, `apps/${app}/dist/main.js`);

test('what init writes is what API and worker need, and Mailpit gets the mail of `send`', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'first-day-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const redis = new RedisProcess();
  const smtp = new SmtpServer({ ca: await CertificateAuthority.create(), mode: 'starttls', login: false });
  for (const service of [redis, smtp]) {
    onTestFinished(() => service.stop());
    await service.start();
  }
  const env = { PATH: process.env['PATH'], REDIS_URL: redis.url, TEMPLATES_DIR: join(root, 'templates') };
  const { stdout } = await promisify(execFile)(process.execPath, [main('cli'), 'init', '--json'], { cwd: folder, env });
  const { apiKey } = JSON.parse(stdout);

  // Of what the file has, only the ports are others here.
  const relay = `smtp://localhost:${new URL(smtp.url).port}?tls=off`;
  const own = { api: { API_PORT: '0' }, worker: { SMTP_URL: relay } };
  const start = async (app: keyof typeof own) => {
    const readyWhen = (line: string) => line.includes('"msg":"ready"') || line.includes('"msg":"provider check succeeded"');
    const started = new AppProcess({ name: app, entry: main(app), env: { ...env, ...own[app] }, cwd: folder, readyWhen });
    onTestFinished(() => started.stop());
    await started.start();
    return started.output.flatMap((line) => /"url":"([^"]+)"/.exec(line)?.[1] ?? [])[0];
  };
  const [url] = await Promise.all([start('api'), start('worker')]);
  const cli = (...args: string[]) =>
    promisify(execFile)(process.execPath, [main('cli'), ...args, '--json'], {
      cwd: folder,
      env: { ...env, SMTP_URL: relay, POSTHOUSE_URL: url, POSTHOUSE_KEY: apiKey.key },
    });
  const mail = ['--to', 'you@example.com', '--set', 'nickname=You', '--set', 'email=you@example.com'];
  const send = (template: string) => cli('send', template, ...mail, '--wait');
  const sent = JSON.parse((await send('signup')).stdout);
  expect(sent).toMatchObject({ state: 'sent', receipt: { provider: 'localhost', response: expect.stringMatching(/^250 /) } });
  expect(smtp.messages.map(({ to }) => to)).toEqual([['you@example.com']]);

  // SMTP_URL comes first: without it, which an empty value is, the preview sends through the API.
  const preview = new AppProcess({
    name: 'preview',
    entry: main('cli'),
    args: ['templates', 'dev', '--port', '0'],
    env: { ...env, SMTP_URL: '', POSTHOUSE_URL: url, POSTHOUSE_KEY: apiKey.key },
    cwd: folder,
    readyWhen: (line) => line.includes('The preview is at'),
  });
  onTestFinished(() => preview.stop());
  await preview.start();
  const origin = /http:\/\/[\d.:]+\d/.exec(preview.output.join('\n'))?.[0] ?? '';
  const received = new Promise<(typeof smtp.messages)[number]>((resolve) => smtp.onMessage(resolve));
  const form = new URLSearchParams({ 'string:/nickname': 'Previewer', 'string:/email': 'x@example.com', 'send-to': 'me@example.com' });
  const answer = await fetch(`${origin}/_/send/signup/default/en`, { method: 'POST', body: form, headers: { origin } });
  expect(await answer.json()).toEqual({ message: expect.stringMatching(/^The API accepted it as [\w-]+\./) });
  const message = await received;
  expect(message.to).toEqual(['me@example.com']);
  expect((await viewMessage(message.raw)).html).toContain('Previewer');

  // The worker stores that it runs, and does not wait for it.
  const doctor = async () => JSON.parse((await cli('doctor')).stdout);
  const ok = (check: string) => expect.objectContaining({ check, status: 'ok' });
  const checks = expect.arrayContaining(['workers.running', 'workers.relay', 'api.ready', 'relay.smtp'].map(ok));
  await expect.poll(doctor, { timeout: 60_000 }).toMatchObject({ errors: 0, warnings: 0, checks });
  const issuesOf = async (refused: ReturnType<typeof cli>) => {
    const error = await refused.catch((cause) => cause);
    expect(error.code).toBe(1);
    return JSON.parse(error.stderr).errors;
  };
  const [unknown, incomplete] = await Promise.all([send('sign-up'), cli('send', 'signup', '--to', 'you@example.com')].map(issuesOf));
  expect(unknown).toMatchObject([{ code: 'invalid-mail' }, { code: 'not-allowed' }]);
  const missing = (name: string) => ({
    code: 'missing',
    message: `/data/${name} is missing. Add --set ${name}=<text>, or --data <file> with all the data.`,
  });
  expect(incomplete.slice(1)).toEqual(['nickname', 'email'].map(missing));
});
