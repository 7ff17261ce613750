/**
 * `@posthouse/client`, packed and installed, on Deno, Bun and workerd, the runtime of Cloudflare Workers. `npm run test:clients` installs them
 * and sets POSTHOUSE_CLIENT_RUNTIMES to their folder: they are too large for `npm test`.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, key } from './api-fixture.ts';

const runtimes = process.env['POSTHOUSE_CLIENT_RUNTIMES'] ?? '';
const client = fileURLToPath(new URL('../../../packages/client', import.meta.url));
const api = new ApiFixture();
let dir: string;
let url: string;
beforeAll(async () => {
  await api.start();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  dir = await mkdtemp(join(tmpdir(), 'posthouse-runtimes-'));
  const packed = await run('npm', ['pack', client, '--silent', '--offline']);
  await writeFile(join(dir, 'package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(dir, packed.trim())]);
  await writeFile(join(dir, 'use-client.js'), useClient);
  await writeFile(join(dir, 'main.js'), "import { useClient } from './use-client.js';\nconsole.log(JSON.stringify(await useClient()));");
});
afterAll(async () => {
  await api.stop();
  await rm(dir, { recursive: true });
});

const run = async (program: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
  (await promisify(execFile)(program, args, { cwd: dir, env: { PATH: process.env['PATH'], HOME: dir, ...env } })).stdout;

/** @returns the path of a program that was installed */
const runtime = (path: string) => join(runtimes, 'node_modules', path);

/** Sends, repeats, reads, lists, cancels, fails and ends a request, and hands a message over as nodemailer does. */
const useClient = `
import { Posthouse, PosthouseError } from '@posthouse/client';
import { posthouse as transport } from '@posthouse/client/nodemailer';

export async function useClient(options) {
  const { mails } = new Posthouse({ ...options, tryTimeoutMs: 60000, timeoutMs: 60000 });
  const idempotencyKey = crypto.randomUUID();
  const mail = { to: 'anne@example.net', content: { subject: '안녕', text: 'Hi' }, scheduledAt: new Date(Date.now() + 3600000) };
  const sent = await mails.send(mail, { idempotencyKey });
  const again = await mails.send(mail, { idempotencyKey });
  const listed = [];
  for await (const { id } of mails.list({ state: 'scheduled', pageSize: 1 })) listed.push(id);
  const cancelled = await mails.cancel(sent.id);
  const refused = await mails.trySend({ to: 'anne', content: { subject: 'Hi', text: 'Hi' } });
  const ended = await mails.send(mail, { signal: AbortSignal.abort() }).catch((error) => error);
  const bytes = new TextEncoder().encode('From: hello@example.com\\nSubject: Hi\\n\\nHi\\n');
  const message = {
    getEnvelope: () => ({ from: 'hello@example.com', to: ['bo@example.net'] }),
    messageId: () => '<1@example.com>',
    createReadStream: () => (async function* () { yield bytes; })(),
  };
  const info = await new Promise((resolve, reject) => {
    transport({ ...options, tryTimeoutMs: 60000, timeoutMs: 60000 }).send({ data: {}, message }, (error, result) => (error ? reject(error) : resolve(result)));
  });
  return {
    same: sent.id === again.id,
    listed: listed.includes(sent.id),
    cancelled: cancelled.state,
    refused: [refused.ok, refused.error.status, refused.error.issues[0].pointer],
    ended: [ended instanceof PosthouseError, ended.code],
    accepted: info.accepted,
  };
}
`;

const expected = {
  ...{ same: true, listed: true, cancelled: 'cancelled', refused: [false, 400, '/to'] },
  ...{ ended: [true, 'aborted'], accepted: ['bo@example.net'] },
};

it('runs on Deno, which may only use the network and two variables', async () => {
  const allowed = ['--allow-net=127.0.0.1', '--allow-env=POSTHOUSE_URL,POSTHOUSE_KEY', '--node-modules-dir=manual', '--no-prompt'];
  const env = { POSTHOUSE_URL: url, POSTHOUSE_KEY: key };
  expect(JSON.parse(await run(runtime('@deno/linux-x64-glibc/deno'), ['run', ...allowed, 'main.js'], env))).toEqual(expected);
});

it('runs on Bun', async () => {
  const env = { POSTHOUSE_URL: url, POSTHOUSE_KEY: key };
  expect(JSON.parse(await run(runtime('@oven/bun-linux-x64/bin/bun'), ['run', 'main.js'], env))).toEqual(expected);
});

it('runs on workerd, without anything of Node', async () => {
  const port = await freePort();
  const folder = 'node_modules/@posthouse/client/dist';
  const files = (await readdir(join(dir, folder))).filter((file) => file.endsWith('.js'));
  const embedded = [
    ['main.js', 'worker.js'],
    ['use-client.js', 'use-client.js'],
    ...files.map((file) => [`client/${file}`, `${folder}/${file}`]),
  ];
  const modules = embedded.map(([name, path]) => `(name = "${name}", esModule = embed "${path}")`).join(',\n    ');
  const worker = `
import { useClient } from './use-client.js';
export default {
  async fetch(request, env) {
    return Response.json({ ...(await useClient({ url: env.POSTHOUSE_URL, key: env.POSTHOUSE_KEY })), node: typeof process + typeof Buffer + typeof require });
  },
};`;
  const source = useClient
    .replace("'@posthouse/client'", "'./client/client.js'")
    .replace("'@posthouse/client/nodemailer'", "'./client/nodemailer.js'");
  await writeFile(join(dir, 'use-client.js'), source);
  await writeFile(join(dir, 'worker.js'), worker);
  await writeFile(
    join(dir, 'worker.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "local", network = (allow = ["local"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    ${modules}
  ],
  bindings = [(name = "POSTHOUSE_URL", text = "${url}"), (name = "POSTHOUSE_KEY", text = "${key}")],
  globalOutbound = "local",
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2"],
);`,
  );
  const workerd = spawn(runtime('@cloudflare/workerd-linux-64/bin/workerd'), ['serve', 'worker.capnp', '--control-fd=3'], {
    cwd: dir,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  try {
    await listening(workerd);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual({ ...expected, node: 'undefinedundefinedundefined' });
  } finally {
    workerd.kill();
    if (workerd.exitCode === null && workerd.signalCode === null) await once(workerd, 'exit');
  }
});

/** workerd reports on that descriptor that a socket listens. */
async function listening(workerd: ChildProcess): Promise<void> {
  const ended = once(workerd, 'exit').then(() => Promise.reject(new Error('workerd ended before it listened')));
  await Promise.race([once(workerd.stdio[3] as NodeJS.ReadableStream, 'data'), ended]);
}
