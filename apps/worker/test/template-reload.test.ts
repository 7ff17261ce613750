/** A worker whose template set is replaced while it sends mails. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { copyTemplates, quick, WorkerFixture } from './worker-fixture.ts';

const fixture = new WorkerFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

it('ends each mail with the set that it began with, refuses an invalid set, and says why a mail of another set fails', async () => {
  const dir = join(fixture.dir, 'changing');
  await copyTemplates(dir);
  const rollout = { rollout: 50, rolloutMax: 100 };
  const worker = await fixture.startWorker({ TEMPLATES_DIR: dir, WORKER_PORT: '0' }, { ...quick, reply: { ...quick.reply, ...rollout } });
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(worker.output.join('\n'))?.[0];
  const logged = (event: string) => JSON.parse(worker.output.findLast((line) => line.includes(`"msg":"${event}`)) ?? '{}');

  // The server takes the message and takes its time; meanwhile the set is replaced.
  fixture.smtp.delayAt('DOT', { delayMs: 2000, times: 1 });
  const begun = await fixture.accept();
  await expect.poll(async () => (await fixture.queue.read(begun))?.messageStartedAt).toBeDefined();
  const strings = join(dir, 'signup/locales/ko.json');
  const original = await readFile(strings, 'utf8');
  await writeFile(strings, JSON.stringify({ ...JSON.parse(original), subject: 'Replaced' }));
  await worker.reload();
  const { before, hash } = logged('template set loaded');
  const next = await fixture.reaches(await fixture.accept(), 'sent');
  expect((await fixture.reaches(begun, 'sent')).renderedHash).toBe(before);
  expect(next.renderedHash).toBe(hash);
  expect(fixture.smtp.messages.map(({ raw }) => /^Subject: Replaced\r$/m.test(raw.toString())).sort()).toEqual([false, true]);

  await writeFile(strings, original.slice(0, 20));
  await worker.reload();
  const { refused, issues } = logged('template set refused');
  expect(issues).toMatchObject([{ rule: 'json-syntax', file: 'signup/locales/ko.json', line: 2 }]);
  const ready = async () => {
    const answer = await fetch(`${url}/readyz`);
    return { status: answer.status, body: await answer.json() };
  };
  // On a busy machine Redis may answer too late at first.
  await expect.poll(ready).toMatchObject({ status: 200, body: { status: 'ok', templateSet: 'refused' } });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain(`posthouse_template_set_info{hash="${hash}"} 1`);
  expect(metrics).toContain(`posthouse_template_set_refused{hash="${refused}"} 1`);

  const template = { name: 'welcome', locale: 'ko', data: {} };
  const unknown = await fixture.accept({ content: { template, attachments: [], headers: {} }, templatesHash: refused });
  const failed = await fixture.reaches(unknown, 'failed');
  expect(failed.deferralCount).toBeGreaterThan(0);
  expect(failed.attempts.at(-1)).toMatchObject({
    reason: 'template-unknown',
    detail: expect.stringContaining(`accepted with template set ${refused}; this worker has ${hash} and refused that one`),
  });
});
