/** TLS to a real Redis with a certificate of a private authority, which verifies its clients; and what is logged where it fails. */
import type { RedisAccess } from '@posthouse/contract';
import { CertificateAuthority, patientDurations, RedisProcess, SentinelRedis } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';

import { MailConsumer } from '../../src/worker/mail-consumer.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

let server: RedisProcess;
let tls: RedisAccess;
let authority: CertificateAuthority;
const plain = new RedisProcess();

beforeAll(async () => {
  const ca = await CertificateAuthority.create();
  authority = ca;
  const { certPem: cert, keyPem: key } = await ca.issue({ hosts: ['posthouse'], client: true });
  tls = { ca: ca.caPem, cert, key };
  server = new RedisProcess({ tls: { ca, verifyClients: true } });
  await Promise.all([server.start(), plain.start()]);
});
afterAll(() => Promise.all([server.stop(), plain.stop()]));

it('API and worker use it, with the connection on which a worker waits for mail', async () => {
  const byName = server.url.replace('127.0.0.1', 'localhost');
  const requests = new RequestConnection(byName, sealer, patientDurations(), () => undefined, tls);
  await requests.start();
  await requests.whenReady();
  expect(await requests.state()).toBe('ok');
  const worker = new WorkerConnection(server.url, sealer, patientDurations(), () => undefined, tls);
  await worker.start();
  const ids: string[] = [];
  const handler = async ({ id }: { id: string }) => {
    ids.push(id);
    return { kind: 'ended' as const };
  };
  const consumer = new MailConsumer(worker, 1, handler, () => undefined);
  await consumer.start();
  await expect.poll(() => server.cli('CLIENT', 'LIST')).toMatch(/cmd=bzpopmin/);
  const record = newRecord(newMailId(), sampleMail(), Date.now());
  await new MailQueue(requests).accept([record]);
  await expect.poll(() => ids).toEqual([record.id]);
  await consumer.stop();
  await worker.stop();
  await requests.stop();
});

it('a Redis Cluster with TLS: every server that is asked or found is verified', async () => {
  const cluster = new RedisProcess({
    tls: { ca: authority, verifyClients: true },
    settings: { 'cluster-enabled': 'yes', 'tls-cluster': 'yes' },
  });
  await cluster.start();
  await cluster.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  const url = cluster.url.replace('rediss:', 'rediss+cluster:');
  const requests = new RequestConnection(url, sealer, patientDurations(), () => undefined, tls);
  await requests.start();
  await expect.poll(() => requests.state()).toBe('ok');
  await requests.stop();
  const logged: [event: string, fields: object][] = [];
  const unknown = new RequestConnection(url, sealer, patientDurations(), (...entry) => void logged.push(entry));
  await unknown.start();
  await expect.poll(() => logged[0]?.[1]).toMatchObject({ fix: expect.stringMatching(/REDIS_CA_FILE/) });
  await unknown.stop();
  await cluster.stop();
});

it('Sentinels with TLS: they and the master that they name are verified', async () => {
  const redis = new SentinelRedis({ replicas: 0, sentinels: 1, ca: authority });
  await redis.start();
  const requests = new RequestConnection(redis.url, sealer, patientDurations(), () => undefined, tls);
  await requests.start();
  await expect.poll(() => requests.state()).toBe('ok');
  await requests.stop();
  const unknown = new RequestConnection(redis.url, sealer, patientDurations(), () => undefined);
  await unknown.start();
  await expect.poll(() => unknown.state()).toBe('no-sentinel');
  await unknown.stop();
  await redis.stop();
});

it.each([
  ['the authority is not known', () => server.url, () => ({}), /REDIS_CA_FILE/],
  [
    'the authority is another one',
    () => server.url,
    async () => ({ ...tls, ca: (await CertificateAuthority.create()).caPem }),
    /REDIS_CA_FILE/,
  ],
  ['Redis asks for a certificate in vain', () => server.url, () => ({ ca: tls.ca as string }), /REDIS_CERT_FILE and REDIS_KEY_FILE/],
  ['the port takes no TLS', () => plain.url.replace('redis:', 'rediss:'), () => tls, /redis:\/\/ where it takes no TLS/],
  ['the port takes TLS only', () => server.url.replace('rediss:', 'redis:'), () => tls, /rediss:\/\/ where it takes TLS only/],
])('says what to change where %s', async (_case, url, settings, fix) => {
  const logged: [event: string, fields: object][] = [];
  const connection = new RequestConnection(url(), sealer, patientDurations(), (...entry) => void logged.push(entry), await settings());
  await connection.start();
  await expect.poll(() => logged).toEqual([['Redis cannot be reached', { error: expect.any(String), fix: expect.stringMatching(fix) }]]);
  expect(await connection.state()).toBe('unreachable');
  await connection.stop();
});
