import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { launchBrowser } from '@posthouse/devkit/browser';
import { loadRenderer } from '@posthouse/templates/render';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { compareSets } from '../../src/templates/diff/compare-sets.ts';
import { takePictures } from '../../src/templates/diff/diff-pictures.ts';
import { run } from '../command-line.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthouse-diff-test-'));
  git('init', '--quiet', '--initial-branch=main');
  await write(template('hello', 'Dear {{name}}', ['<b>Anne</b>', 'Bea']));
  await write(template('bye', 'Goodbye {{name}}', ['Anne']));
  await symlink('/etc/passwd', join(folder, 'mails/hello/samples/link.json'));
  commit('first');
  await rm(join(folder, 'mails/hello/samples/link.json'));
  commit('second');
  await write(template('hello', 'Dear friend {{name}}', ['<b>Anne</b>', 'Bea', 'Chris']));
  await write(template('fresh', 'New: {{name}}', ['Anne']));
  await rm(join(folder, 'mails/bye'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

function git(...args: string[]): string {
  const settings = ['-c', 'user.name=Anne', '-c', 'user.email=anne@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...settings, ...args], { encoding: 'utf8' });
}

function commit(message: string): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
}

/** A template whose samples are 0.json, 1.json and so on. */
function template(name: string, text: string, names: readonly string[], image = ''): Record<string, string> {
  const properties = { name: { type: 'string' } };
  const schema = { type: 'object', additionalProperties: false, required: ['name'], properties };
  const head = `<mj-head><mj-title>{{t 'subject'}}</mj-title><mj-preview>{{t 'preheader'}}</mj-preview></mj-head>`;
  const body = `<mj-section><mj-column><mj-text>${text}</mj-text>${image}</mj-column></mj-section>`;
  return {
    [`mails/${name}/template.json`]: JSON.stringify({
      defaultLocale: 'en',
      subject: `${name} {{name}}`,
      preheader: 'Hi',
      sensitive: [],
      schema,
    }),
    [`mails/${name}/template.mjml`]: `<mjml>${head}<mj-body>${body}</mj-body></mjml>`,
    ...Object.fromEntries(names.map((each, index) => [`mails/${name}/samples/${index}.json`, JSON.stringify({ name: each })])),
  };
}

async function write(files: Record<string, string>, to = folder): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), text);
  }
}

const diff = (...args: string[]) => run(['templates', 'diff', ...args, '--templates', 'mails'], { folder });

it('lists and shows the mails that differ from a commit, counts the others, and leaves the repository as it is', async () => {
  const status = git('status', '--porcelain');
  const { code, stdout } = await diff('main');
  expect(code).toBe(0);
  expect(stdout).toBe(
    '5 of 5 mails differ from main:\n  bye.0.en: removed\n  fresh.0.en: added\n  hello.0.en: html, text\n  hello.1.en: html, text\n  hello.2.en: added\n\n.posthouse/templates-diff/index.html\n',
  );
  const page = await readFile(join(folder, '.posthouse/templates-diff/index.html'), 'utf8');
  expect(page).toContain('<h2>hello / 0 / en: html, text changed</h2>');
  expect(page).toContain('<del>Dear &lt;b&gt;Anne&lt;/b&gt;</del><ins>Dear friend &lt;b&gt;Anne&lt;/b&gt;</ins>');
  expect(page).toContain("default-src 'none'");
  expect(page.match(/<iframe [^>]*sandbox=""/g)).toHaveLength(7);
  expect(page).not.toMatch(/<script|<b>Anne/);
  await rm(join(folder, '.posthouse'), { recursive: true });
  expect(git('status', '--porcelain')).toBe(status);
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
});

it('a commit with the same templates has no mail that differs; the answer as JSON', async () => {
  const { stdout } = await diff('HEAD~1', '--json', '--out', 'reports/diff');
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ ref: 'HEAD~1', commit: git('rev-parse', 'HEAD~1').trim(), unchanged: 0, page: 'reports/diff/index.html', pictures: [] },
    changed: expect.arrayContaining([
      { template: 'bye', sample: '0', locale: 'en', change: 'removed', parts: ['subject', 'html', 'text'] },
    ]),
  });
  git('stash', '--quiet', '--include-untracked');
  expect(await diff('HEAD')).toMatchObject({ code: 0, stdout: 'All 3 mails are as in HEAD.\n' });
  await rm(join(folder, '.posthouse'), { recursive: true });
  git('stash', 'pop', '--quiet');
});

