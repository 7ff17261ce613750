import { expect, test } from 'vitest';
import { textOf } from '../src/plain-text.ts';

test('what a caller wrote in HTML becomes text', () => {
  const html =
    '<h1>Hello <b>Anne</b> &amp; co</h1><p>One</p><p>Two<br>Three</p><p> </p><p></p><ul><li>a</li></ul><style>p{}</style><script>x</script>';
  expect(textOf(html)).toBe('Hello Anne & co\n\nOne\n\nTwo\nThree\n\n * a\n');
  expect(textOf('')).toBe('\n');
});

test('a row keeps its cells apart; empty cells and rows of one cell leave no trace', () => {
  const html =
    '<table><tr><th>Item</th><td> </td><th>Price</th></tr><tr><td>Tea</td><td>1</td><td>2.50</td></tr></table><table><tr><td>End</td></tr></table>';
  expect(textOf(html)).toBe('Item | Price\nTea | 1 | 2.50\n\nEnd\n');
});

test('a link stands between angle brackets, unless it is its own text', () => {
  expect(textOf('<a href="https://a.example/b?c=1&amp;d=2">Go</a>.')).toBe('Go <https://a.example/b?c=1&d=2>.\n');
  expect(textOf('<a href="https://a.example/">https://a.example/</a>')).toBe('https://a.example/\n');
  expect(textOf('<a href="mailto:anne@a.example">anne@a.example</a>')).toBe('anne@a.example\n');
});

test('what is hidden from readers is left out; the word for a picture stays', () => {
  const html = '<div style="display:none;color:red">preheader</div><b aria-hidden="true">*</b><img src="cid:a" alt="A house">';
  expect(textOf(html)).toBe('A house\n');
});

test('a long line stays one line, and deep nesting does not exhaust the stack', () => {
  expect(
    textOf(`<p>${'word '.repeat(200)}</p>`)
      .trim()
      .split('\n'),
  ).toHaveLength(1);
  expect(textOf(`<p>top</p>${'<div>'.repeat(10_000)}deep`)).toBe('top\n\n...\n');
  expect(textOf(`<table><tr><td>${'<b>'.repeat(10_000)}deep</b></td></tr></table>top`)).toContain('top');
});
