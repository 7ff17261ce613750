import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { CertificateAuthority, type CertificateRequest } from '../src/certificate-authority.ts';

/** Performs a TLS handshake with a server that has such a certificate. @returns the code of the client's error, if any */
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

const authority = await CertificateAuthority.create();

test('a client with the authority trusts its certificates, by name and by address', async () => {
  const request = { hosts: ['localhost', '127.0.0.1'] };
  expect(await handshake(authority, request, { ca: authority.caPem, servername: 'localhost' })).toBeUndefined();
  expect(await handshake(authority, request, { ca: authority.caPem })).toBeUndefined();
});

test('a client without the authority rejects them', async () => {
  expect(await handshake(authority, { hosts: ['127.0.0.1'] })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('another authority with the same name is not trusted', async () => {
  const other = await CertificateAuthority.create();
  expect(await handshake(authority, { hosts: ['127.0.0.1'] }, { ca: other.caPem })).toMatch(/^(UNABLE_TO|CERT_SIGNATURE)/);
});

test('a certificate for another host is rejected', async () => {
  expect(await handshake(authority, { hosts: ['mail.example.com'] }, { ca: authority.caPem })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('an expired certificate is rejected', async () => {
  expect(await handshake(authority, { hosts: ['127.0.0.1'], expired: true }, { ca: authority.caPem })).toBe('CERT_HAS_EXPIRED');
});

test('the authority can be written to a file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'posthouse-ca-'));
  const path = join(dir, 'ca.pem');
  await authority.writeCa(path);
  expect(await readFile(path, 'utf8')).toBe(authority.caPem);
  await rm(dir, { recursive: true });
});
