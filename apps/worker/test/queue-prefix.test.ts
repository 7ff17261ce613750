/** Several queues in one Redis, each with a QUEUE_PREFIX: real processes, each with a user who may use the keys of its own queue only. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { leastRights } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultFixture, secrets, signUps } from './faults/fault-fixture.ts';

const fixture = new FaultFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.close());

it('do not see each other, and every key has the hash tag of its queue', async () => {
  const env = (name: string) => ({ QUEUE_PREFIX: name, REDIS_URL: fixture.redis.url.replace('//', `//${name}:secret@`) });
  const smtp: Record<string, typeof fixture.smtp> = { posthouse: fixture.smtp, news: await fixture.startSmtp() };
  for (const name of ['posthouse', 'news']) {
    const rights = leastRights.replace('{posthouse}', `{${name}}`).split(' ');
    await fixture.redis.cli('ACL', 'SETUSER', name, 'on', '>secret', ...rights);
    await fixture.startApi(env(name));
    // One alone and a batch go different ways.
    await fixture.post(signUps(1, { metadata: { queue: name } }));
    await fixture.post(signUps(name === 'news' ? 4 : 2, { tags: [name] }));
  }
  const later = { scheduledAt: new Date(Date.now() + 3_600_000).toISOString() };
  const [scheduled] = await fixture.post(signUps(1, later));
  expect(await fixture.run(`/v1/mails/${scheduled}/cancel`, undefined)).toMatchObject({ status: 200 });
  for (const [name, { url }] of Object.entries(smtp)) await fixture.startProcess({ ...env(name), SMTP_URL: url });
  await expect.poll(() => smtp['posthouse']?.arrivals.size).toBe(3);
  await expect.poll(() => smtp['news']?.arrivals.size).toBe(5);

  const cli = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));
  const reindex = { ...env('news'), PATH: process.env['PATH'], POSTHOUSE_SECRET: secrets.seal };
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'reindex', '--json'], { env: reindex });
  expect(JSON.parse(stdout)).toMatchObject({ mails: 6, unreadable: 0, removed: 0 });

  const keys = (await fixture.redis.cli('--scan')).split('\n');
  expect(keys.filter((key) => !/^\{(posthouse|news)\}:/.test(key))).toEqual([]);
  expect(keys.filter((key) => key.startsWith('{news}:record:'))).toHaveLength(6);
  expect(keys.filter((key) => key.startsWith('{posthouse}:record:'))).toHaveLength(3);
  expect(keys.filter((key) => key.includes('{news}') && key.includes('{posthouse}'))).toEqual([]);
  expect(keys).toEqual(expect.arrayContaining(['{news}:mail:events', '{posthouse}:mail:events']));
  // Not even a read of another queue's keys was tried.
  const denied = (await fixture.redis.cli('ACL', 'LOG')).split('\n').filter((_, line, all) => all[line - 1] === 'object');
  expect([...new Set(denied)]).toEqual(['config|get']);
});
