/** Template sets that are broken or hostile: one clear finding each. */
import { hello, manifest, mjml } from '../template-set-fixture.ts';
import { type Fixture, line, text, withData, withHead } from './fixture.ts';

export const hostile: Fixture[] = [
  [
    'an include that climbs out',
    hello('<mj-include path="../../../../../etc/hostname" type="html" />\n<mj-include path="/etc/hostname" />'),
    [`include ${line}:3`, `include ${line}:4`],
  ],
  ['5 MB of MJML', hello(text('x'.repeat(5 * 1024 * 1024))), [`template-size ${line}:1`]],
  ['a sample that is not JSON', hello(text('x'), { 'hello/samples/two.json': 'name: Anne' }), ['json-syntax hello/samples/two.json:1']],
  [
    'a schema that is not a schema',
    hello(text('{{age}}'), { 'hello/template.json': JSON.stringify(manifest({ age: { type: 'whole' } }), null, 1) }),
    ['schema hello/template.json:16'],
  ],
  [
    'a pattern for which a text can take any time',
    hello(text('{{code}}'), {
      'hello/template.json': JSON.stringify(manifest({ code: { type: 'string', pattern: '^(.)\\1$' } }), null, 1),
    }),
    ['schema hello/template.json:17'],
  ],
  [
    'an include without end',
    hello('<mj-include path="./a.mjml" />', {
      'hello/a.mjml': `${text('x')}\n<mj-include path="./b.mjml" />`,
      'hello/b.mjml': '<mj-include path="./a.mjml" />',
    }),
    ['include hello/b.mjml:1'],
  ],
  [
    'includes that double 30 times',
    {
      ...hello('<mj-include path="./0.mjml" />'),
      ...Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`hello/${n}.mjml`, `<mj-include path="./${n + 1}.mjml" />`.repeat(2)])),
      'hello/30.mjml': text('x'),
    },
    [`template-size ${line}:1`],
  ],
  ['100,000 mustaches', hello(text('{{name}}'.repeat(100_000))), [`template-size ${line}:1`]],
  ['half a million braces that nothing closes', hello(text('{{'.repeat(500_000))), [`template-size ${line}:1`]],
  ['comments that nothing closes', hello('', { 'hello/template.mjml': '<!--'.repeat(200_000) }), [`mjml-syntax ${line}:1`]],
  ['200,000 open elements', hello(text('<div>'.repeat(200_000))), [`template-size ${line}:3`]],
  [
    'blocks that are nested 2,000 deep',
    hello(text(`\n${'{{#if name}}'.repeat(2000)}x${'{{/if}}'.repeat(2000)}`)),
    [`template-size ${line}:4`],
  ],
  [
    'calls that are nested 50,000 deep',
    hello(text(`{{number ${'(number '.repeat(50_000)}1${')'.repeat(50_000)}}}`)),
    [`template-size ${line}:3`],
  ],
  [
    'a sample that is nested 500,000 deep',
    hello(text('x'), { 'hello/samples/two.json': '['.repeat(500_000) + ']'.repeat(500_000) }),
    ['sample-schema hello/samples/two.json:1'],
  ],
  ['half of such a sample', hello(text('x'), { 'hello/samples/two.json': '['.repeat(500_000) }), ['json-syntax hello/samples/two.json:1']],
  ['a schema that refers to itself', withData(text('{{a}}'), { a: { $ref: '#/properties/a' } }, {}), ['schema hello/template.json:1']],
  ['a style sheet that is nested without end', withHead(`<mj-style>${'@media {'.repeat(50_000)}</mj-style>`), [`template-size ${line}:1`]],
  [
    'strings with names of JavaScript',
    hello(text("{{t 'constructor'}}\n{{t '__proto__'}}")),
    [`missing-string ${line}:3`, `missing-string ${line}:4`],
  ],
  ['an argument that Intl refuses', hello(text("{{money 1 name style='<script>'}}")), ['sample-render hello/samples/default.json:1']],
  [
    'a template that is saved half-way',
    hello('', { 'hello/template.mjml': mjml(text('Hello {{name}}')).slice(0, 160) }),
    [`tag-nesting ${line}:1`, `tag-nesting ${line}:2`, `tag-nesting ${line}:3`, `tag-nesting ${line}:3`, `tag-nesting ${line}:3`],
  ],
  ['a mustache that is saved half-way', hello(text('x\n{{na')), [`mustache-syntax ${line}:4`]],
  ['an empty template', hello('', { 'hello/template.mjml': '' }), [`mjml-syntax ${line}:1`]],
  [
    'a template.json that is saved half-way',
    hello(text('x'), { 'hello/template.json': '{\n "defaultLocale": "en",\n "sub' }),
    ['json-syntax hello/template.json:3'],
  ],
  ['bytes that are no text', hello(text('x'), { 'hello/template.mjml': Buffer.from([0x3c, 0xff, 0xfe]) }), [`encoding ${line}:1`]],
];
