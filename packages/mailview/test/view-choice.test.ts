import { expect, test } from 'vitest';
import { viewOf, widthOf } from '../src/view-choice.ts';

test('a valid view of the URL is used, otherwise what the mail has', () => {
  expect(['text', 'source', undefined, 'nope', ['text']].map((requested) => viewOf(requested, true))).toEqual([
    'text',
    'source',
    'html',
    'html',
    'html',
  ]);
  expect(viewOf(undefined, false)).toBe('text');
  expect(['375', '600', 'full', '1', undefined].map(widthOf)).toEqual(['375', '600', 'full', 'full', 'full']);
});
