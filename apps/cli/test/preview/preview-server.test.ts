/** The server of the preview: the same bytes as the worker, who may ask, and what a change makes it read and render again. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timings } from '@posthouse/contract';
import { loadRenderer, type Renderer } from '@posthouse/templates/render';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { frameDocument, remoteImages } from '../../src/preview/frame-document.ts';
import { hardCase, hardCases } from '../../src/preview/hard-cases.ts';
import { LiveTemplates } from '../../src/preview/live-templates.ts';
import type { FieldSchema } from '../../src/preview/schema-field.ts';
import { mailsDir, PreviewFixture } from './preview-fixture.ts';

let fixture: PreviewFixture;
/** Of a worker. */
let renderer: Renderer;

beforeAll(async () => {
  [fixture, renderer] = await Promise.all([PreviewFixture.start(), loadRenderer(mailsDir)]);
});
afterAll(async () => {
  await fixture?.stop();
});

const hash = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');

test('every mail has the bytes that a worker sends, in each sample and locale', async () => {
  const states = [...renderer.catalogue.templates.values()].flatMap(({ name, samples, locales }) =>
    Object.entries(samples).flatMap(([sample, data]) => locales.map((locale) => ({ name, sample, locale, data }))),
  );
  expect(states.length).toBeGreaterThan(9);
  for (const { name, sample, locale, data } of states) {
    const answer = await fetch(`${fixture.url}/_/mail/${name}/${sample}/${locale}`);
    const { subject, html, text } = renderer.renderContent({ template: { name, locale, data }, attachments: [], headers: {} });
    expect(hash(await answer.json()), `${name} ${sample} ${locale}`).toBe(hash({ subject, html, text }));
  }
});

test('every hard case fits its schema and renders in each language', async () => {
  const found = new Set<string>();
  const rulesOf = (name: string) => ({
    check: (data: unknown) => renderer.catalogue.check(name, data),
    render: (data: object) => void renderer.render(name, data),
  });
  for (const { name, schema, samples, locales } of renderer.catalogue.templates.values()) {
    const [first = {}] = Object.values(samples);
    for (const each of Object.keys(hardCases) as (keyof typeof hardCases)[]) {
      const data = hardCase(each, schema as FieldSchema, first, rulesOf(name));
      if (data === undefined) continue;
      found.add(each);
      expect(renderer.catalogue.check(name, data).length, `${name} ${each}`).toBe(0);
      for (const locale of locales) expect(renderer.render(name, data, locale).html.length).toBeGreaterThan(1000);
    }
  }
  expect([...found].sort()).toEqual(Object.keys(hardCases).sort());
  const receipt = renderer.catalogue.templates.get('receipt');
  const rows = hardCase('~50-rows', receipt?.schema as FieldSchema, receipt?.samples['default'] ?? {}, rulesOf('receipt'));
  expect(rows?.['items']).toHaveLength(50);
});

