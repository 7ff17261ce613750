/** Sets of templates for tests: written to a folder of their own, and removed when the test ends. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { loadCatalogue } from '../src/catalogue.ts';
import { type loadRenderer, TemplateError } from '../src/render.ts';

/** The mails that are sent. */
export const mailsDir = join(import.meta.dirname, '../../../templates');

/** Writes files, each a text or an object that becomes JSON. Undefined leaves one out. */
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

/** A sound template named `hello` whose data is `{ name }` and whatever `more` says; `body` goes into its mj-body. */
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

/** Whole MJML with this in its body, which starts on line 3. */
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

/** The faults of a set, as `file:line what`; none when it loads. */
export async function issuesOf(load: typeof loadCatalogue | typeof loadRenderer, files: Record<string, unknown>): Promise<string[]> {
  try {
    await load(await writeSet(files));
    return [];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return error.issues.map(({ file, line, what }) => `${file}${line === undefined ? '' : `:${line}`} ${what}`);
  }
}
