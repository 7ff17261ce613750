/** What MJML silently drops, breaks or accepts is reported as an issue with file and line. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRenderer } from '../src/render.ts';
import { column, hello, issuesOf, manifest, mjml, writeSet } from './template-set-fixture.ts';

const text = (content: string) => column(`<mj-text>${content}</mj-text>`);

async function html(files: Record<string, unknown>, data: object = { name: 'Anne' }): Promise<string> {
  return (await loadRenderer(await writeSet(files))).render('hello', data).html;
}

/** This test must be the first: MJML reads the working directory's configuration when it is imported. */
test('a .mjmlconfig in the working directory is ignored', async () => {
  const dir = await writeSet({ ...hello(text('{{name}}')), 'cwd/x': '' });
  const cwd = process.cwd();
  await writeFile(join(dir, 'cwd/.mjmlconfig'), JSON.stringify({ packages: ['./intruder.js'] }));
  await writeFile(join(dir, 'cwd/intruder.js'), 'globalThis.intruder = true; module.exports = {};');
  process.chdir(join(dir, 'cwd'));
  try {
    await loadRenderer(await writeSet(hello(text('{{name}}'))));
  } finally {
    process.chdir(cwd);
  }
  expect(globalThis).not.toHaveProperty('intruder');
  expect(process.cwd()).toBe(cwd);
});

test('includes are resolved, from inside the set, with their head', async () => {
  const files = hello('<mj-include path="../_layout/deep/foot.mjml" />', {
    '_layout/deep/foot.mjml': `<mjml><mj-head><mj-style>.foot { color: red }</mj-style></mj-head><mj-body><mj-include path="../line.mjml" /></mj-body></mjml>`,
    '_layout/line.mjml': text('The foot of {{name}}'),
  });
  const mail = await html(files);
  expect(mail).toContain('The foot of Anne');
  expect(mail).toContain('.foot { color: red }');
});

test('an include that does not exist or is outside the set is an issue', async () => {
  const files = hello(
    `${text('x')}\n<mj-include path="../_layout/gone.mjml" />\n<mj-include path="../../../../etc/hostname" type="html" />`,
  );
  expect(await issuesOf(loadRenderer, files)).toEqual([
    'hello/template.mjml:4 includes _layout/gone.mjml, which does not exist',
    'hello/template.mjml:5 includes ../../../etc/hostname, which is outside of the set',
  ]);
});

test('a circular include is an issue', async () => {
  const files = hello('<mj-include path="./a.mjml" />', { 'hello/a.mjml': '<mj-include path="./a.mjml" />' });
  expect(await issuesOf(loadRenderer, files)).toEqual(['hello/a.mjml:1 includes hello/a.mjml, which includes it again without end']);
});

test('a block that MJML drops is an issue', async () => {
  const files = hello(`{{#if name}}\n${text('Only with a name')}\n{{/if}}\n${column(`\n{{name}}`)}`);
  expect(await issuesOf(loadRenderer, files)).toEqual([
    'hello/template.mjml:3 has {{#if name}} where MJML drops it',
    'hello/template.mjml:7 has {{name}} where MJML drops it',
  ]);
});

test('a mustache that is dropped from an include is reported there, even if the same one occurs elsewhere', async () => {
  const files = hello(`${text('{{name}}')}<mj-include path="../_layout/foot.mjml" />`, { '_layout/foot.mjml': `${text('x')}\n{{name}}` });
  expect(await issuesOf(loadRenderer, files)).toEqual(['_layout/foot.mjml:2 has {{name}} where MJML drops it']);
});

test('a block in mj-raw is kept, and a loop in a table repeats its rows', async () => {
  const files = hello(
    `<mj-raw>{{#if shown}}</mj-raw>${text('Only if shown')}<mj-raw>{{/if}}</mj-raw>${column('<mj-table>{{#each rows}}<tr><td>{{this}}</td><td>{{@index}}</td></tr>{{/each}}</mj-table>')}`,
    {
      'hello/template.json': manifest({ shown: { type: 'boolean' }, rows: { type: 'array', items: { type: 'string' } } }),
      'hello/samples/default.json': { name: 'Anne', shown: true, rows: ['a', 'b'] },
    },
  );
  const renderer = await loadRenderer(await writeSet(files));
  const render = (shown: boolean) => renderer.render('hello', { name: 'Anne', shown, rows: ['a', 'b'] });
  expect(render(true).html).toContain('Only if shown');
  expect(render(false).html).not.toContain('Only if shown');
  expect(render(false).html).toContain('<tr><td>a</td><td>0</td></tr><tr><td>b</td><td>1</td></tr>');
  expect(render(true).text).toBe('Only if shown\n\na | 0\nb | 1\n');
  expect(render(false).text).toBe('a | 0\nb | 1\n');
});

