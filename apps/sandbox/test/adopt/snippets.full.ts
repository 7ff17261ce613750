/** The snippets of docs/adopt.md send a mail with a relay, and the same mail with Posthouse. `npm run test:adopt` runs this. */
import { chmod, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SmtpServer } from '@posthouse/devkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdoptFixture, relayAccount, type SmtpSettings } from './adopt-fixture.ts';
import { readSnippets, type SnippetRun, sideOf, snippetRuns } from './snippet-runs.ts';
import { python } from './stacks.mjs';

const chosen = process.env['POSTHOUSE_ADOPT']?.split(',') ?? [];
const snippets = readSnippets();
const fixture = new AdoptFixture();
/** What a program used before. */
let relays: { tls: SmtpServer; starttls: SmtpServer };
let nextKey = 1;

beforeAll(async () => {
  await fixture.start();
  relays = {
    tls: new SmtpServer({ ca: fixture.ca, mode: 'implicit-tls' }),
    starttls: new SmtpServer({ ca: fixture.ca, mode: 'starttls' }),
  };
  await Promise.all(Object.values(relays).map((relay) => relay.start()));
});
afterAll(async () => {
  await Promise.all(Object.values(relays).map((relay) => relay.stop()));
  await fixture.stop();
});

it('runs every snippet that the page says is run', () => {
  const used = snippetRuns.flatMap(({ files }) => Object.values(files));
  expect([...snippets.keys()].toSorted()).toEqual(used.toSorted());
});

describe.each(snippetRuns.filter(({ stack }) => chosen.includes(stack)))('$name', (run) => {
  const { security = 'tls', subject, isNew } = run;

  it('sends with Posthouse what it sends with a relay', async () => {
    const [key, known] = [fixture.keys[nextKey++] as string, fixture.relay.messages.length];
    await runSnippet(run, 'after', { port: fixture.ports[security], user: 'shop', password: key });
    const arrived = await fixture.relay.waitForMessages(known + 1, 120_000);
    const after = summary(arrived.at(-1)?.raw);
    expect(arrived.at(-1)).toMatchObject({ from: 'hello@example.com', to: ['anne@example.net'] });
    expect(after.fields).toMatchObject({ subject });
    if (isNew) return;
    const relay = relays[security];
    await runSnippet(run, 'before', { port: relay.port, ...relayAccount });
    const before = summary((await relay.nextMessage()).raw);
    const ours = ['date', 'message-id'];
    const kept = Object.keys(before.fields).filter((name) => !name.startsWith('posthouse-'));
    expect(Object.keys(after.fields).toSorted()).toEqual([...new Set([...kept, ...ours])].toSorted());
    expect(after.body).toBe(before.body);
    expect(relay.messages.flatMap(({ to }) => to)).not.toContain('rolled-back@example.net');
  });
});

it.runIf(chosen.includes('python'))(
  'the outbox sends again what a program has not deleted before it ended, and one mail arrives',
  async () => {
    const [key, known] = [fixture.keys[nextKey++] as string, fixture.relay.messages.length];
    const outbox = snippetRuns.find(({ name }) => name === 'outbox') as SnippetRun;
    const settings = { port: fixture.ports.tls, user: 'shop', password: key };
    await runSnippet(outbox, 'after', settings);
    // In a new folder its database is as it was before the mail was deleted from it.
    await runSnippet(outbox, 'after', settings);
    const { password, ...other } = settings;
    await runSnippet(outbox, 'after', { ...other, password: fixture.keys[nextKey++] as string });
    await fixture.relay.waitForMessages(known + 2, 120_000);
    const mails = [];
    for await (const mail of fixture.client.mails.list({ apiKey: `shop-${fixture.keys.indexOf(password)}` })) mails.push(mail);
    expect(mails).toHaveLength(1);
  },
);

/** Runs a program in a folder of its own. */
async function runSnippet({ files, command, name }: SnippetRun, side: 'before' | 'after', settings: SmtpSettings): Promise<void> {
  const folder = join(fixture.dir, 'snippet');
  await rm(folder, { recursive: true, force: true });
  await cp(fileURLToPath(new URL('frameworks', import.meta.url)), folder, { recursive: true });
  await prepare(folder, name);
  for (const [file, snippet] of Object.entries(files)) await writeFile(join(folder, file), sideOf(snippets.get(snippet) as string, side));
  if (name.includes('msmtp')) await fillIn(join(folder, 'msmtprc'), snippets.get('msmtp config') as string, settings);
  const { user, password, port } = settings;
  const address = `smtps://${user}:${encodeURIComponent(password)}@localhost:${port}`;
  const env = {
    ...fixture.environment(settings),
    ...{ SMTP_URL: address, MAILER_DSN: address, POSTHOUSE_URL: fixture.apiUrl, POSTHOUSE_KEY: password },
    ...{ GOCACHE: join(fixture.dir, 'go-cache'), GO111MODULE: 'off', CGO_ENABLED: '0' },
  };
  await fixture.run(
    command.map((part) => (part === 'python' ? python : part)),
    env,
    folder,
  );
}

/** What an application has installed: packages of Node and PHP, and a key store of Java that trusts the authority. */
async function prepare(folder: string, name: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@posthouse'), { recursive: true });
  await symlink(fileURLToPath(new URL('../../../../packages/client', import.meta.url)), join(modules, '@posthouse/client'));
  await symlink(fileURLToPath(new URL('../../node_modules/nodemailer', import.meta.url)), join(modules, 'nodemailer'));
  await mkdir(join(folder, 'vendor'));
  const libraries = ['libphp-phpmailer/autoload.php', 'Symfony/Component/Mailer/autoload.php', 'Symfony/Component/Mime/autoload.php'];
  const loaded = libraries.map((library) => `if (stream_resolve_include_path('${library}')) require_once '${library}';`);
  await writeFile(join(folder, 'vendor/autoload.php'), `<?php\n${loaded.join('\n')}\n`);
  if (name !== 'Java') return;
  const store = ['-keystore', 'trust.p12', '-storepass', 'changeit'];
  const trust = ['keytool', '-importcert', '-noprompt', '-alias', 'sandbox', '-file', fixture.caFile, ...store];
  await fixture.run(trust, fixture.environment({ port: 0, user: '', password: '' }), folder);
}

/** A file of settings has no environment. */
async function fillIn(path: string, text: string, { port, user, password }: SmtpSettings): Promise<void> {
  const keyFile = join(fixture.dir, 'posthouse-key');
  await writeFile(keyFile, password);
  const filled = text
    .replace('posthouse.example.com', 'localhost')
    .replace('465', String(port))
    .replace('user shop', `user ${user}`)
    .replace('/etc/posthouse-key', keyFile);
  await writeFile(path, `${filled}tls_trust_file ${fixture.caFile}\n`);
  await chmod(path, 0o600);
}

function summary(raw: Buffer = Buffer.alloc(0)): { fields: Record<string, string>; body: string } {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const lines = text.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const fields = Object.fromEntries(lines.split('\r\n').map((line) => [line.split(':')[0]?.toLowerCase(), line.replace(/^[^:]*:\s*/, '')]));
  return { fields, body: text.slice(end + 4) };
}
