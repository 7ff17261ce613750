import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalogue, TemplateError } from '../src/catalogue.ts';
import { column, hello, issuesOf, mailsDir, manifest, writeSet } from './template-set-fixture.ts';

const body = column('<mj-text>{{name}}</mj-text>');

test('the catalogue lists each template without reading its MJML', async () => {
  const files = hello('no MJML', {
    'hello/template.json': manifest(
      { token: { type: 'string' } },
      { from: 'Anne <anne@example.com>', sensitive: ['/token'], priority: 'high', onUncertain: 'hold', expiresIn: '90m' },
    ),
    'hello/samples/second.json': { name: 'Bea', token: 'x' },
    '_layout/head.mjml': 'nor this',
    'README.md': 'not a template',
  });
  const { templates } = await loadCatalogue(await writeSet(files));
  expect([...templates.keys()]).toEqual(['hello']);
  expect(templates.get('hello')).toMatchObject({
    name: 'hello',
    subject: 'Hello {{name}}',
    preheader: 'A word for {{name}}',
    from: 'Anne <anne@example.com>',
    sensitive: ['/token'],
    statesSensitive: true,
    keepsContent: true,
    priority: 'high',
    onUncertain: 'hold',
    expiresInMs: 5_400_000,
    locales: ['en'],
    defaultLocale: 'en',
    samples: { default: { name: 'Anne' }, second: { name: 'Bea', token: 'x' } },
  });
});

test('data is checked against the schema, with pointers relative to the data', async () => {
  const catalogue = await loadCatalogue(mailsDir);
  expect([...catalogue.check('signup', { nickname: 'Anne', email: 'anne@example.com' })]).toEqual([]);
  expect([...catalogue.check('signup', { nickname: 3, emial: 'anne@example.com' })]).toEqual([
    { pointer: '/email', code: 'missing', message: 'is missing' },
    { pointer: '/emial', code: 'unknown-field', message: 'is not a known field; did you mean `email`?' },
    { pointer: '/nickname', code: 'wrong-type', message: 'must be a string, not a number' },
  ]);
  expect(() => catalogue.check('sign-up', {})).toThrow(
    'There is no template named sign-up. Existing templates: invitation, magic-link, password-reset, receipt, security-alert, signup, verify-address, weekly-digest',
  );
});

test('a locale falls back subtag by subtag, then to the default', async () => {
  const strings = { subject: 's', preheader: 'p' };
  const files = hello(body, {
    'hello/template.json': { ...manifest({}), defaultLocale: 'ko' },
    'hello/locales/ko.json': strings,
    'hello/locales/en.json': strings,
    'hello/locales/pt-BR.json': strings,
  });
  const catalogue = await loadCatalogue(await writeSet(files));
  expect(catalogue.templates.get('hello')?.locales).toEqual(['ko', 'en', 'pt-BR']);
  const requested = [undefined, 'ko', 'ko-KR', 'EN-gb', 'pt-br', 'pt', 'fr', 'en-Latn-US', ''];
  expect(requested.map((locale) => catalogue.resolveLocale('hello', locale))).toEqual([
    'ko',
    'ko',
    'ko',
    'en',
    'pt-BR',
    'ko',
    'ko',
    'en',
    'ko',
  ]);
});

test("a locale's subject and preheader override those of template.json", async () => {
  const files = hello(body, { 'hello/locales/en.json': { subject: 'Good day, {{name}}' } });
  const template = (await loadCatalogue(await writeSet(files))).templates.get('hello');
  expect(template).toMatchObject({ subject: 'Good day, {{name}}', preheader: 'A word for {{name}}' });
});

test('the hash identifies the content: equal for equal files, different when a byte or a name differs', async () => {
  const hash = async (files: Record<string, unknown>) => (await loadCatalogue(await writeSet(files))).hash;
  const first = await hash(hello(body));
  expect(first).toMatch(/^[0-9a-f]{16}$/);
  expect(await hash(hello(body))).toBe(first);
  expect(await hash(hello(`${body} `))).not.toBe(first);
  expect(await hash(hello(body, { 'hello/notes': 'x' }))).not.toBe(await hash(hello(body, { 'hello/note': 'sx' })));
});

