/** What the fixtures of a check are made of. */
import { column, hello, manifest, mjml } from '../template-set-fixture.ts';

/** A title, the files of a set, and its findings as `rule file:line`. */
export type Fixture = [title: string, files: Record<string, unknown>, findings: string[]];

export const line = 'hello/template.mjml';

/** A section with this text. */
export const text = (content: string) => column(`<mj-text>${content}</mj-text>`);

/** `hello` with this body, which starts on line 3, and with more data. */
export function withData(body: string, properties: Record<string, unknown>, sample: object, more: Record<string, unknown> = {}) {
  const data = { 'hello/template.json': manifest(properties), 'hello/samples/default.json': { name: 'Anne', ...sample } };
  return hello(body, { ...data, ...more });
}

/** `hello` with this in its mj-head, in line 1. */
export function withHead(head: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return hello(text('x'), { 'hello/template.mjml': mjml(text('x')).replace('</mj-head>', `${head}</mj-head>`), ...more });
}

/** `hello` with this in its mj-head, and this body. */
export function withBody(head: string, body: string): Record<string, unknown> {
  return hello('', { 'hello/template.mjml': mjml(body).replace('</mj-head>', `${head}</mj-head>`) });
}
