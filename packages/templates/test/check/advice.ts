/** What the fix of a finding says, and that one mistake is one finding. */
import { column, hello } from '../template-set-fixture.ts';
import { type Fixture, text, withData } from './fixture.ts';

const sample = { nickname: 'A', at: '2026-01-01T00:00:00Z', signInUrl: 'https://a.kr/', price: '1' };

/** A template with this text, and with these data, that nothing else uses. */
function call(mustache: string, ...names: (keyof typeof sample)[]): Record<string, unknown> {
  const pick = <T>(value: (name: keyof typeof sample) => T) => Object.fromEntries(names.map((name) => [name, value(name)]));
  const properties = pick(() => ({ type: 'string' }));
  return withData(
    text(mustache),
    properties,
    pick((name) => sample[name]),
  );
}

const strings = { 'hello/locales/en.json': { button: 'Sign in' } };

/** The third is a part of each finding, as `rule column fix`. */
export const advice: Fixture[] = [
  ['a misspelt helper', call('{{isolat nickname}}', 'nickname'), ['unknown-helper 33 Did you mean isolate? The helpers are']],
  ['a helper without a parameter', call('{{money price}}', 'price'), ['helper-arguments 33 It takes 2.']],
  ['a misspelt helper in a link', call('<a href="{{ulr signInUrl}}">x</a>', 'signInUrl'), ['unknown-helper 42 The helpers are t, url']],
  ['a misspelt path', call('{{nicknam}}', 'nickname'), ['unknown-data 35 Did you mean nickname?']],
  ['a misspelt path from the root', call('{{@root.nicknam}}', 'nickname'), ['unknown-data 35 Did you mean @root.nickname?']],
  [
    'a path of the data around a block',
    withData(
      text('{{#each rows}}{{this}} {{isolate at}}{{/each}}'),
      { rows: { type: 'array', items: { type: 'object' } }, at: { type: 'string' } },
      { rows: [], at: 'x' },
    ),
    ['unknown-data 66 Did you mean ../at?'],
  ],
  ['a text without quotes', call('{{date at timeZone=Asia/Seoul}}', 'at'), ["unknown-data 52 A text needs quotes: timeZone='Asia/Seoul'."]],
  ['a parameter without quotes', call('{{money price KRW}}', 'price'), ["unknown-data 47 A text needs quotes: 'KRW'."]],
  ['a misspelt key', hello(text("{{t 'buton'}}"), strings), ["missing-string 33 Did you mean 'button'?"]],
  ['a key without quotes', hello(text('{{t button}}'), strings), ["string-key 33 Write {{t 'button'}}"]],
  ['a key and a parameter', hello(text("{{t 'button' name}}"), strings), ['helper-arguments 33 It takes 1.']],
  ['a block that does not exist', call('{{#iff at}}{{nickname}}{{/iff}}', 'at', 'nickname'), ['unknown-block 33 Use {{#if …}}']],
  [
    'a misspelt component',
    hello(column('<mj-txt>Hello {{name}}\n{{#if name}}<b>x</b>{{/if}}</mj-txt>')),
    ['mjml-invalid 24 Did you mean <mj-text>? See'],
  ],
  [
    'a misspelt opening tag',
    hello('<mj-sectoin>\n<mj-column><mj-textt>{{name}}</mj-text></mj-column></mj-section>'),
    ['mjml-invalid 1 Did you mean <mj-section>? See', 'mjml-invalid 12 Did you mean <mj-text>? See'],
  ],
  ['an opening tag with another prefix', hello(column('<mk-text>{{name}}</mj-text>')), ['mjml-invalid 24 Did you mean <mj-text>? See']],
  ['a misspelt opening tag that is not closed', hello(column('<mj-textt>{{name}}')), ['mjml-invalid 24 Did you mean <mj-text>? See']],
  [
    'closing tags with another prefix',
    hello(column('<mj-text>{{name}}</mj-text>').replaceAll('</mj-', '</mk-')),
    [
      'tag-nesting 41 Did you mean </mj-text>? Close',
      'tag-nesting 51 Did you mean </mj-column>? Close',
      'tag-nesting 63 Did you mean </mj-section>? Close',
    ],
  ],
  [
    'a misspelt closing tag, and one that is forgotten inside',
    hello('<mj-section>\n  <mj-column></mj-sectoin>'),
    ['tag-nesting 14 Did you mean </mj-section>? Close', 'tag-nesting 3 Close every tag'],
  ],
  ['a mustache without its second brace', hello(text('x\n  a {{isolate name} b {{name}}')), ['mustache-syntax 5 End it with }}.']],
  [
    'a misspelt include',
    hello('<mj-include path="./titel.mjml" />', { 'hello/title.mjml': text('x') }),
    ['include 1 Did you mean path="./title.mjml"?'],
  ],
  [
    'an include of another folder',
    hello('<mj-include path="./_layout/foot.mjml" />', { '_layout/foot.mjml': text('x') }),
    ['include 1 Did you mean path="../_layout/foot.mjml"?'],
  ],
];
