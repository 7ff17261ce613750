/** `@posthouse/client` against the API, and its types against docs/openapi.json. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Posthouse, PosthouseError } from '@posthouse/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, good, key } from './api-fixture.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const api = new ApiFixture();
let posthouse: Posthouse;
beforeAll(async () => {
  await api.start();
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  posthouse = new Posthouse({ url, key, tryTimeoutMs: 60_000, timeoutMs: 60_000 });
});
afterAll(() => api.stop());

const inAnHour = () => new Date(Date.now() + 3_600_000);

it('sends a mail once for an idempotency key, and reads it', async () => {
  const sent = await posthouse.mails.send({ ...good, locale: 'en', tags: ['welcome'] }, { idempotencyKey: 'signup:1' });
  expect(await posthouse.mails.send({ ...good, locale: 'en', tags: ['welcome'] }, { idempotencyKey: 'signup:1' })).toEqual(sent);
  expect(sent).toEqual({ id: expect.any(String), state: 'queued', locale: 'en' });
  const read = await posthouse.mails.get(sent.id, { content: true });
  expect(read).toMatchObject({ state: 'queued', tags: ['welcome'], content: { template: { name: 'signup' } } });
  expect(await posthouse.mails.send(good)).not.toMatchObject({ id: sent.id });
});

it('sends a batch, lists its mails page by page, and acts on them', async () => {
  const { mails } = posthouse;
  const content = { subject: 'News', text: 'None.' };
  const scheduledAt = inAnHour();
  const batch = await mails.sendBatch(Array.from({ length: 5 }, () => ({ to: 'bo@example.org', content, tags: ['news'], scheduledAt })));
  const listed: string[] = [];
  for await (const { id } of mails.list({ tag: 'news', state: ['queued', 'scheduled'], pageSize: 2 })) listed.push(id);
  expect(listed).toEqual(batch.map(({ id }) => id).toReversed());

  const [first, second, third] = listed as [string, string, string];
  expect(await mails.reschedule(first, inAnHour())).toEqual({ id: first, state: 'scheduled' });
  expect(await mails.sendNow(first)).toEqual({ id: first, state: 'queued' });
  expect(await mails.cancel(second)).toEqual({ id: second, state: 'cancelled' });
  const copy = await mails.copy(third, { to: 'anne@example.net' });
  expect((await mails.get(copy.id)).copyOf).toBe(third);
  await api.redis.cli('HSET', `{posthouse}:record:${third}`, 'state', 'failed');
  expect(await mails.retry(third)).toEqual({ id: third, state: 'queued' });
  await api.redis.cli('HSET', `{posthouse}:record:${third}`, 'state', 'uncertain');
  expect(await mails.resolve(third, 'sendAgain')).toEqual({ id: third, state: 'queued' });
  expect((await posthouse.templates.list()).templates.map(({ name }) => name)).toContain('signup');
});

it('explains what the API refuses', async () => {
  const error = await posthouse.mails.send({ ...good, data: { nickname: 'Anne' } }).catch((reason) => reason);
  expect(error).toBeInstanceOf(PosthouseError);
  expect(error).toMatchObject({
    status: 422,
    code: 'invalid-mail',
    issues: [{ pointer: '/data/email', code: 'missing' }],
    retryable: false,
  });
  expect(error.message).toBe('Invalid mail (422): Nothing was accepted: see issues. /data/email is missing');
  const two = await posthouse.mails.send({ ...good, data: {} }).catch((reason) => reason);
  expect(two.message).toMatch(/: see issues\. \/data\/\w+ is missing; \/data\/\w+ is missing$/);
  const result = await posthouse.mails.trySend({ ...good, to: 'anne' });
  expect(result).toMatchObject({ ok: false, error: { status: 400, mayHaveBeenAccepted: false, requestId: expect.any(String) } });
});

/** An answer has neither less nor more than the document says, and a request nothing that it does not. */
const comparison = `
import type { components } from './openapi.ts';
import type { AcceptedMail, ActionResult, Issue, ListedMail, LiteralMail, Mail, MailFields, MailRecord, RawMail, TemplateList } from '@posthouse/client';

type Documented = components['schemas'];
type Whole<T> = T extends (infer U)[] ? Whole<U>[] : T extends object ? { [K in keyof T]-?: Whole<T[K]> } : T;
type Same<A, B> = [Whole<A>] extends [Whole<B>] ? ([Whole<B>] extends [Whole<A>] ? true : false) : false;
type Sent<T> = T extends Date | Uint8Array ? string : T extends (infer U)[] ? Sent<U>[] : T extends object ? { [K in keyof T]: Sent<T[K]> } : T;
type Fits<A, B> = [A] extends [B] ? true : false;

const same: [
  Same<AcceptedMail, Documented['AcceptedMail']>,
  Same<ActionResult, Documented['ActionResult']>,
  Same<ListedMail, Documented['ListedMail']>,
  Same<MailRecord, Documented['MailRecord']>,
  Same<TemplateList, Documented['TemplateList']>,
  Same<Omit<Issue, 'code'>, Omit<Documented['Issue'], 'code'>>,
  Same<keyof MailFields | 'template' | 'data' | 'locale' | 'content', keyof Documented['Mail']>,
  Same<LiteralMail['content'] & RawMail['content'], Documented['Content']>,
  Fits<Sent<Mail>, Documented['Mail']>,
] = [true, true, true, true, true, true, true, true, true];
// @ts-expect-error the comparison finds a field that is missing
const missing: Same<Omit<MailRecord, 'copyOf'>, Documented['MailRecord']> = true;
export { missing, same };
`;

it('has the types of docs/openapi.json', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'posthouse-client-types-'));
  await symlink(join(root, 'apps/api/node_modules'), join(dir, 'node_modules'));
  const node = (args: string[]) =>
    promisify(execFile)(process.execPath, args, { cwd: dir }).catch((error) => {
      throw new Error(`${error.message}\n${error.stdout}`);
    });
  await node(['node_modules/openapi-typescript/bin/cli.js', join(root, 'docs/openapi.json'), '-o', 'openapi.ts']);
  await writeFile(join(dir, 'comparison.ts'), comparison);
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--noEmit', '--allowImportingTsExtensions', '--types', ''];
  await node([join(root, 'node_modules/typescript/bin/tsc'), ...options, 'comparison.ts']);
  await rm(dir, { recursive: true });
});