/** Sends a request with headers that a browser of another site would send. */
function status(headers: Record<string, string>, method = 'GET', path = '/'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(fixture.url);
    request({ host: '127.0.0.1', port, path, method, headers }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

test('it answers its own pages and links to them, and no other site', async () => {
  const host = new URL(fixture.url).host;
  expect(await status({ host })).toBe(200);
  expect(await status({ host: host.replace('127.0.0.1', 'localhost') })).toBe(200);
  expect(await status({ host: 'preview.attacker.example' })).toBe(403);
  expect(await status({ host: `attacker.example:${new URL(fixture.url).port}` })).toBe(403);
  expect(await status({ host, origin: 'https://attacker.example' })).toBe(403);
  expect(await status({ host, origin: 'null' })).toBe(403);
  expect(await status({ host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })).toBe(403);
  expect(await status({ host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).toBe(403);
  expect(await status({ host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBe(200);
  expect(await status({ host }, 'POST', '/_/render/signup/default/ko')).toBe(403);
  expect(await status({ host, 'sec-fetch-site': 'same-site' }, 'POST', '/_/render/signup/default/ko')).toBe(403);
  const tooLarge = await fixture.post('/_/render/signup/default/ko', { 'string:/nickname': 'x'.repeat(1024 * 1024) });
  expect(tooLarge.status).toBe(413);
});

test('only what depends on a saved file is rendered again, once it was rendered', async () => {
  const { templates } = fixture.preview.live;
  for (const name of templates.names) await templates.get(name);
  const before = await templates.get('receipt');
  expect(await fixture.save('signup/locales/de.json', { subject: 'Hallo' })).toEqual(['signup']);
  expect(await templates.get('receipt')).toBe(before);
  expect((await templates.get('signup'))?.issues).not.toEqual([]);
  await fixture.changedBy(() => rm(join(fixture.dir, 'signup/locales/de.json')));
  expect(await fixture.save('_layout/footer.mjml', '<mj-section><mj-column><mj-text>end</mj-text></mj-column></mj-section>')).toContain(
    'receipt',
  );
  expect(await templates.get('receipt')).not.toBe(before);
});

test('a template may have the name of anything that the server has besides', async () => {
  const manifest = await readFile(join(mailsDir, 'signup/template.json'), 'utf8');
  const page = await (await fetch(fixture.url)).text();
  const own = [...page.matchAll(/(?:href|src|data-[a-z]+)="\/([a-z][a-zA-Z0-9-]*)[/"?]/g)].map(([, name]) => name);
  expect(own.filter((name) => name !== undefined && !fixture.preview.live.templates.names.includes(name))).toEqual([]);
  for (const name of ['assets', 'events', 'favicon']) {
    await fixture.save(`${name}/template.json`, manifest);
    for (const path of [`/${name}`, `/${name}/tokens.css/en`, `/_/frame/${name}/tokens.css/en`]) {
      expect(await (await fetch(fixture.url + path)).text(), path).toContain(`${name}/template.mjml`);
    }
    await fixture.changedBy(() => rm(join(fixture.dir, name), { recursive: true }));
  }
  expect((await fetch(`${fixture.url}/_/assets/tokens.css`)).status).toBe(200);
});

test('a template is shown with the subject of its first sample, and with its mustaches where that does not render', async () => {
  const { live } = fixture.preview;
  const { samples, defaultLocale, subject } = live.templates.uncompiled('invitation')?.template ?? {};
  const [data = {}] = Object.values(samples ?? {});
  const rendered = renderer.render('invitation', data, defaultLocale).subject;
  const heading = async () => (await (await fetch(fixture.url)).text()).match(/href="\/invitation".*?<p[^>]*>(.*?)<\/p>/s)?.[1]?.trim();
  expect(subject).toContain('{{');
  expect(await heading()).toBe(rendered);
  const file = `invitation/locales/${defaultLocale}.json`;
  const source = await readFile(join(mailsDir, file), 'utf8');
  await fixture.save(file, JSON.stringify({ ...JSON.parse(source), subject: '{{money 1}} for you' }));
  expect(await heading()).toBe('{{money 1}} for you');
  await fixture.save(file, source);
});

test('a template whose JSON is broken keeps the data of its sample in the form', async () => {
  const file = 'magic-link/template.json';
  const source = await readFile(join(mailsDir, file), 'utf8');
  await fixture.save(file, source.slice(0, 20));
  const page = await (await fetch(`${fixture.url}/magic-link/default/ko`)).text();
  expect(page).toContain('magic-link/template.json');
  expect(page).toContain('name="json?:/signInUrl"');
  await fixture.save(file, source);
});

test('a template whose MJML is broken keeps the data in the form, of a sample and of a hard case', async () => {
  const file = 'weekly-digest/template.mjml';
  const source = await readFile(join(mailsDir, file), 'utf8');
  const fields = async (path: string) => (await (await fetch(fixture.url + path)).text()).match(/name="[a-z?]+:\/[^"]+"/g) ?? [];
  const paths = ['/weekly-digest/default/en', '/weekly-digest/~50-rows/en'];
  const [whole = []] = await Promise.all(paths.map(fields));
  await fixture.save(file, source.replace('<mj-body', '{{#if workspace}}<mj-body'));
  for (const path of paths) expect(await fields(path), path).toEqual(whole);
  await fixture.save(file, source);
});

test('a page gets what has changed since it was rendered, also before it is connected', async () => {
  const eventsOf = async (page: string) => {
    const html = await (await fetch(fixture.url + page)).text();
    return fixture.url + (/data-events="([^"]+)"/.exec(html)?.[1] ?? '');
  };
  const connect = async (url: string) => {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const reader = (await fetch(url, { signal: stop.signal })).body?.getReader();
    return async () =>
      JSON.parse(
        Buffer.from((await reader?.read())?.value ?? [])
          .toString()
          .replace('data: ', ''),
      ).templates;
  };
  const path = 'receipt/locales/en.json';
  const source = await readFile(join(mailsDir, path), 'utf8');
  for (const [n, page] of ['/signup/default/en', '/', '/signup'].entries()) {
    const late = await eventsOf(page);
    const next = await connect(late);
    expect(await next()).toEqual([]);
    await fixture.save(path, source + ' '.repeat(n + 1));
    expect(await next()).toEqual(['receipt']);
    expect(await (await connect(late))()).toEqual(fixture.preview.live.templates.names);
  }
});

test('a folder that was exchanged for another one of its name is watched: of a template, and that of the set', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'posthouse-exchanged-'));
  const dir = join(parent, 'set');
  for (const name of ['signup', '_layout']) await cp(join(mailsDir, name), join(dir, name), { recursive: true });
  const live = new LiveTemplates(dir, timings.preview);
  onTestFinished(async () => {
    await live.stop();
    await rm(parent, { recursive: true });
  });
  await live.start();
  const seen = (sample: string) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (live.templates.uncompiled('signup')?.template.samples[sample] !== undefined) resolve();
      };
      live.on('change', check);
      check();
    });
  const sample = { nickname: 'Anne', email: 'anne@example.com' };
  for (const folder of [join(dir, 'signup'), dir]) {
    await cp(folder, join(parent, 'new'), { recursive: true });
    const samples = (top: string) => join(top, folder === dir ? 'signup/samples' : 'samples');
    const name = folder === dir ? 'set' : 'template';
    await writeFile(join(samples(join(parent, 'new')), `${name}-new.json`), JSON.stringify(sample));
    await rename(folder, join(parent, `old-${name}`));
    await rename(join(parent, 'new'), folder);
    await seen(`${name}-new`);
    await writeFile(join(samples(folder), `${name}-later.json`), JSON.stringify(sample));
    await seen(`${name}-later`);
  }
  expect(live.problem).toBeUndefined();
});

