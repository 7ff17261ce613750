/** What a check of templates finds, each with rule, file and line. */
import { expect, test } from 'vitest';
import { checkTemplates } from '../src/check.ts';
import { column, hello, mailsDir, writeSet } from './template-set-fixture.ts';

test('nothing is wrong with the templates of the project', async () => {
  expect(await checkTemplates(mailsDir)).toEqual([]);
});

test('every template is checked, or the named ones', async () => {
  const files = {
    ...hello(column('<mj-text>{{nmae}}</mj-text>')),
    'bye/template.json': '{',
    'bye/template.mjml': '<mjml><mj-body></mj-body></mjml>',
    'bye/samples/default.json': {},
  };
  const dir = await writeSet(files);
  const found = await checkTemplates(dir);
  expect(found.map(({ rule, template, file, line }) => [rule, template, file, line])).toEqual([
    ['json-syntax', 'bye', 'bye/template.json', 1],
    ['unknown-data', 'hello', 'hello/template.mjml', 3],
  ]);
  expect(found[1]).toMatchObject({ severity: 'error', message: 'uses {{nmae}}, which is not in the schema' });
  expect(await checkTemplates(dir, { names: ['bye'] })).toEqual(found.slice(0, 1));
  await expect(checkTemplates(dir, { names: ['ciao'] })).rejects.toThrow('There is no template named ciao.');
  expect(await checkTemplates(`${dir}/gone`)).toMatchObject([{ rule: 'set-unreadable', template: '', file: '.', line: 1 }]);
});
