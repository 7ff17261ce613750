import { expect, test } from 'vitest';
import { TemplateHelpers } from '../src/handlebars-helpers.ts';
import { Placeholders } from '../src/placeholders.ts';
import { normalizeWhitespace, textFromHtml, textTemplate } from '../src/plain-text.ts';

test('HTML becomes text', () => {
  const html =
    '<h1>Hello <b>Anne</b> &amp; co</h1><p>One</p><p>Two<br>Three</p><p> </p><p></p><ul><li>a</li></ul><style>p{}</style><script>x</script>';
  expect(textFromHtml(html)).toBe('Hello Anne & co\n\nOne\n\nTwo\nThree\n\n * a\n');
  expect(textFromHtml('')).toBe('\n');
});

test('the cells of a row are separated; empty cells and rows of one cell add nothing', () => {
  const html =
    '<table><tr><th>Item</th><td> </td><th>Price</th></tr><tr><td>Tea</td><td>1</td><td>2.50</td></tr></table><table><tr><td>End</td></tr></table>';
  expect(textFromHtml(html)).toBe('Item | Price\nTea | 1 | 2.50\n\nEnd\n');
});

test('a link is in angle brackets, unless it is its own text', () => {
  expect(textFromHtml('<a href="https://a.example/b?c=1&amp;d=2">Go</a>.')).toBe('Go <https://a.example/b?c=1&d=2>.\n');
  expect(textFromHtml('<a href="https://a.example/">https://a.example/</a>')).toBe('https://a.example/\n');
  expect(textFromHtml('<a href="mailto:anne@a.example">anne@a.example</a>')).toBe('anne@a.example\n');
});

test('hidden elements are left out; the alternative text of an image stays', () => {
  const html = '<div style="display:none;color:red">preheader</div><b aria-hidden="true">*</b><img src="cid:a" alt="A garden">';
  expect(textFromHtml(html)).toBe('A garden\n');
});

test('a long line stays a single line, and deep nesting does not exhaust the stack', () => {
  expect(
    textFromHtml(`<p>${'word '.repeat(200)}</p>`)
      .trim()
      .split('\n'),
  ).toHaveLength(1);
  expect(textFromHtml(`<p>top</p>${'<div>'.repeat(10_000)}deep`)).toBe('top\n\n...\n');
  expect(textFromHtml(`<table><tr><td>${'<b>'.repeat(10_000)}deep</b></td></tr></table>top`)).toContain('top');
});

test('lines of blanks are left out, also of those that do not break', () => {
  expect(textFromHtml('<p>One</p><table><tr><td>&nbsp;</td></tr></table><p>Two</p>')).toBe('One\n\nTwo\n');
  expect(normalizeWhitespace('One \n\u00a0\n \t\n\nTwo\n')).toBe('One\n\nTwo\n');
  // Takes minutes where each blank is a new beginning.
  expect(normalizeWhitespace(`a${' '.repeat(250_000)}b`)).toHaveLength(250_003);
});

test('the rows of a table that depend on data are lines of one list', () => {
  const placeholders = new Placeholders();
  const row = (name: string) => `{{#if ${name}}}\n<tr><th>${name}</th><td>{{${name}}}</td></tr>\n{{/if}}`;
  const html = placeholders.mask(`<table><tr><th>first</th><td>{{first}}</td></tr>${row('second')}\n${row('third')}</table>`);
  const text = new TemplateHelpers().compile(textTemplate(html, placeholders), 'text');
  const rendered = (data: object) => normalizeWhitespace(text(data, { data: { locale: 'en', strings: new Map(), isMasked: false } }));
  expect(rendered({ first: 1, second: 2, third: 3 })).toBe('first | 1\nsecond | 2\nthird | 3\n');
  expect(rendered({ first: 1, second: '', third: 3 })).toBe('first | 1\nthird | 3\n');
});
