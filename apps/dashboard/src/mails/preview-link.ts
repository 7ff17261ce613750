/**
 * A link that opens the data of a mail in the live preview of the templates, which its author runs on the same machine as the browser
 * (`posthouse templates dev`). The data is in the fragment of the URL, which no server and no log gets, and its sensitive values are masked.
 */
import { defaultPorts, type MailRecord } from '@posthouse/contract';
import type { Renderer } from '@posthouse/templates/render';

/** Where the preview listens unless it is started with `--port`. */
const previewUrl = `http://127.0.0.1:${defaultPorts.preview}`;

/** Characters of data: a browser may refuse a longer URL. */
const maxLength = 32 * 1024;

/** @returns undefined where the mail has no data, the set in use no such template, or the URL would be too long */
export function previewLink({ content, keptContent }: MailRecord, renderer: Renderer): string | undefined {
  const template = content?.template ?? keptContent?.template;
  if (template === undefined || !renderer.catalogue.templates.has(template.name)) return undefined;
  const encoded = Buffer.from(JSON.stringify(renderableData(template, keptContent?.template?.omitted, renderer))).toString('base64url');
  return encoded.length > maxLength ? undefined : `${previewUrl}/${template.name}#data=${encoded}&locale=${template.locale}`;
}

/** Masked; where a mask is no value that the template takes, such as in place of a link, it has the value of the first sample. */
function renderableData(
  { name, data }: { name: string; data: Record<string, unknown> },
  omitted: readonly string[] | undefined,
  { catalogue }: Renderer,
): Record<string, unknown> {
  const masked = catalogue.maskedInShape(name, data, omitted);
  const [sample = {}] = Object.values(catalogue.templates.get(name)?.samples ?? {});
  const wrong = [...catalogue.check(name, masked)].map(({ pointer }) => pointer.split('/')[1] ?? '');
  return { ...masked, ...Object.fromEntries(wrong.filter((key) => key in sample).map((key) => [key, sample[key]])) };
}