test('a mustache in CSS, in a colour and in double quotes inside an attribute is kept unchanged', async () => {
  const files = hello(
    `<mj-section css-class="a{{colour}}"><mj-column><mj-text color="{{colour}}">x</mj-text><mj-button href="{{url "https://example.com/a"}}">y</mj-button></mj-column></mj-section>`,
    {
      'hello/template.json': manifest({ colour: { type: 'string' } }),
      'hello/samples/default.json': { name: 'Anne', colour: 'red' },
    },
  );
  files['hello/template.mjml'] = String(files['hello/template.mjml']).replace(
    '</mj-head>',
    '<mj-style>.x{{name}} { color: {{colour}}; }</mj-style><mj-style inline="inline">td { border-color: {{colour}} }</mj-style></mj-head>',
  );
  const mail = await html(files, { name: 'Anne', colour: '#123456' });
  expect(mail).toContain('.xAnne { color: #123456; }');
  expect(mail).toContain('border-color: #123456');
  expect(mail).toContain(';color:#123456;');
  expect(mail).toContain('href="https://example.com/a"');
});

test('an error of MJML is an issue with its file and line', async () => {
  const files = hello(`<mj-include path="../_layout/foot.mjml" />\n${column('<mj-text colour="red">x</mj-text>')}`, {
    '_layout/foot.mjml': `${text('{{name}}')}\n${column('\n<mj-text padding="much">x</mj-text>')}`,
  });
  expect(await issuesOf(loadRenderer, files)).toEqual([
    expect.stringContaining('_layout/foot.mjml:3 Attribute padding has invalid value: much'),
    'hello/template.mjml:4 Attribute colour is illegal',
  ]);
  expect(await issuesOf(loadRenderer, { ...hello(''), 'hello/template.mjml': 'nothing' })).toEqual([
    'hello/template.mjml is not valid MJML: Parsing failed. Check your mjml.',
  ]);
});

test('a tag that is not closed, or closed as another, is an issue', async () => {
  expect(await issuesOf(loadRenderer, hello('<mj-section><mj-column>\n<mj-text>x</mj-txt></mj-column></mj-section>'))).toEqual([
    'hello/template.mjml:4 closes <mj-txt> while <mj-text> is open',
  ]);
  expect(await issuesOf(loadRenderer, hello(column('\n<mj-textt>x\n</mj-text>')))).toEqual([
    'hello/template.mjml:4 has <mj-textt>, which is no MJML component',
  ]);
  expect(await issuesOf(loadRenderer, hello('<mj-section><mj-column>\n</mk-column>\n</mk-section>'))).toEqual([
    'hello/template.mjml:4 closes <mk-column> while <mj-column> is open',
    'hello/template.mjml:5 closes <mk-section> while <mj-section> is open',
  ]);
  expect(await issuesOf(loadRenderer, hello('<mj-section>\n<mj-column><mj-text>x</mj-text></mj-column>'))).toEqual([
    'hello/template.mjml:3 never closes <mj-section>',
  ]);
  expect(await issuesOf(loadRenderer, { ...hello(''), 'hello/template.mjml': `${mjml(text('x'))}</mjml>` })).toEqual([
    'hello/template.mjml:4 closes <mjml>, which is not open',
  ]);
});

test('an MJML tag where only HTML is allowed is an issue', async () => {
  expect(await issuesOf(loadRenderer, hello(text('<mj-button>x</mj-button>')))).toEqual([
    'hello/template.mjml:3 leaves <mj-button> in the HTML',
  ]);
});

test('a link that starts with data must use the url helper', async () => {
  const files = hello(text(`<a href='{{name}}'>a</a> <a href="https://example.com/{{name}}">b</a> <img alt="" src="{{#if name}}{{/if}}">`));
  expect(await issuesOf(loadRenderer, files)).toEqual([
    'hello/template.mjml:3 starts a link with {{name}}',
    'hello/template.mjml:3 starts a link with {{#if name}}',
  ]);
});

test('comments are removed, with the mustaches in them; those for Outlook stay', async () => {
  const files = hello(
    `<!-- {{gone}} <mj-include path="gone" /> -->{{!-- {{gone}} --}}${text('a<!-- b {{gone}} -->c<!--[if !mso]><!-->d<!--<![endif]--><!--[if mso]>e<![endif]-->')}`,
  );
  const mail = await html(files);
  expect(mail).toMatch(/>a\s+c<!--\[if !mso\]><!-->d<!--<!\[endif\]--><!--\[if mso\]>e<!\[endif\]-->/);
  expect(mail).not.toContain('gone');
});

test('no font is loaded from anywhere', async () => {
  expect(await html(hello(column('<mj-text font-family="Roboto">x</mj-text>')))).not.toContain('fonts.googleapis');
});
