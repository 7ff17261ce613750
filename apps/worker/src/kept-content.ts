/** Decides what is kept of a mail's content once it is sent. The worker seals it: it replaces the content in the step that records the outcome. */
import { type KeptContent, limits, type MailContent, type Retention } from '@posthouse/contract';
import type { Renderer } from '@posthouse/templates/render';

/**
 * Of a template mail the data without its sensitive values and the subject, unless the template keeps nothing; of other mail the content, if
 * its retention says so: of attachments the name, type and size, of a large raw message the subject.
 * @returns undefined where nothing is kept
 */
export function keptContent(content: MailContent, renderer: Renderer, retention: Retention): KeptContent | undefined {
  const { headers, attachments, literal, raw } = content;
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
  if (retention.content === 0) return undefined;
  if (raw !== undefined) return { raw: keptRaw(raw), ...rest };
  return literal && { literal, ...rest };
}

/** Its attachments cannot be left out: that would need its parts. */
function keptRaw({ subject, message }: NonNullable<MailContent['raw']>): NonNullable<KeptContent['raw']> {
  return Buffer.byteLength(message, 'base64') > limits.contentBytes ? { subject } : { subject, message };
}

/** The templates of which nothing is kept because they do not state which data is sensitive; one that says `keepContent` is meant so. */
export function templatesWithoutSensitive({ catalogue }: Renderer): string[] {
  return [...catalogue.templates.values()].filter(({ statesSensitive }) => !statesSensitive).map(({ name }) => name);
}
