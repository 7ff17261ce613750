import { patientDurations, RedisProcess, TcpProxy } from '@posthouse/devkit';
import { expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

it('can be used after it was lost in the middle of its very first commands', async () => {
  const server = new RedisProcess();
  await server.start();
  const proxy = new TcpProxy(server.port);
  await proxy.start();
  const connection = new RequestConnection(`redis://127.0.0.1:${proxy.port}`, sealer, patientDurations(), () => undefined);
  await connection.start();
  // It is usable from here on: a process that is started answers its first request.
  expect(connection.handles.redis.status).toBe('ready');
  // The handshake is complete, and what follows gets no reply.
  proxy.stallAt({ when: () => true, side: 'reply' });
  const unanswered = connection.handles.redis.ping();
  await proxy.stop();
  await expect(unanswered).rejects.toThrow(/max retries/);
  proxy.resume();
  await proxy.start();
  await expect.poll(() => connection.state()).toBe('ok');
  await new MailQueue(connection).accept([newRecord(newMailId(), sampleMail(), Date.now())], false);
  await connection.stop();
  await proxy.stop();
  await server.stop();
});
