/** What the rules find and what they let pass. */
import { column, hello, manifest } from '../template-set-fixture.ts';
import { type Fixture, line, text, withBody, withData, withHead } from './fixture.ts';

const dark =
  '<mj-style>@media (prefers-color-scheme: dark) { .card, .card > table { background: #000 !important; } .card div { color: #fff !important; } }</mj-style>';
const card = (content: string) => `<mj-section background-color="#ffffff" css-class="card"><mj-column>${content}</mj-column></mj-section>`;

export const others: Fixture[] = [
  [
    'a block that is never closed inside one that is',
    withData(text('{{#if name}}\n{{#each rows}}\n{{/if}}'), { rows: { type: 'array', items: {} } }, {}),
    [`unclosed-block ${line}:4`],
  ],
  ['contrast in light', hello(text('x\n<span style="color:#aaa">grey</span>')), [`contrast-light ${line}:4`]],
  ['a large text needs less contrast', hello(text('<span style="color:#888;font-size:24px">grey</span>')), []],
  [
    'contrast against a background further out',
    hello(`<mj-section background-color="#222222"><mj-column>\n<mj-text color="#333333">x</mj-text></mj-column></mj-section>`),
    [`contrast-light ${line}:4`],
  ],
  ['contrast of half-transparent text', hello(text('<span style="color:rgba(0,0,0,0.4)">x</span>')), [`contrast-light ${line}:3`]],
  [
    'text before a picture without a colour is not checked',
    hello(text('<div style="background:url(https://a.kr/a.png)"><span style="color:#fff">x</span></div>')),
    [],
  ],
  [
    'contrast in dark',
    {
      ...withHead(dark),
      ...withBody(`${dark}`, card('\n<mj-text>x</mj-text><mj-text>\n<b style="color:#111 !important">y</b></mj-text>')),
    },
    [`contrast-dark ${line}:5`],
  ],
  ['a mail that says nothing of dark is not checked in dark', hello(text('x')), []],
  ['a link without TLS', hello(text('\n<a href="http://a.kr/">x</a>')), [`insecure-link ${line}:4`]],
  ['a picture without TLS', hello(column('<mj-image alt=""\n src="http://a.kr/a.png" />')), [`insecure-link ${line}:4`]],
  [
    'links that lead nowhere',
    hello(text('<a href="#">a</a>\n<a href="https://www.example.com/">b</a>\n<a href="">c</a>')),
    [`placeholder-link ${line}:3`, `placeholder-link ${line}:4`, `placeholder-link ${line}:5`],
  ],
  ['a link that only names a place in the mail', hello(text('<a href="#top">a</a>')), [`client-support ${line}:3`]],
  [
    'a picture as a link, without a text',
    hello(column('\n<mj-image href="https://a.kr/" alt="" src="https://a.kr/a.png" />')),
    [`link-text ${line}:4`],
  ],
  [
    'alt by mj-attributes',
    withHead(
      '<mj-attributes><mj-image alt="" /></mj-attributes>',
      withBody('<mj-attributes><mj-image alt="" /></mj-attributes>', column('<mj-image src="https://a.kr/a.png" />')),
    ),
    [],
  ],
  ['a style that runs a script', hello(text('<p style="width: expression(alert(1))">x</p>')), [`unsafe-style ${line}:3`]],
  ['a style sheet that loads another one', withHead('<mj-style>@import url(https://a.kr/a.css);</mj-style>'), [`unsafe-style ${line}:1`]],
  ['data of any text in a style', hello(text('\n<p style="color:{{name}}">x</p>')), [`style-data ${line}:4`]],
  ["data of any text in a component's style", hello(column('<mj-text\n color="{{name}}">x</mj-text>')), [`style-data ${line}:4`]],
  ['HTML that closes what is not open', hello(text('a</b>\nb')), [`html-nesting ${line}:3`]],
  ['HTML that is never closed', hello(text('a\n<div>b')), [`html-nesting ${line}:4`]],
  ['HTML that is closed in the wrong order', hello(text('<b>a\n<i>b</b></i>')), [`html-nesting ${line}:4`, `html-nesting ${line}:4`]],
  ['a block in a paragraph', hello(text('<p>a\n<div>b</div></p>')), [`html-nesting ${line}:4`]],
  ['a cell outside of a row', hello(column('<mj-table>\n<td>a</td></mj-table>')), [`html-nesting ${line}:4`]],
  [
    'HTML whose optional ends are left out',
    hello(text('<ul><li>a<li>b</ul>') + column('<mj-table><tr><td>a<td>b<tr><td>c</mj-table>')),
    [],
  ],
  ['no preheader in the body', hello('', { 'hello/template.mjml': '<mjml><mj-body></mj-body></mjml>' }), [`preheader-not-shown ${line}:1`]],
  [
    'no preheader at all',
    hello(text('x'), { 'hello/template.json': manifest({}, { preheader: undefined }) }),
    ['preheader-missing hello/template.json:1'],
  ],
  [
    'a property that nothing uses',
    withData(text('x'), { owner: { type: 'object', properties: { city: { type: 'string' } } } }, {}),
    ['unused-data hello/template.json:1'],
  ],
  [
    'a property of an entry that nothing uses',
    withData(
      column('<mj-table>{{#each rows}}<tr><td>{{a}}</td></tr>{{/each}}</mj-table>'),
      { rows: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } } } },
      { rows: [] },
    ),
    ['unused-data hello/template.json:1'],
  ],
  [
    'a string that nothing uses',
    hello(text('x'), { 'hello/locales/en.json': '{\n  "a": "b"\n}' }),
    ['unused-string hello/locales/en.json:2'],
  ],
  [
    'an issue of a string, where the string is',
    hello(text("{{t 'a'}}{{t 'a'}}"), { 'hello/locales/en.json': '{\n  "a":\n  "{{nmae}}"\n}' }),
    ['unknown-data hello/locales/en.json:2'],
  ],
  [
    'an issue of a layout, once',
    {
      ...hello('<mj-include path="../_layout/a.mjml" />'),
      ...renamed('bye', hello('<mj-include path="../_layout/a.mjml" />')),
      '_layout/a.mjml': column('<mj-text>\n<a href="#">x</a> <span style="color:#aaa">grey</span></mj-text>'),
    },
    ['placeholder-link _layout/a.mjml:2', 'contrast-light _layout/a.mjml:2'],
  ],
  [
    'several issues at once, of every kind of file',
    hello(`${text('{{nmae}}')}\n${column('<mj-image src="https://a.kr/a.png" />')}\n<mj-sektion />`, {
      'hello/template.json': JSON.stringify(manifest({}, { from: 'Anne' }), null, 1),
      'hello/samples/two.json': '{',
      'hello/locales/en.json': '[',
    }),
    [
      'json-syntax hello/locales/en.json:1',
      'json-syntax hello/samples/two.json:1',
      'manifest hello/template.json:17',
      `unknown-data ${line}:3`,
      `image-alt ${line}:4`,
      `mjml-invalid ${line}:5`,
    ],
  ],
  [
    'a field that does not exist, and a default locale without a file',
    hello(text("{{t 'a'}} {{nmae}}"), {
      'hello/template.json': JSON.stringify({ ...manifest({}, { subjekt: 'x' }), defaultLocale: 'de' }, null, 1),
      'hello/locales/en.json': { a: 'b' },
    }),
    ['locale hello/template.json:2', 'manifest hello/template.json:17', `unknown-data ${line}:3`],
  ],
  [
    'an attribute that does not exist, below other texts',
    hello(`${text('<b>{{name}}</b>'.repeat(9))}\n${column('<mj-text colour="red">x</mj-text>')}${'\n'.repeat(99)}`),
    [`mjml-invalid ${line}:4`],
  ],
  ['clients that the set names', hello(text('<p style="display: grid">x</p>'), { 'check.json': { clients: ['apple-mail.*'] } }), []],
  ['a feature that the set allows', hello(text('<p style="display: grid">x</p>'), { 'check.json': { allow: ['display:grid'] } }), []],
  ['a client that does not exist', hello(text('x'), { 'check.json': '{ "clients": [\n"hotmail.*"] }' }), ['check-config check.json:2']],
  ['a field that check.json does not have', hello(text('x'), { 'check.json': { client: [] } }), ['check-config check.json:1']],
];

function renamed(name: string, files: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path.replace('hello', name), content]));
}
