import { expect, test } from 'vitest';
import { loadCatalogue } from '../src/catalogue.ts';
import { loadRenderer } from '../src/render.ts';
import { column, hello, mailsDir, manifest, writeSet } from './template-set-fixture.ts';

const string = { type: 'string' };
const item = { type: 'object', additionalProperties: false, properties: { code: string, label: string } };
const properties = { items: { type: 'array', items: item }, login: { type: 'object', properties: { pin: string } }, 'a/b': string };
const sensitive = ['/items/0/code', '/login/pin', '/a~1b'];
const files = hello('', {
  'hello/template.json': manifest(properties, { sensitive }),
  'hello/samples/default.json': { name: 'Anne', items: [{ code: 'sample' }], login: { pin: '0000' } },
});
const data = { name: 'Bea', items: [{ code: 'planted', label: 'one' }, { code: 'two' }], login: { pin: 'planted' }, 'a/b': 'planted' };

test('sensitive values are masked at any depth, in a copy', async () => {
  const catalogue = await loadCatalogue(await writeSet(files));
  expect(catalogue.masked('hello', data)).toEqual({
    name: 'Bea',
    items: [{ code: '••••••', label: 'one' }, { code: 'two' }],
    login: { pin: '••••••' },
    'a/b': '••••••',
  });
  expect(data.login.pin).toBe('planted');
});

test('missing data, or data of another shape than the schema has, masks nothing else', async () => {
  const catalogue = await loadCatalogue(await writeSet(files));
  for (const odd of [{}, { items: [], login: null }, { items: 'a text', login: 3 }]) {
    expect(catalogue.masked('hello', odd)).toEqual(odd);
  }
});

test('if the template no longer exists, all values are masked', async () => {
  const catalogue = await loadCatalogue(await writeSet(files));
  for (const name of ['gone', '__proto__']) expect(catalogue.masked(name, { a: 1, b: { c: 2 } })).toEqual({ a: '••••••', b: '••••••' });
});

test('content is sensitive by its data, and where its template is gone; it is accepted where template and data fit', async () => {
  const catalogue = await loadCatalogue(await writeSet(files));
  const content = (name: string, of: Record<string, unknown>) => ({ template: { name, locale: 'en', data: of } });
  const judged = [{}, content('hello', { name: 'Bea' }), content('hello', data), content('hello', { name: 3 }), content('gone', {})].map(
    (each) => [catalogue.hasSensitive(each), catalogue.accepts(each)],
  );
  expect(judged).toEqual([
    [false, true],
    [false, true],
    [true, true],
    [false, false],
    [true, false],
  ]);
});

test('objects and lists are masked in the shape that they have in the sample, so that the template renders', async () => {
  const list = { type: 'array', items: item };
  const properties = { codes: list, login: { type: 'object', properties: { pin: string } }, none: string };
  const catalogue = await loadCatalogue(
    await writeSet(
      hello('', {
        'hello/template.json': manifest(properties, { sensitive: ['/codes', '/login', '/none'] }),
        'hello/samples/default.json': { name: 'Anne', codes: [{ code: 'a', label: 'b' }], login: { pin: '0000' } },
      }),
    ),
  );
  const data = { name: 'Bea', codes: [{ code: 'planted' }, { code: 'planted' }], login: { pin: 'planted', planted: 1 } };
  expect(catalogue.maskedInShape('hello', data, ['/name'])).toEqual({
    name: '••••••',
    codes: [{ code: '••••••', label: '••••••' }],
    login: { pin: '••••••' },
  });
  expect(catalogue.sensitiveIn('hello', data)).toEqual(['/codes', '/login']);
  expect(() => catalogue.maskedInShape('gone', {})).toThrow(RangeError);
});

test('a mail is previewed with its sensitive link masked', async () => {
  const renderer = await loadRenderer(mailsDir);
  const template = {
    name: 'password-reset',
    locale: 'ko',
    data: { nickname: '하루', resetUrl: 'https://yourhouse.example/reset/planted', expiresInMinutes: 30 },
  };
  const content = { template, attachments: [], headers: {} };
  expect(JSON.stringify(renderer.renderContent(content))).toContain('planted');
  const shown = renderer.preview(content);
  expect(shown.text).toContain('하루');
  expect(shown.text).toContain('<#••••••>');
  expect(shown.html).toContain('href="#••••••"');
  expect(JSON.stringify(shown)).not.toContain('planted');
});

test('of a sent mail the data is kept with masks, and the subject as rendered with them; it is shown again from that', async () => {
  const number = { type: 'number' };
  const properties = { pin: number, at: string, cost: number, link: string };
  const sensitive = ['/pin', '/at', '/cost', '/link'];
  const body = '{{name}} {{number pin}} {{date at}} {{money cost \'EUR\'}} <a href="{{url link}}">x</a>';
  const set = (more: object) =>
    writeSet(
      hello(column(`<mj-text>${body}</mj-text>`), {
        'hello/template.json': manifest(properties, { subject: '{{number pin}} for {{name}}', ...more }),
        'hello/samples/default.json': { name: 'Anne', pin: 1, at: '2026-01-01', cost: 2, link: 'https://example.com' },
      }),
    ).then(loadRenderer);
  const renderer = await set({ sensitive });
  const data = { name: 'Bea', pin: 4711, at: '2026-02-03', cost: 77, link: 'https://example.com/planted' };
  const template = { name: 'hello', locale: 'en', data };
  const kept = renderer.keptTemplate(template);
  const masks = { pin: '••••••', at: '••••••', cost: '••••••', link: '••••••' };
  expect(kept).toEqual({ name: 'hello', locale: 'en', data: { name: 'Bea', ...masks }, subject: '•••••• for Bea', omitted: sensitive });
  // The masks no longer fit the schema, and the template of now may state less.
  for (const now of [renderer, await set({ sensitive: [] })]) {
    const { subject, text } = now.preview({ ...(kept && { template: kept }) }, { notKept: sensitive });
    expect([subject, text]).toEqual(['•••••• for Bea', expect.stringMatching(/Bea •••••• •••••• •••••• x/)]);
  }
  expect((await set({})).keptTemplate(template)).toBeUndefined();
  expect((await set({ sensitive, keepContent: false })).keptTemplate(template)).toBeUndefined();
  // A caller's text that looks like a mask is no mask.
  expect(() => renderer.render('hello', { ...data, link: '••••••' })).toThrow('a link is not an absolute URL');
});

test('the original data is validated, not the masked data', async () => {
  const properties = { pin: { type: 'string', pattern: '^[0-9]+$' } };
  const renderer = await loadRenderer(
    await writeSet(
      hello(column('<mj-text>{{name}} {{pin}}</mj-text>'), {
        'hello/template.json': manifest(properties, { sensitive: ['/pin'] }),
        'hello/samples/default.json': { name: 'Anne', pin: '1' },
      }),
    ),
  );
  const content = { template: { name: 'hello', locale: 'en', data: { name: 'Bea', pin: 'x' } }, attachments: [], headers: {} };
  expect(() => renderer.preview(content)).toThrow(/no longer fits the template hello: \/pin/);
});
