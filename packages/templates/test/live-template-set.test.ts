/** A set that is replaced while a process runs, on real folders. */
import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { timings } from '@posthouse/contract';
import { expect, onTestFinished, test } from 'vitest';
import { LiveTemplateSet, loadCatalogue } from '../src/catalogue.ts';
import { loadRenderer, type Renderer } from '../src/render.ts';
import { column, hello, issuesOf, manifest, mjml, writeSet } from './template-set-fixture.ts';

/** What was logged, and a promise of the next of a kind. */
class Events {
  readonly all: [event: string, fields: Record<string, unknown>][] = [];
  #waiting: { event: string; resolve: (fields: Record<string, unknown>) => void }[] = [];
  readonly info = (fields: object, event: string) => this.#add(event, fields as Record<string, unknown>);
  readonly error = this.info;

  next(event: string): Promise<Record<string, unknown>> {
    return new Promise((resolve) => this.#waiting.push({ event, resolve }));
  }

  #add(event: string, fields: Record<string, unknown>): void {
    this.all.push([event, fields]);
    for (const waiting of this.#waiting) if (waiting.event === event) waiting.resolve(fields);
    this.#waiting = this.#waiting.filter((waiting) => waiting.event !== event);
  }
}

/** @param poll ms; by default the folder is looked at on `reload` only */
async function liveSet(dir: string, poll = 3_600_000, load: (dir: string, signal: AbortSignal) => Promise<Renderer> = loadRenderer) {
  const events = new Events();
  const set = await LiveTemplateSet.load({ dir, load, timings: { ...timings.templateSet, poll }, log: events });
  await set.start();
  onTestFinished(() => set.stop());
  const say = () => set.current.render('hello', { name: 'Anne' }).text;
  return { set, events, say };
}

const saying = (text: string) => mjml(column(`<mj-text>${text} {{name}}</mj-text>`));

test('a saved set is found and takes the place of the one in use', async () => {
  const dir = await writeSet(hello(column('<mj-text>Hello {{name}}</mj-text>')));
  const { set, events, say } = await liveSet(dir, 5);
  const { hash } = set.current;
  const loaded = events.next('template set loaded');
  await writeFile(join(dir, 'hello/template.mjml'), saying('Goodbye'));
  expect(await loaded).toEqual({ before: hash, hash: set.current.hash });
  expect(say()).toContain('Goodbye Anne');
  expect(set.health()).toEqual({ templateSet: 'ok' });
});

test('a set with issues is refused with file and line, without a text of it, and the one in use stays', async () => {
  const dir = await writeSet(hello(column('<mj-text>Hello {{name}}</mj-text>')));
  const { set, events, say } = await liveSet(dir);
  const { hash } = set.current;
  await writeFile(join(dir, 'hello/template.mjml'), saying('Goodbye {{secret}}'));
  await writeFile(join(dir, 'hello/samples/default.json'), '{ "name": "anne@example.com", ');
  await set.reload();
  expect(say()).toContain('Hello Anne');
  expect(set.refused?.hash).toMatch(/^[0-9a-f]{16}$/);
  expect(set.refused?.issues.map(({ file, line }) => `${file}:${line}`)).toEqual(['hello/samples/default.json:1', 'hello/template.mjml:3']);
  expect(set.health()).toMatchObject({ templateSet: 'refused', detail: expect.stringContaining('hello/samples/default.json:1') });
  const [event, fields] = events.all.at(-1) ?? [];
  expect(event).toBe('template set refused; the one in use stays');
  expect(fields).toMatchObject({ hash, count: 2 });
  expect(fields?.['issues']).toEqual([
    { rule: 'json-syntax', file: 'hello/samples/default.json', line: 1 },
    { rule: 'unknown-data', file: 'hello/template.mjml', line: 3 },
  ]);
  expect(JSON.stringify(events.all)).not.toContain('anne@');

  // The next look has no new line about it; its end has one.
  await set.reload();
  expect(events.all.at(-1)).toEqual(['template set unchanged', { hash, refused: set.refused?.hash }]);
  await writeFile(join(dir, 'hello/samples/default.json'), '{ "name": "Anne" }');
  await writeFile(join(dir, 'hello/template.mjml'), saying('Hello'));
  await set.reload();
  expect(set.refused).toBeUndefined();
  expect(events.all.map(([name]) => name).filter((name) => name.includes('refused'))).toHaveLength(1);
});

test('a set that could not be loaded for another reason than its content is loaded when it is asked for again', async () => {
  const dir = await writeSet(hello(column('<mj-text>Hello {{name}}</mj-text>')));
  let loads = 0;
  const { set, say } = await liveSet(dir, undefined, async (folder) => {
    if (++loads === 2) throw new Error('no memory');
    return await loadRenderer(folder);
  });
  await writeFile(join(dir, 'hello/template.mjml'), saying('Goodbye'));
  await set.reload();
  expect(set.refused?.issues).toMatchObject([{ file: '.', message: expect.stringContaining('no memory') }]);
  await set.reload();
  expect(set.refused).toBeUndefined();
  expect(say()).toContain('Goodbye Anne');
});

test('a load that takes long ends when the process stops, and nothing is refused', async () => {
  const dir = await writeSet(hello(column('<mj-text>Hello {{name}}</mj-text>')));
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let loads = 0;
  const { set, events } = await liveSet(dir, undefined, async (folder, signal) => {
    if (++loads === 1) return await loadRenderer(folder);
    begin();
    return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await writeFile(join(dir, 'hello/template.mjml'), saying('Goodbye'));
  void set.reload();
  await begun;
  await set.stop();
  expect(set.refused).toBeUndefined();
  expect(events.all).toEqual([]);
});

test('the set of before is no news, and a folder that is gone is an issue', async () => {
  const dir = await writeSet(hello(column('<mj-text>Hello {{name}}</mj-text>')));
  const { set, events, say } = await liveSet(dir);
  await rename(dir, `${dir}-moved`);
  onTestFinished(() => rm(`${dir}-moved`, { recursive: true, force: true }));
  await set.reload();
  expect(set.refused?.issues).toMatchObject([{ rule: 'set-unreadable', file: '.' }]);
  expect(say()).toContain('Hello Anne');
  await rename(`${dir}-moved`, dir);
  await set.reload();
  expect(set.refused).toBeUndefined();
  expect(events.all.at(-1)?.[0]).toBe('template set unchanged');
});

test('a set that changes while it is loaded is loaded again, and never used as a mixture', async () => {
  const dir = await writeSet(
    hello('<mj-include path="../_layout/head.mjml" />', { '_layout/head.mjml': column('<mj-text>One {{name}}</mj-text>') }),
  );
  let loads = 0;
  const { set, say } = await liveSet(dir, undefined, async (folder) => {
    const renderer = await loadRenderer(folder);
    // Saved by renaming, as editors do, while the set is loaded for the second time.
    if (++loads === 2) {
      await writeFile(join(dir, '.head.tmp'), column('<mj-text>Three {{name}}</mj-text>'));
      await rename(join(dir, '.head.tmp'), join(dir, '_layout/head.mjml'));
    }
    return renderer;
  });
  await writeFile(join(dir, '_layout/head.mjml'), column('<mj-text>Two {{name}}</mj-text>'));
  await set.reload();
  expect(loads).toBe(3);
  expect(say()).toContain('Three Anne');
});

/** Full garbage collections, between which finished jobs let go of what they used. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let n = 0; n < 3; n++) {
    await setImmediate();
    collect();
  }
}

test('500 saves are few loads, and what was replaced is not kept', async () => {
  const dir = await writeSet(hello(column('<mj-text>Hello {{name}}</mj-text>')));
  let loads = 0;
  const kept: WeakRef<object>[] = [];
  const { set, say } = await liveSet(dir, undefined, async (folder) => {
    loads++;
    const renderer = await loadRenderer(folder);
    kept.push(new WeakRef(renderer), new WeakRef(renderer.catalogue.templates.get('hello')?.schema as object));
    return renderer;
  });
  const reloads = Array.from({ length: 500 }, async (_, n) => {
    await writeFile(join(dir, 'hello/template.mjml'), saying(`Save ${n}`));
    return await set.reload();
  });
  await Promise.all(reloads);
  await writeFile(join(dir, 'hello/template.mjml'), saying('Last'));
  await set.reload();
  expect(say()).toContain('Last Anne');
  for (let n = 0; n < 3; n++) {
    await writeFile(join(dir, 'hello/template.mjml'), saying(`Version ${n}`));
    await set.reload();
  }
  // One for each pause of the saves, of which a slow machine has several.
  expect(loads).toBeLessThan(100);
  await collectGarbage();
  // The set in use, and at most one more that the engine still refers to.
  expect(loads).toBeGreaterThan(4);
  expect(kept.filter((one) => one.deref() !== undefined).length).toBeLessThanOrEqual(4);
});

test('a volume that exchanges a link is found', async () => {
  const body = column('<mj-text>{{name}} before</mj-text>');
  const layout = '<mj-include path="../_layout/body.mjml" />';
  const files = (folder: string, content: string) =>
    Object.fromEntries(Object.entries(hello(layout, { '_layout/body.mjml': content })).map(([path, file]) => [`${folder}/${path}`, file]));
  const dir = await writeSet({ ...files('..2026_11_26', body), ...files('..2026_11_27', body.replace('before', 'after')) });
  await symlink('..2026_11_26', join(dir, '..data'));
  for (const name of ['hello', '_layout']) await symlink(`..data/${name}`, join(dir, name));
  const { events, say } = await liveSet(dir, 5);
  expect(say()).toContain('Anne before');
  const loaded = events.next('template set loaded');
  await symlink('..2026_11_27', join(dir, '..data_tmp'));
  await rename(join(dir, '..data_tmp'), join(dir, '..data'));
  await loaded;
  expect(say()).toContain('Anne after');
});

test('links that lead out, nowhere or in a circle, and what is no file, are one issue each', async () => {
  const outside = await writeSet({ 'secret/password.json': {} });
  const dir = await writeSet(hello(column('<mj-text>Hello {{name}}</mj-text>'), { '.hidden': 'x', 'hello/template.json~': 'x' }));
  await symlink(join(outside, 'secret'), join(dir, 'out'));
  await symlink('missing', join(dir, 'hello/nowhere.json'));
  await symlink('..', join(dir, 'hello/circle'));
  const found = await loadCatalogue(dir).catch((error) =>
    error.issues.map(({ file, message }: Record<string, string>) => `${file} ${message}`),
  );
  expect(found).toEqual([
    'hello/circle is a link to a folder that contains it',
    'hello/nowhere.json is a link that leads nowhere',
    'out is a link that leads out of the set',
  ]);
});

test('two templates may have a schema with the same id, and one may have it again when it is loaded again', async () => {
  const json = manifest({}, { schema: { ...(manifest({})['schema'] as object), $id: 'https://example.com/data' } });
  const set = hello(column('<mj-text>Hello {{name}}</mj-text>'), { 'hello/template.json': json });
  const second = Object.fromEntries(Object.entries(set).map(([path, file]) => [path.replace('hello', 'second'), file]));
  expect(await issuesOf(loadCatalogue, { ...set, ...second })).toEqual([]);
});
