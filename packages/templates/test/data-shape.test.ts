import { expect, test } from 'vitest';
import { DataShape } from '../src/data-shape.ts';

const has = (schema: unknown, path: string) =>
  path
    .split('.')
    .reduce<DataShape | undefined>((shape, step) => (step === '*' ? shape?.element() : shape?.property(step)), new DataShape(schema)) !==
  undefined;

test.each([
  [{ type: 'object', properties: { a: { type: 'string' } } }, 'a', 'b'],
  [{ type: 'object', properties: { a: { type: 'object', properties: { b: {} } } } }, 'a.b.anything.at.all', 'a.c'],
  [{ type: 'array', items: { type: 'object', properties: { a: {} } } }, '*.a', '*.b'],
  [{ type: 'array', items: { type: 'string' } }, 'length', 'first'],
  [{ type: 'object', additionalProperties: { type: 'object', properties: { a: {} } } }, 'key.a', 'key.b'],
  [{ type: 'object', additionalProperties: true }, 'any.thing', 'any.thing.x'],
  [{ type: 'object', properties: { a: {} }, additionalProperties: false }, '*', 'constructor'],
  [{ anyOf: [{ type: 'string' }, { type: 'object', properties: { a: {} } }] }, 'a', 'b'],
  [{ type: 'object', properties: { a: { type: 'string' } }, oneOf: [{ required: ['a'] }] }, 'a', 'a.b'],
  [{ allOf: [{ $ref: '#/$defs/a~1b' }], $defs: { 'a/b': { type: 'object', properties: { a: {} } } } }, 'a', 'b'],
  [{ type: 'object', properties: { next: { $ref: '#' }, a: { type: 'string' } } }, 'next.next.a', 'next.next.b'],
])('%j has %s and not %s', (schema, existing, absent) => {
  expect(has(schema, existing)).toBe(true);
  if (absent !== 'any.thing.x') expect(has(schema, absent)).toBe(false);
});