it.each(['nowhere', '', '; touch planted', '$(touch planted)', '--output=planted', 'main:mails', 'main\nmain', 'x'.repeat(5000)])(
  'a ref that does not exist is no commit, case %#',
  async (ref) => {
    const { code, stderr } = await run(['templates', 'diff', '--templates', 'mails', '--', ref], { folder });
    expect(code).toBe(1);
    expect(stderr).toContain('is no commit of this repository');
    expect(await readdir(folder)).not.toContain('planted');
  },
);

it('writes nothing outside of its own folder, whatever the names in a commit are', async () => {
  const stored = (type: string, content: Buffer) =>
    execFileSync('git', ['-C', folder, 'hash-object', '-t', type, '-w', '--literally', '--stdin'], {
      input: content,
      encoding: 'utf8',
    }).trim();
  const tree = (mode: string, name: string, object: string) =>
    stored('tree', Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')]));
  const planted = `posthouse-planted-${process.pid}`;
  onTestFinished(() => rm(join(tmpdir(), planted), { force: true }));
  // No command of git makes such a tree, and a fetch takes it.
  const inside = tree('40000', '..', tree('100644', planted, stored('blob', Buffer.from('x'))));
  const made = git('commit-tree', '-m', 'hostile', tree('40000', 'mails', inside)).trim();
  expect((await run(['templates', 'diff', made, '--templates', 'mails'], { folder })).stderr).toContain('[unknown-folder]');
  expect(await readdir(tmpdir())).not.toContain(planted);
});

it('says what is in the way: no repository, no such folder in the commit, templates that do not render, no browser', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'posthouse-no-repository-'));
  const failed = async (args: string[], options: Parameters<typeof run>[1]) => (await run(['templates', 'diff', ...args], options)).stderr;
  expect(await failed(['main', '--templates', '.'], { folder: outside })).toContain('[no-repository]');
  await rm(outside, { recursive: true });
  await write(template('hello', 'Hi {{name}}', ['Anne']), join(folder, 'others'));
  expect(await failed(['main', '--templates', 'others/mails'], { folder })).toMatch(
    /"main" has no folder others\/mails\/.*\[unknown-folder\]/,
  );
  await write(template('hello', 'Hi {{nmae}}', ['Anne']), join(folder, 'others'));
  commit('broken');
  expect(await failed(['HEAD', '--templates', 'others/mails'], { folder })).toMatch(/The templates of "HEAD" do not render[\s\S]*nmae/);
  expect(await failed(['main', '--templates', 'mails', '--out', 'mails/hello/template.json'], { folder })).toContain('[file-not-written]');
  const env = { CHROMIUM_PATH: '/nowhere/chromium' };
  expect(await failed(['main', '--templates', 'mails', '--pictures'], { folder, env })).toContain('[no-browser]');
});

it('takes a picture of each mail that differs, and loads nothing for it', async () => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const image = `<mj-image alt="x" src="http://127.0.0.1:${(server.address() as AddressInfo).port}/x.png" />`;
  const [before, after] = [join(folder, 'before'), join(folder, 'after')];
  await write(template('hello', 'Dear {{name}}', ['Anne'], image), before);
  await write({ ...template('hello', 'Dear friend {{name}}', ['Anne'], image), ...template('fresh', 'New {{name}}', ['Bea']) }, after);
  const { changed } = compareSets(await loadRenderer(join(before, 'mails')), await loadRenderer(join(after, 'mails')));
  const browser = await launchBrowser(process.env);
  try {
    const files = await takePictures(browser, changed, folder);
    expect(files).toEqual(['fresh.0.en.png', 'hello.0.en.png']);
    for (const file of files) {
      const png = await readFile(join(folder, file));
      // Width and height of the IHDR chunk (PNG, section 11.2.1): two views of each side.
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * (600 + 375) + 5 * 16, expect.any(Number)]);
      expect(png.readUInt32BE(20)).toBeGreaterThan(300);
    }
    expect(requests).toBe(0);
  } finally {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
  }
});
