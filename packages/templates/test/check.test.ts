/** What a check of templates finds: each fixture with the rule, file and line of every finding. */
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../src/catalogue.ts';
import { hasMark, SourceMarks, withoutMarks } from '../src/check/source-marks.ts';
import { checkTemplates } from '../src/check.ts';
import { analyzeTemplate } from '../src/compiled-template.ts';
import { TemplateHelpers } from '../src/handlebars-helpers.ts';
import { loadMjml } from '../src/mjml-compiler.ts';
import { loadRenderer } from '../src/render.ts';
import { rules } from '../src/rules.ts';
import { readTemplateSet } from '../src/template-set.ts';
import { advice } from './check/advice.ts';
import { hostile } from './check/bad-input.ts';
import { text } from './check/fixture.ts';
import { others } from './check/rule-fixtures.ts';
import { firstMistakes, traps } from './check/traps.ts';
import { hello, mailsDir, mjml, writeSet } from './template-set-fixture.ts';

/** The findings of a set, as `rule file:line`. */
async function findings(files: Record<string, unknown>): Promise<string[]> {
  return (await checkTemplates(await writeSet(files))).map(({ rule, file, line }) => `${rule} ${file}:${line}`);
}

test('nothing is wrong with the templates of the project', async () => {
  expect(await checkTemplates(mailsDir)).toEqual([]);
});

test('every template is checked, or the named ones', async () => {
  const files = {
    ...hello(text('{{nmae}}')),
    'bye/template.json': '{',
    'bye/template.mjml': mjml(text('x')),
    'bye/samples/default.json': {},
  };
  const dir = await writeSet(files);
  const found = await checkTemplates(dir);
  expect(found.map(({ rule, template, file, line }) => [rule, template, file, line])).toEqual([
    ['json-syntax', 'bye', 'bye/template.json', 1],
    ['unknown-data', 'hello', 'hello/template.mjml', 3],
  ]);
  expect(found[1]).toMatchObject({ severity: 'error', column: 35, message: 'uses {{nmae}}, which is not in the schema' });
  expect(await checkTemplates(dir, { names: ['bye'] })).toEqual(found.slice(0, 1));
  await expect(checkTemplates(dir, { names: ['ciao'] })).rejects.toThrow('There is no template named ciao. Existing templates: bye, hello');
  await expect(loadCatalogue(`${dir}/gone`)).rejects.toThrow(
    `  - ${dir}/gone cannot be read: there is no such folder. Set TEMPLATES_DIR to`,
  );
  expect(await checkTemplates(`${dir}/gone`)).toMatchObject([{ rule: 'set-unreadable', template: '', file: '.', line: 1 }]);
});

test.each(traps)('trap: %s', async (_title, files, expected) => {
  expect(await findings(files)).toEqual(expected);
});

test.each(firstMistakes)('first mistake: %s', async (_title, files, expected) => {
  expect(await findings(files)).toEqual(expected);
});

test.each(others)('%s', async (_title, files, expected) => {
  expect(await findings(files)).toEqual(expected);
});

test.each(hostile)('bad input: %s', async (_title, files, expected) => {
  expect(await findings(files)).toEqual(expected);
});

test.each(advice)('advice: %s', async (_title, files, expected) => {
  const found = await checkTemplates(await writeSet(files));
  expect(found.map(({ rule, column, fix }) => `${rule} ${column ?? ''} ${fix}`)).toEqual(
    expected.map((text) => expect.stringContaining(text)),
  );
});

test('bad input: links out of the set, to folders and to nowhere, and a file that is none', async () => {
  const dir = await writeSet({ ...hello('<mj-include path="../_layout/a.mjml" />'), 'elsewhere/a.mjml': text('x') });
  await symlink('/etc', join(dir, '_layout'));
  await symlink(join(dir, 'gone'), join(dir, 'hello/gone.txt'));
  await symlink('..', join(dir, 'hello/same'));
  await writeFile(join(dir, '.hidden'), 'x');
  const found = await checkTemplates(dir, { names: ['hello'] });
  expect(found.map(({ rule, file, message }) => `${rule} ${file} ${message}`)).toEqual([
    'link _layout is a link that leads out of the set',
    'link hello/gone.txt is a link that leads nowhere',
    'link hello/same is a link to a folder that contains it',
  ]);
});

test('every rule is found by a fixture', () => {
  const tested = [...traps, ...firstMistakes, ...others, ...hostile].flatMap(([, , expected]) =>
    expected.map((each) => each.split(' ')[0]),
  );
  const elsewhere = ['set-unreadable', 'link', 'file-missing', 'template-name', 'locale', 'strings', 'subject-missing', 'sample-missing'];
  // tests of the catalogue and of expressions
  const more = ['partial', 'unknown-block', 'helper-arguments', 'unknown-variable'];
  expect(Object.keys(rules).filter((rule) => ![...tested, ...elsewhere, ...more].includes(rule))).toEqual([]);
});

test('docs/template-rules.md lists the same rules', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../docs/template-rules.md'), 'utf8');
  const rows = text.split('\n').filter((row) => /^\| `[a-z-]+` \| (error|warning) \|/.test(row));
  expect(rows).toEqual(
    Object.entries(rules).map(
      ([id, { severity, refused, meaning, fix }]) => `| \`${id}\` | ${severity} | ${refused ? 'yes' : ''} | ${meaning} | ${fix} |`,
    ),
  );
});

test('without its marks, the checked HTML of the gallery is what a worker renders, but for spaces between tags', async () => {
  const [{ files, folders }, renderer] = [await readTemplateSet(mailsDir), await loadRenderer(mailsDir)];
  const context = { files, helpers: new TemplateHelpers(), mjml: loadMjml() };
  for (const [name, folder] of folders) {
    const { marked } = await analyzeTemplate(context, folder, [], new SourceMarks());
    for (const data of Object.values(folder.template.samples)) {
      const html = marked?.render(data, 'ko').html ?? '';
      expect(hasMark(html)).toBe(true);
      const tight = (text: string) => text.replace(/\s+(?=<)/g, '');
      expect(tight(withoutMarks(html))).toBe(tight(renderer.render(name, data, 'ko').html));
    }
  }
});
