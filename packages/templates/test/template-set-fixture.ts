/** Template sets for tests, each in a temporary folder that is removed when the test ends. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { loadCatalogue } from '../src/catalogue.ts';
import { type loadRenderer, TemplateError } from '../src/render.ts';

/** The project's templates. */
export const mailsDir = join(import.meta.dirname, '../../../templates');

/** Writes files; an object becomes JSON, undefined omits the file. @returns the folder */
export async function writeSet(files: Record<string, unknown>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'posthouse-templates-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) continue;
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  }
  return dir;
}

/** The files of a valid template `hello` with the data `{ name }`; `body` goes into mj-body, `more` adds and replaces files. */
export function hello(body: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    'hello/template.json': manifest({}),
    'hello/template.mjml': mjml(body),
    'hello/samples/default.json': { name: 'Anne' },
    ...more,
  };
}

/** template.json with `{ name }` and `properties` as its data. */
export function manifest(properties: Record<string, unknown>, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    defaultLocale: 'en',
    subject: 'Hello {{name}}',
    preheader: 'A word for {{name}}',
    schema: {
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: { name: { type: 'string' }, ...properties },
    },
    ...more,
  };
}

/** A complete MJML document with this body, which starts on line 3. */
export function mjml(body: string): string {
  return `<mjml><mj-head><mj-title>{{t 'subject'}}</mj-title><mj-preview>{{t 'preheader'}}</mj-preview></mj-head>
<mj-body>
${body}
</mj-body></mjml>`;
}

/** One column with this in it, all on one line. */
export function column(content: string): string {
  return `<mj-section><mj-column>${content}</mj-column></mj-section>`;
}

/** The issues of a set, as `file:line message`; empty when it loads. */
export async function issuesOf(load: typeof loadCatalogue | typeof loadRenderer, files: Record<string, unknown>): Promise<string[]> {
  try {
    await load(await writeSet(files));
    return [];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return error.issues.map(({ file, line, message }) => `${file}${line === undefined ? '' : `:${line}`} ${message}`);
  }
}
