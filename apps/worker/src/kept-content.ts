/** Decides what is kept of a mail's content once it is sent. The worker seals it: it replaces the content in the step that records the outcome. */
import type { KeptContent, MailContent, Retention } from '@posthouse/contract';
import type { Renderer } from '@posthouse/templates/render';

/**
 * Of a template mail the data without its sensitive values and the subject, unless the template keeps nothing; of other mail the content, if
 * its retention says so. Of attachments the name, type and size.
 * @returns undefined where nothing is kept
 */
export function keptContent(content: MailContent, renderer: Renderer, retention: Retention): KeptContent | undefined {
  const { headers, attachments, literal } = content;
  const rest = {
    headers,
    attachments: attachments.map(({ filename, contentType, content: base64 }) => ({
      filename,
      ...(contentType !== undefined && { contentType }),
      bytes: Buffer.byteLength(base64, 'base64'),
    })),
  };
  const template = content.template && renderer.keptTemplate(content.template);
  if (template !== undefined) return { template, ...rest };
  return literal !== undefined && retention.content > 0 ? { literal, ...rest } : undefined;
}

/** The templates of which nothing is kept because they do not state which data is sensitive; one that says `keepContent` is meant so. */
export function templatesWithoutSensitive({ catalogue }: Renderer): string[] {
  return [...catalogue.templates.values()].filter(({ statesSensitive }) => !statesSensitive).map(({ name }) => name);
}
