/** An API notifies that no worker runs: then no worker can. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { MailQueue, newMailId, newRecord, RequestConnection, Sealer } from '@posthouse/queue';
import { createLogger } from '@posthouse/runtime';
import { expect, it } from 'vitest';
import { createApi } from '../src/api.ts';
import { readConfig } from '../src/config.ts';
import { templatesDir } from './api-fixture.ts';

it('notifies that no worker runs, once, and that one does again', async () => {
  const received: { text: string }[] = [];
  const target = createServer(async (request, response) => {
    received.push(JSON.parse(await text(request)));
    response.end();
  }).listen(0, '127.0.0.1');
  const redis = new RedisProcess();
  await Promise.all([once(target, 'listening'), redis.start()]);
  const { timings, retention } = patientDurations();
  const { monitoring } = timings;
  const after = { ...monitoring.notifier.after, 'no-worker': 0, 'redis-not-durable': 3_600_000 };
  const notifier = { ...monitoring.notifier, intervalMs: 50, gone: 0, after };
  const durations = { retention, timings: { ...timings, monitoring: { ...monitoring, queueReading: 0, notifier } } };
  const config = readConfig({
    REDIS_URL: redis.url,
    POSTHOUSE_SECRET: 'd'.repeat(64),
    MAIL_FROM: 'hello@example.com',
    TEMPLATES_DIR: templatesDir,
    API_PORT: '0',
    NOTIFY_SLACK_URL: `http://127.0.0.1:${(target.address() as AddressInfo).port}/`,
  });
  const api = await createApi(config, durations, createLogger('api', 'silent'));
  const connection = new RequestConnection(redis.url, new Sealer(config.secret), durations, () => undefined);
  try {
    await Promise.all([api.start(), connection.start()]);
    await connection.whenAnswered();
    const queue = new MailQueue(connection);
    const envelope = { from: { address: 'hello@example.com' }, to: [{ address: 'anne@example.net' }], cc: [], bcc: [], replyTo: [] };
    const content = { literal: { subject: 'Hi', text: 'Hi' }, attachments: [], headers: {} };
    const record = newRecord(newMailId(), { apiKey: 'test', envelope, content, priority: 'normal', tags: [] }, Date.now());
    await queue.accept([record]);
    await expect.poll(() => received.length).toBe(1);
    expect(received[0]?.text).toMatch(
      /^Posthouse, critical: 1 mail is due and no worker runs\. Since .* docs\/operations\.md#posthousenoworker$/,
    );
    await queue.cancel(record.id);
    await expect.poll(() => received.length).toBe(2);
    expect(received[1]?.text).toMatch(/^Posthouse, ended: a worker runs again, or no mail is due any more\. Since .*, until /);
  } finally {
    await Promise.all([api.stop(), connection.stop()]);
    target.closeAllConnections();
    target.close();
    await redis.stop();
  }
});
