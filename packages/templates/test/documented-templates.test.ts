/** What docs/templates.md shows is a template that passes the check, and renders as it says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkTemplates } from '../src/check.ts';
import { loadRenderer } from '../src/render.ts';
import { mailsDir, writeSet } from './template-set-fixture.ts';

const page = readFileSync(join(mailsDir, '../docs/templates.md'), 'utf8');
const snippets = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language = '', name = '', text = '']) => ({
  language,
  name,
  text,
}));
const files = snippets.filter(({ name }) => /\.\w+$/.test(name));
const first = Object.fromEntries(files.map(({ name, text }) => [`order-shipped/${name}`, text]));

const layout = Object.fromEntries(
  readdirSync(mailsDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.startsWith(join(mailsDir, '_layout')) || path === join(mailsDir, 'check.json'))
    .map((path) => [path.slice(mailsDir.length + 1), readFileSync(path)]),
);

test('every snippet is one that is tested here', () => {
  const names = files.map(({ name }) => name);
  expect(names).toEqual(['template.json', 'locales/en.json', 'locales/ko.json', 'samples/default.json', 'template.mjml']);
  expect(snippets.filter(({ name }) => !names.includes(name)).map(({ name }) => name)).toEqual([
    'request',
    ...['in-body', 'in-column', 'in-column', 'in-column', 'in-column'],
  ]);
});

test('the first template passes the check, renders, and takes the data of the request', async () => {
  const dir = await writeSet({ ...layout, ...first });
  expect(await checkTemplates(dir)).toEqual([]);
  const renderer = await loadRenderer(dir);
  const sample = renderer.catalogue.templates.get('order-shipped')?.samples['default'] ?? {};
  const english = renderer.render('order-shipped', sample, 'en');
  expect(english.subject).toBe('Your 2 items are on the way');
  expect(english.text).toContain('Barley tea | 2\nTangerines from the garden | 12\n');
  expect(english.text).toContain('“Leave it at the door, please.”');
  const { data, locale, template } = JSON.parse(snippets.find(({ name }) => name === 'request')?.text ?? '');
  expect([...renderer.catalogue.check(template, data)]).toEqual([]);
  const korean = renderer.render(template, data, locale);
  expect(korean.subject).toBe('상품 1개가 배송을 시작했습니다');
  expect(korean.text).not.toContain('“');
});

test('with the other snippets in it, it passes the check too', async () => {
  const at = { 'in-body': '    </mj-wrapper>', 'in-column': '          <mj-button' };
  const body = first['order-shipped/template.mjml'] ?? '';
  const template = Object.entries(at).reduce((text, [where, mark]) => {
    expect(text.split(mark)).toHaveLength(2);
    const added = snippets.filter(({ name }) => name === where).map((snippet) => snippet.text);
    return text.replace(mark, `${added.join('')}${mark}`);
  }, body);
  expect(await checkTemplates(await writeSet({ ...layout, ...first, 'order-shipped/template.mjml': template }))).toEqual([]);
});