test('a file saved half-way, one renamed while it is rendered, and 500 saves leave the template as it is in the end', async () => {
  const path = 'password-reset/locales/en.json';
  const file = join(fixture.dir, path);
  const strings = (greeting: string) => JSON.stringify({ ...Object.fromEntries(keys.map((key) => [key, 'x'])), greeting });
  const { default: original } = await import(join(mailsDir, path), { with: { type: 'json' } });
  const keys = Object.keys(original);
  const greeting = async () => {
    const answer = await fetch(`${fixture.url}/_/mail/password-reset/default/en`);
    return answer.ok ? ((await answer.json()) as { html: string }).html.match(/greeting-\d+/)?.[0] : answer.status;
  };
  const { live } = fixture.preview;
  const seen = (wanted: string | number) =>
    new Promise<void>((resolve) => {
      let previous = Promise.resolve(false);
      // One after the other; the last change is always looked at.
      const compare = () => {
        previous = previous.then(async (isThere) => isThere || (await greeting()) === wanted);
        void previous.then((isThere) => {
          if (!isThere) return;
          live.off('change', compare);
          resolve();
        });
      };
      live.on('change', compare);
      compare();
    });

  const halfWay = seen(422);
  await fixture.write(path, strings('greeting-0').slice(0, 40));
  await halfWay;
  const renamed = seen('greeting-1');
  await fixture.write('password-reset/locales/en.json.new', strings('greeting-1'));
  await rename(`${file}.new`, file);
  await renamed;
  for (let count = 1; count <= 500; count++) {
    await fixture.write(path, strings(`greeting-${count}`));
    if (count % 50 === 0) await greeting();
  }
  await seen('greeting-500');
  expect(fixture.errors).toEqual([]);
});

test('a frame loads no image of the internet unless it is asked to, and hints to connect are removed', () => {
  const html =
    '<link rel="preconnect" href="https://a.example"><img src="https://a.example/b.png"><style>@media (prefers-color-scheme: dark){}</style>';
  const inline = frameDocument(html, { isDark: true, images: 'inline' });
  expect(inline.html).toBe('<img src="https://a.example/b.png"><style>@media (min-width:0px){}</style>');
  expect(inline.policy).toContain('img-src data:;');
  expect(inline.policy).not.toContain('allow-scripts');
  expect(frameDocument(html, { isDark: false, images: 'off' }).policy).toContain("img-src 'none'");
  expect(remoteImages(html)).toEqual(['https://a.example/b.png']);
});
