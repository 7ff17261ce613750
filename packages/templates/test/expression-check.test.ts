/** Which mustaches are rejected, each with its line. */
import { expect, test } from 'vitest';
import { loadRenderer } from '../src/render.ts';
import { column, hello, issuesOf, manifest } from './template-set-fixture.ts';

const data = {
  items: { type: 'array', items: { type: 'object', properties: { label: { type: 'string' } } } },
  owner: { type: 'object', properties: { city: { type: 'string' } } },
};

async function issues(mustaches: string, more: Record<string, unknown> = {}): Promise<string[]> {
  const sample = { name: 'Anne', items: [{ label: 'a' }], owner: { city: 'Seoul' } };
  const body = column(`<mj-text>${mustaches}</mj-text>`);
  const files = hello(body, { 'hello/template.json': manifest(data), 'hello/samples/default.json': sample, ...more });
  return (await issuesOf(loadRenderer, files)).map((issue) => issue.replace('hello/template.mjml:', ''));
}

test.each([
  '{{name}} {{this.name}} {{./name}} {{@root.name}} {{@locale}} {{owner.city}} {{items.length}} {{items.0.label}}',
  '{{#each items}}{{label}} {{../name}} {{@index}}{{#if @first}}{{../owner.city}}{{/if}}{{else}}{{name}}{{/each}}',
  '{{#each items as |item index|}}{{item.label}} {{index}}{{/each}}',
  '{{#with owner}}{{city}} {{../name}}{{/with}} {{#unless name}}{{else if owner}}{{owner.city}}{{/unless}} {{^if name}}{{name}}{{/if}}',
  "{{#if (number items.length)}}{{/if}} {{t 'preheader'}}",
])('valid: %s', async (mustaches) => {
  expect(await issues(mustaches)).toEqual([]);
});

test.each([
  ['{{nmae}}', '3 uses {{nmae}}, which is not in the schema'],
  ['\n{{owner.town}}', '4 uses {{owner.town}}, which is not in the schema'],
  ['{{@root.nmae}}', '3 uses {{@root.nmae}}, which is not in the schema'],
  ['{{@subject}}', '3 uses {{@subject}}, which does not exist'],
  ['{{../name}}', '3 uses {{../name}}, which is not in the schema'],
  ['{{#each items}}\n{{name}}{{/each}}', '4 uses {{name}}, which is not in the schema'],
  ['{{#each items as |item|}}{{item.lable}}{{/each}}', '3 uses {{item.lable}}, which is not in the schema'],
  ['{{#if nmae}}{{/if}}', '3 uses {{nmae}}, which is not in the schema'],
  ['{{number nmae}}', '3 uses {{nmae}}, which is not in the schema'],
  ['{{date name timeZone=zone}}', '3 uses {{zone}}, which is not in the schema'],
  ['{{constructor}}', '3 uses {{constructor}}, which is not in the schema'],
  ['{{shout name}}', '3 uses the helper shout, which does not exist'],
  ['{{log name}}', '3 uses the helper log, which does not exist'],
  ["{{lookup owner 'city'}}", '3 uses the helper lookup, which does not exist'],
  ['{{#if (eq name 1)}}{{/if}}', '3 uses the helper eq, which does not exist'],
  ['{{#items}}{{/items}}', '3 uses the block {{#items}}, which does not exist in this form'],
  ['{{#if}}{{/if}}', '3 uses the block {{#if}}, which does not exist in this form'],
  ['{{money name}}', '3 calls money with a wrong number of parameters (1)'],
  ['{{> footer}}', '3 uses a partial or a decorator'],
  ['{{{name}}}', '3 outputs name unescaped, with {{{ or {{&'],
  ['{{&name}}', '3 outputs name unescaped, with {{{ or {{&'],
  ['{{t name}}', '3 uses t with something other than a quoted key, or inside a string'],
  ["{{t 'gone'}}", "3 uses the string 'gone', which no locale has"],
])('invalid: %s', async (mustaches, issue) => {
  expect(await issues(mustaches)).toEqual([issue]);
});

test('a syntax error is an issue with its line', async () => {
  expect(await issues('\n{{#if name}}')).toEqual(['4 never closes {{#if name}}']);
  expect(await issues('\n\n{{name')).toEqual(['5 has {{name without its two closing braces']);
  expect(await issues('\n{{isolate name} and {{name}}')).toEqual(['4 has {{isolate name} without its second closing brace']);
  expect(await issues('\n{{number "}" name')).toEqual(['4 has {{number "}" name without its two closing braces']);
  expect(await issues('\n\n{{name,}}')).toEqual([expect.stringMatching(/^5 has a syntax error in its mustaches: /)]);
  expect(await issues('{{#if name}}\n{{/each}}')).toEqual(['3 closes {{#if name}} with {{/each}}']);
});

test('the strings of every locale are checked, and an issue stands where the string is', async () => {
  const locales = {
    'hello/locales/en.json': { greeting: 'Good {{time}}, {{name}} of {{label}}' },
    'hello/locales/ko.json': { greeting: "{{nmae}} {{{name}}} {{t 'subject'}}", other: 'x' },
  };
  expect(await issues("{{#each items}}\n{{t 'greeting' time='day' name=../name}}{{/each}}\n{{t 'other'}}", locales)).toEqual([
    "hello/locales/ko.json:1 in the string 'greeting' uses {{nmae}}, which is not in the schema",
    "hello/locales/ko.json:1 in the string 'greeting' outputs name unescaped, with {{{ or {{&",
    "hello/locales/ko.json:1 in the string 'greeting' uses t with something other than a quoted key, or inside a string",
    "hello/locales/en.json:1 lacks the string 'other', which hello/template.mjml uses in line 5 and another locale has",
  ]);
});

test('subject and preheader are checked too', async () => {
  const files = { 'hello/template.json': manifest(data, { subject: 'Hello {{nmae}}' }) };
  expect(await issues('{{name}}', files)).toEqual([
    "hello/template.json:1 in the string 'subject' uses {{nmae}}, which is not in the schema",
  ]);
});
