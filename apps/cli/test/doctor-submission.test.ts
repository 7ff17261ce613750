import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { CertificateAuthority, freePort } from '@posthouse/devkit';
import { expect, it, onTestFinished } from 'vitest';
import type { Check } from '../src/doctor/check.ts';
import { run } from './command-line.ts';

/** The lines of submission; nothing else is there to be looked at. */
async function checks(env: Record<string, string>): Promise<Check[]> {
  const REDIS_URL = `redis://127.0.0.1:${await freePort()}`;
  const { stdout } = await run(['doctor', '--json'], { env: { REDIS_URL, TEMPLATES_DIR: '/nowhere', ...env } });
  return JSON.parse(stdout).checks.filter(({ check }: Check) => check.startsWith('submission.'));
}

it('doctor of SMTP submission whose port answers with the certificate of the file, with another one, with none, or not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-submission-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = { SUBMISSION_CERT_FILE: join(folder, 'tls.crt'), SUBMISSION_KEY_FILE: join(folder, 'tls.key') };
  const ca = await CertificateAuthority.create();
  const [own, other, expired] = await Promise.all([{}, {}, { expired: true }].map((more) => ca.issue({ hosts: ['localhost'], ...more })));
  const install = async (certificate = own, key = certificate) => {
    await writeFile(files.SUBMISSION_CERT_FILE, certificate?.certPem ?? '');
    await writeFile(files.SUBMISSION_KEY_FILE, key?.keyPem ?? '');
  };
  const server = createServer({ cert: own?.certPem, key: own?.keyPem }, (socket) => socket.end('220 localhost\r\n'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const port = String((server.address() as AddressInfo).port);
  const found = async (more = {}) =>
    (await checks({ ...files, SUBMISSION_TLS_PORT: port, ...more })).map(
      ({ check, status, message }) => `${check.replace('submission.', '')} ${status}: ${message}`,
    );
  await install();
  expect(await found()).toEqual([
    expect.stringMatching(/^certificate ok: it is for localhost, and valid for \d+ more days$/),
    `answers ok: port ${port} answers with this certificate`,
  ]);
  expect(await found({ SUBMISSION_TLS_PORT: String(await freePort()), SUBMISSION_HTTP_PORT: port })).toEqual([
    expect.stringContaining('certificate ok'),
    expect.stringMatching(/^answers error: it does not answer: .*ECONNREFUSED/),
    expect.stringContaining('ready error'),
  ]);
  await install(other);
  expect((await found())[1]).toBe(`answers error: port ${port} answers with another certificate`);
  await install(own, other);
  expect((await found())[0]).toMatch(/^certificate error: SUBMISSION_KEY_FILE is not the private key/);
  await install(expired);
  expect((await found())[0]).toMatch(/^certificate error: it has expired/);
  expect(await found({ SUBMISSION_CERT_FILE: '/nowhere' })).toEqual([expect.stringMatching(/^configuration error: SUBMISSION_CERT_FILE/)]);
});
