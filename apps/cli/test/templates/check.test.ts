import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { run } from '../command-line.ts';

const gallery = fileURLToPath(new URL('../../../../templates', import.meta.url));
const fixture = (name: string) => readFile(new URL(`../fixture/${name}`, import.meta.url));
let folder: string;

const body = (inner: string) =>
  `<mjml><mj-head><mj-preview>{{t 'preheader'}}</mj-preview></mj-head>\n<mj-body><mj-section><mj-column><mj-text>\n${inner}\n</mj-text></mj-column></mj-section></mj-body></mjml>`;
const manifest = JSON.stringify({
  defaultLocale: 'en',
  subject: 'Hello {{name}}',
  preheader: 'Hello',
  schema: { type: 'object', additionalProperties: false, required: ['name'], properties: { name: { type: 'string' } } },
});
const template = (inner: string) => ({
  'template.json': manifest,
  'template.mjml': body(inner),
  'samples/default.json': '{"name":"Anne"}',
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthouse-check-'));
  const sets = {
    'mails/clean': template('x'),
    'mails/broken': template(`{{nmae}} & "<b>"</b>\n<a href="http://a.kr/">a</a>`),
    'warned/only': template('<a href="http://a.kr/">a</a>'),
    'clean/mail': template('x'),
  };
  for (const [path, files] of Object.entries(sets)) {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path, name)), { recursive: true });
      await writeFile(join(folder, path, name), content);
    }
  }
});
afterAll(() => rm(folder, { recursive: true }));

const check = (args: readonly string[], set = 'mails', colors = false) =>
  run(['templates', 'check', ...args], { folder, env: { TEMPLATES_DIR: set }, colors });

const text = `mails/broken/template.mjml
     3:3  error    uses {{nmae}}, which is not in the schema  unknown-data
                   Did you mean name? Fix the spelling, or add it to the schema in broken/template.json.
     4:4  warning  has a link without TLS: href="http://a.kr/"  insecure-link
                   Use https:.

1 error and 1 warning, 2 templates checked
`;

it('lists the findings by file, with a count and exit code 1', async () => {
  expect(await check([])).toEqual({ code: 1, stdout: text, stderr: '' });
  expect(await check(['broken'])).toMatchObject({ code: 1, stdout: text.replace('2 templates', '1 template') });
  expect(await check(['clean'])).toEqual({ code: 0, stdout: '✓ 1 template checked, nothing is wrong\n', stderr: '' });
});

it('has colours on a terminal only', async () => {
  const { stdout } = await check([], 'mails', true);
  expect(stdout).toContain('\u001b[31merror');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is removed.
  expect(stdout.replaceAll(/\u001b\[\d+m/g, '')).toBe(text);
});

it('fails for warnings only when it is strict', async () => {
  expect((await check([], 'warned')).code).toBe(0);
  expect((await check(['--strict'], 'warned')).code).toBe(1);
  expect((await check(['--strict'], 'clean')).code).toBe(0);
});

it('prints one line of JSON', async () => {
  const { code, stdout } = await check(['--json']);
  expect(stdout.trimEnd()).not.toContain('\n');
  expect(JSON.parse(stdout)).toMatchObject({
    errors: 1,
    warnings: 1,
    findings: [
      { rule: 'unknown-data', severity: 'error', template: 'broken', file: 'broken/template.mjml', line: 3, column: 3 },
      { rule: 'insecure-link', severity: 'warning', line: 4 },
    ],
  });
  expect(await check(['--format', 'json'])).toEqual({ code, stdout, stderr: '' });
});

it('prints SARIF that its schema accepts, with paths from the working directory', async () => {
  const schema = JSON.parse(gunzipSync(await fixture('sarif-2.1.0.json.gz')).toString());
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true }).compile(schema);
  for (const set of ['mails', 'clean']) {
    const { stdout } = await check(['--format', 'sarif'], set);
    expect([validate(JSON.parse(stdout)), validate.errors]).toEqual([true, null]);
  }
  const [{ results, tool }] = JSON.parse((await check(['--format', 'sarif'])).stdout).runs;
  expect(results[0]).toMatchObject({
    ruleId: 'unknown-data',
    level: 'error',
    message: {
      text: 'Uses {{nmae}}, which is not in the schema. Did you mean name? Fix the spelling, or add it to the schema in broken/template.json.',
    },
    locations: [
      { physicalLocation: { artifactLocation: { uri: 'mails/broken/template.mjml' }, region: { startLine: 3, startColumn: 3 } } },
    ],
  });
  expect(tool.driver.rules[results[1].ruleIndex].id).toBe('insecure-link');
  expect(validate({ version: '2.1.0' })).toBe(false);
});

it('prints JUnit that its schema accepts', async () => {
  const schema = (await fixture('junit.xsd')).toString();
  const reports = await Promise.all([
    check(['--format', 'junit']),
    check(['--format', 'junit', '--strict']),
    check(['--format', 'junit'], 'gone'),
  ]);
  const [normal = '', strict = '', gone = ''] = reports.map(({ stdout }) => stdout);
  for (const contents of [normal, strict, gone]) {
    expect((await validateXML({ xml: { fileName: 'report.xml', contents }, schema })).errors).toEqual([]);
  }
  expect(normal).toContain('tests="2" failures="1"');
  expect(normal).toContain('<system-out>mails/broken/template.mjml:4 has a link without TLS: href="http://a.kr/"</system-out>');
  expect(strict).toContain('tests="2" failures="2"');
  expect(gone).toContain('<testcase name="template set"');
  const { errors } = await validateXML({ xml: { fileName: 'report.xml', contents: '<testsuites><testcase/></testsuites>' }, schema });
  expect(errors).not.toEqual([]);
});

it('needs a template that exists, and a format', async () => {
  expect(await check(['ciao'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no template named ciao. Existing templates: broken, clean'),
  });
  expect(await check(['--format', 'html'])).toMatchObject({ code: 2 });
  expect(await check([], 'gone')).toMatchObject({ code: 1, stdout: expect.stringContaining('cannot be read') });
});

it('finds nothing in the gallery, also when it is strict', async () => {
  expect(await run(['templates', 'check', '--strict', '--templates', gallery], { folder })).toMatchObject({
    code: 0,
    stdout: '✓ 8 templates checked, nothing is wrong\n',
  });
});
