import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkTemplates } from '@posthouse/templates/check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../command-line.ts';

const gallery = fileURLToPath(new URL('../../../../templates', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthouse-new-'));
});
afterAll(() => rm(folder, { recursive: true }));

const create = (...args: string[]) => run(['templates', 'new', ...args], { folder, env: { TEMPLATES_DIR: 'mails' } });

it('copies a mail of the gallery, with the layout that it needs, and says what to do next; the copy is a valid template', async () => {
  const { code, stdout } = await create('order-shipped', '--from', 'receipt');
  expect(code).toBe(0);
  expect(stdout).toContain('mails/order-shipped is a copy of receipt:\n');
  expect(stdout).toContain('  mails/_layout/head.mjml\n');
  expect(stdout).toContain('npm run templates -- check order-shipped');
  const file = 'locales/ko.json';
  expect(await readFile(join(folder, 'mails/order-shipped', file))).toEqual(await readFile(join(gallery, 'receipt', file)));
  // The layout that is there stays, and nothing else is left behind.
  const head = join(folder, 'mails/_layout/head.mjml');
  await writeFile(head, `<!-- ours -->${await readFile(head, 'utf8')}`);
  const second = await create('welcome', '--json');
  expect(JSON.parse(second.stdout)).toMatchObject({ template: 'welcome', from: 'signup', folder: 'mails/welcome' });
  expect(second.stdout).not.toContain('_layout');
  expect(await readFile(head, 'utf8')).toContain('<!-- ours -->');
  expect((await readdir(join(folder, 'mails'))).filter((entry) => entry !== 'check.json').sort()).toEqual([
    '_layout',
    'order-shipped',
    'welcome',
  ]);
  expect(await checkTemplates(join(folder, 'mails'))).toEqual([]);
});

it('leaves what exists as it is: a folder, a file, and a link that leads nowhere', async () => {
  await mkdir(join(folder, 'mails/taken'), { recursive: true });
  await writeFile(join(folder, 'mails/file'), 'x');
  await symlink('/nowhere/at/all', join(folder, 'mails/link'));
  for (const name of ['taken', 'file', 'link']) {
    const { code, stderr } = await create(name);
    expect([code, stderr]).toEqual([1, `✗ mails/${name} exists already. Choose another name, or remove it. [file-exists]\n`]);
  }
  expect(await readdir(join(folder, 'mails/taken'))).toEqual([]);
  const notAFolder = await run(['templates', 'new', 'fresh', '--templates', 'mails/file'], { folder });
  expect([notAFolder.code, notAFolder.stderr]).toEqual([1, expect.stringContaining('[file-not-written]')]);
});

it.each(['../up', '/etc/mails', 'a/b', '.', '..', '_layout', 'Order', 'ümlaut', 'a b', '-', '', 'a\0b', 'a'.repeat(129)])(
  'refuses the name %j',
  async (name) => {
    const { code, stderr } = await create('--', name);
    expect(code).toBe(2);
    expect(stderr).toContain('is not a name of a template. Use letters and digits');
  },
);

it.each(['../../docs', '_layout', 'signup/../receipt', 'recipt'])('takes no mail %j from outside the gallery', async (from) => {
  const { code, stderr } = await create('fresh', '--from', from);
  expect(code).toBe(2);
  expect(stderr).toContain(`The gallery has no mail "${from}".`);
  expect(await readdir(join(folder, 'mails'))).not.toContain('fresh');
});
