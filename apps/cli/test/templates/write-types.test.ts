import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadCatalogue } from '@posthouse/templates/catalogue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataTypes } from '../../src/templates/data-types.ts';
import { run } from '../command-line.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const templates = join(root, 'templates');
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-types-'));
});
afterAll(() => rm(dir, { recursive: true }));

it('writes the types of all templates; those that the sandbox uses are up to date', async () => {
  const { code, stdout } = await run(['templates', 'types', '--templates', templates]);
  expect(code).toBe(0);
  expect(stdout).toBe(await readFile(join(root, 'apps/sandbox/src/sign-up/template-data.ts'), 'utf8'));
  const out = join(dir, 'checked.ts');
  expect((await run(['templates', 'types', '--out', out, '--check'], { env: { TEMPLATES_DIR: templates } })).stderr).toContain(
    'not up to date',
  );
  expect((await run(['templates', 'types', '--templates', templates, '--out', out])).stdout).toBe(`${out}: the data of 8 templates\n`);
  expect((await run(['templates', 'types', '--templates', templates, '--out', out, '--check'])).stdout).toBe(`${out} is up to date\n`);
  const nowhere = await run(['templates', 'types', '--templates', templates, '--out', join(dir, 'none/types.ts')]);
  expect(nowhere).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/none\/types\.ts cannot be written: .*\[file-not-written\]/),
  });
  expect(await run(['templates', 'types', '--templates', join(dir, 'none')])).toMatchObject({ code: 1, stdout: '' });
});

const program = `
import { Posthouse } from '@posthouse/client';
import type { Templates } from './templates.ts';

const { mails } = new Posthouse<Templates>({ url: 'http://127.0.0.1', key: 'k' });
const to = 'anne@example.com';
void [
  () => mails.send({ to, template: 'signup', data: { nickname: 'Anne', email: to } }),
  () => mails.sendBatch([{ to, template: 'password-reset', data: { nickname: 'Anne', resetUrl: 'https://example.com', expiresInMinutes: 5 } }]),
  () => mails.trySend({ to, content: { subject: 'Hi', text: 'Hi.' } }),
  // @ts-expect-error a field is missing
  () => mails.send({ to, template: 'signup', data: { nickname: 'Anne' } }),
  // @ts-expect-error a field is misspelled
  () => mails.send({ to, template: 'signup', data: { nicknme: 'Anne', email: to } }),
  // @ts-expect-error a field has another type
  () => mails.send({ to, template: 'signup', data: { nickname: 42, email: to } }),
  // @ts-expect-error the data is that of another template
  () => mails.trySend({ to, template: 'receipt', data: { nickname: 'Anne', email: to } }),
  // @ts-expect-error there is no such template
  () => mails.send({ to, template: 'welcome', data: {} }),
  // @ts-expect-error a template has a text of its own
  () => mails.sendBatch([{ to, template: 'signup', data: { nickname: 'Anne', email: to }, content: { subject: 'Hi', text: 'Hi.' } }]),
  // Without types of the templates any data is possible.
  () => new Posthouse().mails.send({ to, template: 'any', data: { n: 1 } }),
];
`;

/** A mail with each sample of each template, and one with a field too many. */
async function mailsOfSamples(): Promise<string> {
  const { templates: all } = await loadCatalogue(templates);
  const mails = [...all].flatMap(([template, { samples }]) =>
    Object.values(samples).flatMap((data) => [
      `() => mails.send({ to, template: '${template}', data: ${JSON.stringify(data)} }),`,
      `// @ts-expect-error a field too many\n() => mails.send({ to, template: '${template}', data: ${JSON.stringify({ ...data, extra: 1 })} }),`,
    ]),
  );
  return `void [\n${mails.join('\n')}\n];\n`;
}

it('data that does not fit its template does not compile', async () => {
  await symlink(join(root, 'apps/sandbox/node_modules'), join(dir, 'node_modules'));
  await run(['templates', 'types', '--templates', templates, '--out', join(dir, 'templates.ts')]);
  await writeFile(join(dir, 'program.ts'), program + (await mailsOfSamples()));
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
  const options = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--noEmit',
    '--allowImportingTsExtensions',
    '--types',
    '',
  ];
  const compiled = promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'program.ts'], {
    cwd: dir,
  });
  expect(await compiled.catch(({ stdout }) => stdout)).toMatchObject({ stdout: '' });
});

it.each([
  [true, 'unknown'],
  [{ minLength: 1 }, 'unknown'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ enum: ['a', "it's", 1, null] }, "'a' | 'it\\'s' | 1 | null"],
  [{ const: true }, 'true'],
  [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } }, '(string | number)[]'],
  [{ items: { type: 'boolean' } }, 'boolean[]'],
  [{ type: 'array', items: { enum: ['a | {', '}'] } }, "('a | {' | '}')[]"],
  [{ type: 'object' }, 'Record<string, unknown>'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
  [{ $ref: '#/$defs/a', $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } } }, 'unknown[]'],
  [{ allOf: [{ type: 'string' }, { pattern: 'x' }] }, 'string'],
  [
    { type: 'object', required: ['a'], properties: { a: { type: 'string', description: 'One */ line.' }, 'b-c': {} } },
    "{\n    /** One * / line. */\n    a: string;\n    'b-c'?: unknown;\n  } & Record<string, unknown>",
  ],
])('%j is %s', (schema, type) => {
  expect(dataTypes(new Map([['t', { schema }]]))).toContain(`\n  t: ${type};\n`);
});
