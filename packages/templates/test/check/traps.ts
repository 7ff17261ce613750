/** What MJML and Handlebars accept silently, and what somebody gets wrong in a first template. */
import { column, hello, manifest, mjml } from '../template-set-fixture.ts';
import { type Fixture, line, text, withData } from './fixture.ts';

const pattern = { type: 'string', pattern: '^#[0-9a-f]{6}$' };
const badJson = '{\n  "defaultLocale": "en"\n  "subject": "Hello"\n}';

/** What MJML and Handlebars accept silently, or fail at in a way that names no cause. */
export const traps: Fixture[] = [
  ['an include that MJML ignores', hello(`${text('x')}\n<mj-include path="./gone.mjml" />`), [`include ${line}:4`]],
  [
    'a block around sections, without mj-raw',
    hello(`{{#if name}}\n${text('a')}\n{{else}}\n${text('b')}\n{{/if}}`),
    [`dropped-mustache ${line}:3`],
  ],
  [
    'a block in text of a section',
    hello(`<mj-section>\n{{#each name}}<mj-column></mj-column>{{/each}}</mj-section>`),
    [`dropped-mustache ${line}:4`],
  ],
  [
    'a mustache in CSS, which minify rejects and beautify splits',
    withData(
      text('x').replace('<mj-text', '<mj-text css-class="a{{c}}"'),
      { c: pattern },
      { c: '#123456' },
      {
        'hello/template.mjml': mjml(text('x')).replace('</mj-head>', '<mj-style>.x { color: {{c}} }</mj-style></mj-head>'),
      },
    ),
    [],
  ],
  [
    'a mustache as a colour, which the strict validation refuses',
    withData(column('<mj-text color="{{c}}">x</mj-text>'), { c: pattern }, { c: '#123456' }),
    [],
  ],
  ['double quotes of a helper inside an attribute', hello(text('<a href="{{url "https://a.kr/"}}">x</a>')), []],
  ['data at the start of a link, where javascript: passes', hello(text('\n<a href="{{name}}">x</a>')), [`unsafe-link ${line}:4`]],
  ['a link with javascript:', hello(text('\n<a href="javascript:alert(1)">x</a>')), [`script-link ${line}:4`]],
  [
    'a line break in the subject',
    hello(text('x'), { 'hello/samples/two.json': { name: "O'Brien\r\nBcc: a@b.kr" } }),
    ['sample-render hello/samples/two.json:1'],
  ],
  ['three braces', hello(text('x\n{{{name}}}')), [`unescaped ${line}:4`]],
  ['braces with an ampersand', hello(text('x\n{{&name}}')), [`unescaped ${line}:4`]],
  ['a path that is not in the schema', hello(text('x\n{{nmae}}')), [`unknown-data ${line}:4`]],
  [
    'a required property that is never used',
    withData(
      text('x'),
      {},
      { id: 1 },
      {
        'hello/template.json': JSON.stringify(
          {
            ...manifest({ id: { type: 'number' } }),
            schema: { ...(manifest({ id: { type: 'number' } })['schema'] as object), required: ['name', 'id'] },
          },
          null,
          1,
        ),
      },
    ),
    ['unused-required hello/template.json:16'],
  ],
  [
    'a sample that does not fit',
    hello(text('x'), { 'hello/samples/two.json': '{\n  "name": 3\n}' }),
    ['sample-schema hello/samples/two.json:2'],
  ],
  [
    'a sample that does not render',
    withData(text('{{note}}'), { note: { type: 'string' } }, { note: 'x' }, { 'hello/samples/two.json': { name: 'Bea' } }),
    ['sample-render hello/samples/two.json:1'],
  ],
  ['an unknown helper', hello(text('\n{{shout name}}')), [`unknown-helper ${line}:4`]],
  [
    'more than Gmail shows',
    withData(
      column('<mj-table>{{#each rows}}<tr><td>{{this}}</td></tr>{{/each}}</mj-table>'),
      { rows: { type: 'array', items: { type: 'string' } } },
      { rows: [] },
      {
        'hello/samples/long.json': { name: 'Anne', rows: Array(1000).fill('x'.repeat(100)) },
      },
    ),
    [`html-size ${line}:1`],
  ],
  ['a picture without alt', hello(column('\n<mj-image src="https://a.kr/a.png" />')), [`image-alt ${line}:4`]],
  ['a link without text', hello(text('\n<a href="https://a.kr/"><b> </b></a>')), [`link-text ${line}:4`]],
  ['what many clients do not support', hello(text('x\n<p style="display: grid">x</p>')), [`client-support ${line}:4`]],
];

/** What somebody gets wrong in a first template. */
export const firstMistakes: Fixture[] = [
  ['a misspelled variable', hello(text('\nHello {{nmae}}')), [`unknown-data ${line}:4`]],
  ['a block that is never closed', hello(text('\n{{#if name}}\nHello\n')), [`unclosed-block ${line}:4`]],
  ['{{#if}} around a section, without mj-raw', hello(`\n{{#if name}}\n${text('x')}\n{{/if}}`), [`dropped-mustache ${line}:4`]],
  [
    'a wrong path of an include',
    hello('\n<mj-include path="_layout/foot.mjml" />', { '_layout/foot.mjml': text('x') }),
    [`include ${line}:4`],
  ],
  ['a missing comma in template.json', hello(text('{{name}}'), { 'hello/template.json': badJson }), ['json-syntax hello/template.json:2']],
  [
    'a sample that does not fit',
    hello(text('x'), { 'hello/samples/default.json': '{\n  "name": "Anne",\n  "nick": "A"\n}' }),
    ['sample-schema hello/samples/default.json:3'],
  ],
  [
    'a string that one locale lacks',
    hello(text("\n{{t 'greeting'}}"), { 'hello/locales/en.json': { greeting: 'Hello' }, 'hello/locales/ko.json': {} }),
    ['locale-gap hello/locales/ko.json:1'],
  ],
  ['three braces for HTML', hello(text('\n{{{name}}}')), [`unescaped ${line}:4`]],
  ['a helper without its quotes', hello(text('\n{{t greeting}}')), [`string-key ${line}:4`]],
  ['a closing tag that is forgotten', hello('<mj-section>\n<mj-column>\n<mj-text>x</mj-text>\n</mj-section>'), [`tag-nesting ${line}:4`]],
  ['MJML inside HTML', hello(text('\n<mj-button href="https://a.kr/">x</mj-button>')), [`leftover-tag ${line}:4`]],
];
