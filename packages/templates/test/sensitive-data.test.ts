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

test('redacted data is still valid and has the values of the sample, or else a mask', async () => {
  const catalogue = await loadCatalogue(await writeSet(files));
  const redacted = catalogue.redacted('hello', data);
  expect(redacted).toEqual({
    name: 'Bea',
    items: [{ code: 'sample', label: 'one' }, { code: 'two' }],
    login: { pin: '0000' },
    'a/b': '••••••',
  });
  expect([...catalogue.check('hello', redacted)]).toEqual([]);
  expect(() => catalogue.redacted('gone', {})).toThrow(RangeError);
});

test('a mail with a sensitive link can be previewed', async () => {
  const renderer = await loadRenderer(mailsDir);
  const template = {
    name: 'password-reset',
    locale: 'ko',
    data: { nickname: '하루', resetUrl: 'https://yourhouse.example/reset/planted', expiresInMinutes: 30 },
  };
  const content = { template, attachments: [], headers: {} };
  expect(JSON.stringify(renderer.renderContent(content))).toContain('planted');
  const shown = renderer.renderContent(content, { redacted: true });
  expect(shown.text).toContain('하루');
  expect(JSON.stringify(shown)).not.toContain('planted');
});

test('the original data is validated, not the redacted data', async () => {
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
  expect(() => renderer.renderContent(content, { redacted: true })).toThrow(/no longer fits the template hello: \/pin/);
});
