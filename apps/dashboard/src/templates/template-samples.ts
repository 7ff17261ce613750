/** The samples of a template, rendered by the set of this process. They are data that the author wrote, so nothing of them is masked. */
import { MailFailure } from '@posthouse/contract';
import { type MessageDocument, messageDocument } from '@posthouse/mailview';
import type { RenderedMail, Renderer } from '@posthouse/templates/render';

/** One sample in one locale. */
export interface TemplateSample {
  readonly template: string;
  readonly sample: string;
  readonly locale: string;
}

/** Every sample of a template in every locale; the samples in their order, each with the default locale first. */
export function samplesOf({ catalogue }: Renderer, template: string): TemplateSample[] {
  const found = catalogue.templates.get(template);
  if (found === undefined) return [];
  return Object.keys(found.samples).flatMap((sample) => found.locales.map((locale) => ({ template, sample, locale })));
}

/** @returns undefined where there is no such sample, or where it does not render */
export function renderSample(renderer: Renderer, { template, sample, locale }: TemplateSample): RenderedMail | undefined {
  const found = renderer.catalogue.templates.get(template);
  if (found === undefined || !Object.hasOwn(found.samples, sample) || !found.locales.includes(locale)) return undefined;
  try {
    return renderer.render(template, found.samples[sample] ?? {}, locale);
  } catch (error) {
    // A relative time in it may have become one that a helper refuses.
    if (error instanceof MailFailure) return undefined;
    throw error;
  }
}

/** The document of a rendered sample, safe to show in a frame. */
export function sampleDocument({ html, text }: RenderedMail): MessageDocument {
  return messageDocument({ html, text, attachments: [], content: () => undefined });
}

/** The path of that document. */
export function sampleFrameUrl({ template, sample, locale }: TemplateSample): string {
  return `/templates/${template}/frame?${new URLSearchParams({ sample, locale })}`;
}

/** The path of the page that shows the sample. */
export function sampleUrl({ template, sample, locale }: TemplateSample, width?: string): string {
  return `/templates/${template}?${new URLSearchParams({ sample, locale, ...(width !== undefined && { width }) })}#sample`;
}
