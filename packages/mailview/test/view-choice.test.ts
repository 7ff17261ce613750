import { expect, test } from 'vitest';
import { viewOf, widthOf } from '../src/view-choice.ts';
import { addressText, attachmentText } from '../src/view-text.ts';

test('what a URL asks for is shown, and what there is when it asks for nothing that there is', () => {
  expect(['text', 'source', undefined, 'nope', ['text']].map((asked) => viewOf(asked, true))).toEqual([
    'text',
    'source',
    'html',
    'html',
    'html',
  ]);
  expect(viewOf(undefined, false)).toBe('text');
  expect(['375', '600', 'full', '1', undefined].map(widthOf)).toEqual(['375', '600', 'full', 'full', 'full']);
});

test('addresses and attachments are one line each', () => {
  expect(addressText([{ name: 'Kim, Anne', address: 'anne@example.com' }, { address: 'bo@example.com' }])).toBe(
    'Kim, Anne <anne@example.com>, bo@example.com',
  );
  expect(addressText()).toBe('');
  expect(attachmentText({ filename: 'a.pdf', contentType: 'application/pdf', bytes: 1023 })).toBe('a.pdf (application/pdf, 1023 B)');
  expect(attachmentText({ filename: 'a.pdf', contentType: 'application/pdf', bytes: 2600 })).toBe('a.pdf (application/pdf, 3 KB)');
});
