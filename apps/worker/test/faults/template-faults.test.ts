/** Faults of templates: a template set during its rollout, and a template that fails with some data. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { census } from './census.ts';
import { FaultFixture, signUp, signUps, templatesDir } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.close());

it('a template set that is rolled out while mails are accepted fails none of them, whichever worker takes them', async () => {
  const set = join(fixture.dir, 'templates');
  await cp(templatesDir, set, { recursive: true });
  await cp(join(set, 'signup'), join(set, 'welcome'), { recursive: true });
  const old = await fixture.startProcess();
  await fixture.post(signUps(20));
  await fixture.startApi({ TEMPLATES_DIR: set });
  const ids = await fixture.post([...signUps(20), ...signUps(20, { template: 'welcome' })]);
  const [first = ''] = ids.slice(-20);
  await expect.poll(async () => (await fixture.record(first))?.deferralCount).toBeGreaterThan(0);
  await fixture.startWorker({ TEMPLATES_DIR: set });
  const more = await fixture.post(signUps(20, { template: 'welcome' }));
  await fixture.reaches(more[0] as string, 'sent');
  old.kill('SIGTERM');
  expect(await old.exit).toMatchObject({ code: 0 });
  const { sent, failed, doubled, records } = await census(fixture, 'template set rolled out');
  expect({ sent, failed, doubled }).toEqual({ sent: 80, failed: 0, doubled: 0 });
  for (const { attemptCount } of records) expect(attemptCount).toBe(1);
});

it('a template that cannot be rendered with some data fails those mails after one run; the others are sent', async () => {
  const set = join(fixture.dir, 'templates');
  await cp(templatesDir, set, { recursive: true });
  await edit(join(set, 'signup/template.json'), ({ schema }) => {
    schema.properties.since = { type: 'string' };
    schema.required.push('since');
  });
  for (const sample of await readdir(join(set, 'signup/samples'))) {
    await edit(join(set, 'signup/samples', sample), (data) => {
      data.since = '2026-01-01';
    });
  }
  for (const locale of ['en', 'ko']) {
    await edit(join(set, `signup/locales/${locale}.json`), (strings) => {
      strings.lead = '{{date since}}';
    });
  }
  await fixture.startApi({ TEMPLATES_DIR: set });
  await fixture.startWorker({ TEMPLATES_DIR: set });
  const data = (number: number, since: string) => ({ data: { nickname: 'Anne', email: `reader-${number}@example.net`, since } });
  await fixture.post(Array.from({ length: 20 }, (_, n) => signUp(n, data(n, n === 7 ? 'a while ago' : '2026-11-22'))));
  const { sent, failed, doubled, records } = await census(fixture, 'poison template');
  expect({ sent, failed, doubled }).toEqual({ sent: 19, failed: 1, doubled: 0 });
  expect(records[7]).toMatchObject({ state: 'failed', attemptCount: 1, attempts: [{ verdict: 'FAIL', reason: 'render' }] });
});

// biome-ignore lint/suspicious/noExplicitAny: any JSON
async function edit(file: string, change: (content: any) => void): Promise<void> {
  const content = JSON.parse(await readFile(file, 'utf8'));
  change(content);
  await writeFile(file, JSON.stringify(content));
}
