import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { CertificateAuthority, type CertificateRequest } from '../src/certificate-authority.ts';

/** Shakes hands with a server that has such a certificate; resolves to what made the client refuse it, if it did. */
async function handshake(
  issuer: CertificateAuthority,
  request: CertificateRequest,
  client: { ca?: string; servername?: string } = {},
): Promise<string | undefined> {
  const { certPem, keyPem } = await issuer.issue(request);
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => socket.end()).on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', ...client });
  try {
    await once(socket, 'secureConnect');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
    server.close();
  }
}

const ours = await CertificateAuthority.create();

test('a client that is handed the authority trusts its certificates, by name and by address', async () => {
  const request = { hosts: ['localhost', '127.0.0.1'] };
  expect(await handshake(ours, request, { ca: ours.caPem, servername: 'localhost' })).toBeUndefined();
  expect(await handshake(ours, request, { ca: ours.caPem })).toBeUndefined();
});

test('a client that is not handed the authority refuses', async () => {
  expect(await handshake(ours, { hosts: ['127.0.0.1'] })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('an authority of the same name is another authority', async () => {
  const other = await CertificateAuthority.create();
  expect(await handshake(ours, { hosts: ['127.0.0.1'] }, { ca: other.caPem })).toMatch(/^(UNABLE_TO|CERT_SIGNATURE)/);
});

test('a certificate for another host is refused', async () => {
  expect(await handshake(ours, { hosts: ['mail.example.com'] }, { ca: ours.caPem })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('an expired certificate is refused', async () => {
  expect(await handshake(ours, { hosts: ['127.0.0.1'], expired: true }, { ca: ours.caPem })).toBe('CERT_HAS_EXPIRED');
});

test('the authority can be written to a file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'posthouse-ca-'));
  const path = join(dir, 'ca.pem');
  await ours.writeCa(path);
  expect(await readFile(path, 'utf8')).toBe(ours.caPem);
  await rm(dir, { recursive: true });
});
