/** A worker that notifies by webhook and mail, and sends mails while a target hangs. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { IncidentMessage } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { quick, WorkerFixture } from './worker-fixture.ts';

const fixture = new WorkerFixture();
const received: IncidentMessage[] = [];
let hangs = false;
const target = createServer(async (request, response) => {
  received.push(JSON.parse(await text(request)));
  if (!hangs) response.end();
});
beforeAll(async () => {
  await fixture.open();
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  target.closeAllConnections();
  target.close();
  await fixture.close();
});
beforeEach(() => fixture.start());
afterEach(async () => {
  hangs = false;
  target.closeAllConnections();
  await fixture.stop();
});

const soon = { uncertain: 0, 'redis-not-durable': 3_600_000, 'mail-overdue': 3_600_000, 'no-worker': 3_600_000 };
const notifier = { intervalMs: 50, lease: 30_000, target: 10_000, gone: 0, after: soon };
const scaled = { ...quick, monitoring: { queueReading: 0, notifier } };

it('notifies by webhook and by mail, and sends mails while the webhook hangs', async () => {
  hangs = true;
  const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  await fixture.startWorker(
    { NOTIFY_WEBHOOK_URL: url, NOTIFY_MAIL_TO: 'ops@example.com', MAIL_FROM: 'Posthouse <hello@example.com>' },
    scaled,
  );
  fixture.smtp.hangAt('DOT', { times: 1 });
  const held = await fixture.accept({ onUncertain: 'hold' });
  await expect.poll(() => fixture.smtp.withheldReplies).toBe(1);
  fixture.smtp.killConnections();
  await fixture.reaches(held, 'uncertain');
  await expect.poll(() => received.length).toBeGreaterThan(0);
  expect(received[0]).toMatchObject({ event: 'began', kind: 'uncertain', summary: '1 mail is uncertain: a person must decide' });
  await fixture.reaches(await fixture.accept(), 'sent');
  const notification = await fixture.smtp.nextMessage({ where: ({ to }) => to.includes('ops@example.com') });
  expect(notification.raw.toString()).toMatch(/Subject: \[Posthouse\] warning: 1 mail is uncertain/);
});
