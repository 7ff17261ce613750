import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '@posthouse/devkit';
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';

const dir = mkdtempSync(join(tmpdir(), 'posthouse-config-'));
const [cert, key] = [join(dir, 'tls.crt'), join(dir, 'tls.key')];
const good = {
  POSTHOUSE_SECRET: 'e'.repeat(64),
  MAIL_FROM: 'Anne <hello@example.com>',
  SUBMISSION_CERT_FILE: cert,
  SUBMISSION_KEY_FILE: key,
};

it('has the ports of RFC 8314, and the domain of MAIL_FROM; what is wrong is named all at once', async () => {
  const { certPem, keyPem } = await (await CertificateAuthority.create()).issue({ hosts: ['localhost'] });
  writeFileSync(cert, certPem);
  writeFileSync(key, keyPem);
  const listens = { host: '127.0.0.1', tlsPort: 465, startTlsPort: 587, httpPort: undefined };
  expect(readConfig(good)).toMatchObject({ ...listens, fromDomains: ['example.com'], certificateFile: cert, keyFile: key });
  const bad = { SUBMISSION_TLS_PORT: 'smtps', SUBMISSION_CERT_FILE: key, SUBMISSION_KEY_FILE: '/nowhere', POSTHOUSE_SECRET: 'planted' };
  const names = [...Object.keys(bad), 'MAIL_FROM_DOMAINS'];
  expect(() => readConfig(bad)).toThrow(new RegExp(names.map((name) => `(?=[\\s\\S]*- ${name} )`).join('')));
  expect(() => readConfig(bad)).not.toThrow(/planted/);
  rmSync(dir, { recursive: true });
});