test('all issues of all templates are listed at once', async () => {
  const files = {
    'Bad Name/template.json': manifest({}),
    'Bad Name/samples/default.json': { name: 'Anne' },
    'broken/template.json': '{\n  "schema": {},\n}',
    'no-json/template.mjml': '',
    'loose/template.json': { defaultLocale: 'english!', schema: { type: 'object', properties: {} }, sensitiv: [], retries: 3 },
    'unknown-type/template.json': manifest({ age: { type: 'whole' } }),
    'unknown-type/samples/default.json': { name: 'Anne' },
    'latin/template.json': Buffer.from('{ "subject": "Gr\xfc\xdfe" }', 'latin1'),
  };
  expect(await issuesOf(loadCatalogue, files)).toEqual([
    'Bad Name is not a valid template name',
    'broken/template.json:2 is not JSON: a key in double quotes is missing; the last entry has no comma after it',
    'broken/samples has no sample',
    'latin/template.json is not UTF-8',
    'latin/samples has no sample',
    'loose/template.json:1 /sensitiv is not a known field; did you mean `sensitive`?',
    expect.stringMatching(/^loose\/template.json:1 \/retries is not a known field; known are: /),
    expect.stringMatching(/^loose\/template.json:1 \/defaultLocale /),
    'loose/template.json:1 /schema/additionalProperties is missing',
    'loose/samples has no sample',
    'no-json/template.json is missing',
    'no-json/samples has no sample',
    expect.stringMatching(/^unknown-type\/template.json:1 \/schema is not a JSON Schema: /),
  ]);
});

test('reports issues inside a template: sender, sensitive data, locales, samples', async () => {
  const files = hello(body, {
    'hello/template.json': { ...manifest({}, { from: 'Anne', sensitive: ['/nmae'] }), defaultLocale: 'ko', subject: undefined },
    'hello/locales/en.json': { preheader: 3 },
    'hello/locales/english.txt': '{}',
    'hello/samples/default.json': { nmae: 'Anne' },
  });
  expect(await issuesOf(loadCatalogue, files)).toEqual([
    'hello/template.json:1 /from is not an address',
    'hello/template.json:1 /sensitive contains /nmae, which is not in the schema',
    'hello/template.json:1 /defaultLocale is ko, which has no file in locales',
    'hello/template.json has no subject',
    'hello/locales/en.json:1 /preheader must be a string, not a number',
    'hello/locales/english.txt english.txt is not a locale',
    'hello/locales/english.txt has no subject',
    'hello/samples/default.json:1 does not match the schema: /name is missing',
    'hello/samples/default.json:1 does not match the schema: /nmae is not a known field; did you mean `name`?',
  ]);
  expect(await issuesOf(loadCatalogue, hello(body, { 'hello/samples/default.json': undefined }))).toEqual(['hello/samples has no sample']);
});

test('the message of an issue says where it is, what it is, and how to fix it', async () => {
  const dir = await writeSet(hello(body, { 'hello/samples/default.json': undefined }));
  await expect(loadCatalogue(dir)).rejects.toThrow(
    `The templates in ${dir} have an issue:\n  - hello/samples has no sample. Create samples/default.json: previews show it, and it verifies that the template renders.`,
  );
  await expect(loadCatalogue(join(dir, 'elsewhere'))).rejects.toThrow(TemplateError);
  await expect(loadCatalogue(join(dir, 'elsewhere'))).rejects.toThrow('there is no such folder');
});

test('the catalogue never loads MJML, Handlebars or html-to-text', () => {
  const loaded = new Set<string>();
  const visit = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const [, typeOnly, target = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)( type)? .*?from '(.+?)';$/gm)) {
      if (typeOnly === undefined && target.startsWith('./')) visit(join(file, '..', target));
      else if (typeOnly === undefined && !target.startsWith('node:')) loaded.add(target);
    }
  };
  visit(join(import.meta.dirname, '../src/catalogue.ts'));
  expect([...loaded].filter((name) => !name.startsWith('/'))).toEqual(['@posthouse/contract', 'jsonc-parser']);
  expect([...loaded].some((name) => name.endsWith('template-set.ts'))).toBe(true);
});
