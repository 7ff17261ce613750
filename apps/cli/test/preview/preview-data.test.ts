/** The data of the preview: forms, hard cases, lines in an inbox, sizes, calls. */
import { loadCatalogue } from '@posthouse/templates/catalogue';
import { expect, test } from 'vitest';
import { callIn, languages } from '../../src/preview/call-snippets.ts';
import { dataOfForm } from '../../src/preview/data-form.ts';
import { DataFields } from '../../src/preview/form-fields.tsx';
import { cut, preheaderOf } from '../../src/preview/inbox-line.ts';
import { sizeParts } from '../../src/preview/mail-size.ts';
import { stateUrl, viewOf } from '../../src/preview/preview-state.ts';
import type { FieldSchema } from '../../src/preview/schema-field.ts';
import { mailsDir } from './preview-fixture.ts';

/** The fields of a form with this data, as a browser sends them. */
async function formOf(schema: FieldSchema, data: Record<string, unknown>): Promise<URLSearchParams> {
  const html = await DataFields({ schema, data });
  const unescaped = (text: string) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  const fields = [...html.matchAll(/<(input|textarea|select)\b((?:"[^"]*"|[^">])*)>(?:([\s\S]*?)<\/\1>)?/g)].map(
    ([, tag = '', attributes = '', inside = '']) => {
      const attribute = (text: string, name: string) => unescaped(new RegExp(`\\s${name}="([^"]*)"`).exec(text)?.[1] ?? '');
      const selected = /<option([^>]*)\sselected/.exec(inside)?.[0] ?? /<option([^>]*)>/.exec(inside)?.[0] ?? '';
      const value =
        tag === 'select' ? attribute(selected, 'value') : tag === 'textarea' ? unescaped(inside.slice(1)) : attribute(attributes, 'value');
      return [attribute(attributes, 'name'), value];
    },
  );
  return new URLSearchParams(fields);
}

test('a form has the data that it was made of, for every sample and hard case of the gallery', async () => {
  const { templates, ...catalogue } = await loadCatalogue(mailsDir).then((loaded) => ({
    templates: loaded.templates,
    check: loaded.check.bind(loaded),
  }));
  for (const { name, schema, samples } of templates.values()) {
    for (const [sample, data] of Object.entries(samples)) {
      const form = dataOfForm(await formOf(schema as FieldSchema, data), schema as FieldSchema);
      expect(catalogue.check(name, form).length, `${name} ${sample}`).toBe(0);
      expect(JSON.parse(JSON.stringify(form)), `${name} ${sample}`).toEqual(withoutEmptyOptionals(data, schema as FieldSchema));
    }
  }
});

/** A field that is empty means that an optional value is missing. */
function withoutEmptyOptionals(data: Record<string, unknown>, { required = [] }: FieldSchema): Record<string, unknown> {
  const isEmpty = (value: unknown) => value === '' || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(data).filter(([name, value]) => required.includes(name) || !isEmpty(value)));
}

test('what is typed is never corrected, and an object has no property that was not typed', () => {
  const schema: FieldSchema = {
    type: 'object',
    required: ['count', 'address', 'tags'],
    properties: {
      count: { type: 'integer' },
      ok: { type: 'boolean' },
      address: { type: 'object', properties: { city: { type: 'string' } } },
      tags: { type: 'array', items: { type: 'string' } },
    },
  };
  const form = new URLSearchParams([
    ['number:/count', 'three'],
    ['boolean?:/ok', ''],
    ['object:/address', ''],
    ['string?:/address/city', ''],
    ['array:/tags', '2'],
    ['string:/tags/0', 'a'],
    ['string:/tags/1', 'b'],
    ['string:/tags/7', 'outside'],
    ['json?:/__proto__/polluted', 'true'],
    ['string:/nowhere/deep', 'x'],
  ]);
  expect(dataOfForm(form, schema)).toEqual({ count: 'three', address: {}, tags: ['a', 'b'] });
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  form.set('number:/count', '-3.5');
  form.set('add', '/tags');
  expect(dataOfForm(form, schema)).toMatchObject({ count: -3.5, tags: ['a', 'b', 'b'] });
  form.delete('add');
  form.set('remove', '/tags/0');
  expect(dataOfForm(form, schema)).toMatchObject({ tags: ['b'] });
});

test('an inbox shows the first text of the body, cut between characters as people count them', () => {
  const padding = '&#847;&zwnj;&nbsp;'.repeat(3);
  const html = `<head><title>no</title><style>no</style></head><body><!-- no --><div style="display:none">Tom &amp; Jerry${padding}</div><p>Body</p></body>`;
  expect(preheaderOf(html)).toBe('Tom & Jerry\u00a0\u00a0\u00a0 Body');
  expect(cut('👩‍👩‍👧‍👦👩‍👩‍👧‍👦a', 2)).toEqual({ shown: '👩‍👩‍👧‍👦👩‍👩‍👧‍👦', isCut: true, length: 3 });
});

test('the parts of a size are all of it', () => {
  const html =
    '<html><style>a{}</style><!--[if mso]><p>x</p><![endif]--><p style="color:red"><a href="https://a.example/">한글</a></p>\n\n</html>';
  const parts = sizeParts(html);
  expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(Buffer.byteLength(html));
  expect(parts.find(({ name }) => name === 'Text')?.bytes).toBe(6);
});

test('the call has the data in each language, with its quotes escaped', () => {
  const mail = { to: 'anne@example.com', template: 'signup', locale: 'en', data: { nickname: `O'Brien "x" \\ end` } };
  for (const language of languages) expect(callIn(language, mail)).toMatch(/O.*Brien/);
  expect(callIn('curl', mail)).toContain(`O'\\''Brien`);
  expect(callIn('PHP', mail)).toContain(`O\\'Brien \\\\"x\\\\" \\\\\\\\ end`);
});

test('a state has one URL, and what is unknown in one is left out', () => {
  const state = { template: 'signup', sample: '~longest', locale: 'ko' };
  expect(stateUrl(state, viewOf({ w: '375', dark: '', tab: 'nothing', images: 'x' }))).toBe('/signup/~longest/ko?w=375&dark');
  expect(stateUrl({ ...state, sample: 'a b' }, viewOf({ w: '600' }))).toBe('/signup/a%20b/ko');
});
